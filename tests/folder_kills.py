"""Small results to test with; run as a program: kill a run at each file operation, tell what stands there.

An audit hook sees every operation before it happens, whichever function asks for it.
"""

import json
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

from segkit.base.folders import write_folder

TESTS = Path(__file__).parent

WATCHED = (
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
)


def make(word):
    """Return a function that writes a small result."""

    def write(folder):
        (folder / "maps").mkdir()
        (folder / "report.html").write_text(f"report {word}")
        (folder / "maps" / f"{word}.png").write_text(f"map {word}")

    return write


def kill_at(number, root):
    """Kill this process at the operation of that number under `root`."""
    seen = 0

    def watch(event, arguments):
        nonlocal seen
        writes = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if event in WATCHED or (writes and str(arguments[0]).startswith(str(root))):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def tree(folder):
    """Return what stands in a folder: name -> content, links as where they lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = path.read_text()
    return found


def write(out, word="one", **options):
    return write_folder(out, make(word), {"seed": 0}, **options)


def whole(out, word, users=()):
    """Check that a result stands in a folder, with the user's files and nothing else."""
    found = tree(out)
    assert found.pop("report.html") == f"report {word}"
    assert found.pop(f"maps/{word}.png") == f"map {word}"
    assert json.loads(found.pop("run.json"))["files"] == [f"maps/{word}.png", "report.html"]
    assert found == dict(users)


def alone(out):
    """Check that nothing lies beside a folder that a run made."""
    assert not [path.name for path in out.parent.iterdir() if "segkit" in path.name]


PROCESS = {
    "cwd": TESTS,
    "env": {**os.environ, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"},
    "stdout": subprocess.PIPE,
    "stderr": subprocess.PIPE,
    "text": True,
}


def child(code, *words, **options):
    """Run code in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, words)], **PROCESS, **options)


def one(root, number, prepare):
    """Kill the second run at an operation; return whether it was, what stands there, and after a third."""
    out = root / "out"
    prepare(out)
    force = (out / "mine.txt").exists()
    child = os.fork()
    if child == 0:
        kill_at(number, root)
        warnings.simplefilter("ignore")
        write_folder(out, make("two"), {}, force=force)
        os._exit(0)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    after = {path.name: tree(path) for path in root.iterdir() if path.is_dir()}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        write_folder(out, make("three"), {}, force=force)
    return {
        "killed": killed,
        "after": after,
        "told": [str(warning.message) for warning in told],
        "rerun": {path.name: tree(path) if path.is_dir() else "" for path in root.iterdir()},
    }


def none(_out):
    """Let nothing stand there."""


def earlier(out):
    """Let an earlier result stand there."""
    write_folder(out, make("one"), {})


def users(out):
    """Let an earlier result stand there, with the user's files, one of them an edited one of ours."""
    earlier(out)
    (out / "mine.txt").write_text("mine")
    (out / "maps" / "notes").mkdir()
    (out / "maps" / "notes" / "deep.txt").write_text("deep")
    (out / "link").symlink_to("mine.txt")
    (out / "report.html").write_text("report one, with remarks")


if __name__ == "__main__":
    base, case = Path(sys.argv[1]), {"none": none, "earlier": earlier, "users": users}[sys.argv[2]]
    number, found = 0, []
    while not found or found[-1]["killed"]:
        number += 1
        root = base / str(number)
        root.mkdir()
        found.append(one(root, number, case))
    sys.stdout.write(json.dumps(found))
