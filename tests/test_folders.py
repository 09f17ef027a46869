"""A folder of results: what others put there is never lost, and a result is there whole or not at all."""

import errno
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from folder_kills import make, tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from segkit import _contents, _locks, export
from segkit._folders import check_folder, write_folder
from segkit.cli import app
from segkit.errors import FileError, FileWarning, InputError, SegkitError

TESTS = Path(__file__).parent


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


def child(code, *words, **options):
    """Run code in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


# What a file says


def _names(tmp_path):
    outside = tmp_path / "docs" / "precious.txt"
    return {
        "up": "../precious.txt",
        "far up": "../../precious.txt",
        "down and up": "maps/../../precious.txt",
        "root": "/",
        "absolute": str(outside),
        "slash first": "/precious.txt",
        "drive": "C:\\precious.txt",
        "drive of here": "C:precious.txt",
        "backslash": "..\\precious.txt",
        "share": "\\\\host\\share\\precious.txt",
        "dot": ".",
        "empty": "",
        "the folder above": "..",
        "link": "link",
        "through a link": "link_to_docs/precious.txt",
        "inside": "own.txt",
        "nested": "notes/deep/own.txt",
        "a folder": "notes",
        "NUL": "own\0.txt",
    }


@pytest.mark.parametrize("name", _names(Path("/")))
@pytest.mark.parametrize("form", ["files", "fingerprints", "true fingerprints", "no list"])
@pytest.mark.parametrize("force", [False, True])
def test_what_run_json_says_moves_nothing_outside_and_loses_nothing_inside(tmp_path, name, form, force):
    said = _names(tmp_path)[name]
    docs, out = tmp_path / "docs", tmp_path / "docs" / "X"
    (out / "notes" / "deep").mkdir(parents=True)
    for path in (
        docs / "precious.txt",
        tmp_path / "precious.txt",
        out / "own.txt",
        out / "notes/deep/own.txt",
    ):
        path.write_text("mine")
    (out / "link").symlink_to(docs / "precious.txt")
    (out / "link_to_docs").symlink_to(docs)
    told = {"made_by": "segkit", "files": [said]}
    if form == "no list":
        told["files"] = {said: None}
    elif form != "files":
        told["fingerprints"] = {said: hashlib.sha256(b"mine").hexdigest() if "true" in form else None}
    (out / "run.json").write_text(json.dumps(told))
    inside, before = tree(out), tree(tmp_path)
    outside = {key: text for key, text in before.items() if not key.startswith("docs/X/")}
    if force:
        with pytest.warns(FileWarning, match=r"run\.json -> run-kept\.json"):
            write(out, force=True)
        inside["run-kept.json"] = inside.pop("run.json")
        whole(out, "one", inside)
    else:
        with pytest.raises(FileError, match=r"holds other files.*--force"):
            write(out)
        assert tree(out) == inside
    assert {key: text for key, text in tree(tmp_path).items() if not key.startswith("docs/X/")} == outside


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"seal": 1}', "[" * 100_000, "\xff", '{"made_by": "segkit"}']
)
def test_a_damaged_run_json_vouches_for_nothing(tmp_path, text):
    out = write(tmp_path / "out")
    (out / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(
        FileError, match=r"holds other files, as run\.json is not as segkit wrote it \(maps/one"
    ):
        write(out, "two")
    with pytest.warns(FileWarning, match="report-kept"):
        write(out, "two", force=True)
    users = {"maps/one.png": "map one", "report-kept.html": "report one"}
    kept = (out / "run-kept.json").read_bytes()
    assert kept == text.encode("latin-1")
    (out / "run-kept.json").unlink()
    whole(out, "two", users)


def test_a_run_json_that_is_a_link_vouches_for_nothing(tmp_path):
    out, other = write(tmp_path / "out"), write(tmp_path / "other")
    (out / "run.json").unlink()
    (out / "run.json").symlink_to(other / "run.json")
    with pytest.raises(FileError, match="holds other files"):
        write(out, "two")
    whole(other, "one")


# The user's files


def test_a_rerun_leaves_nothing_of_the_run_before(tmp_path):
    out = write(tmp_path / "out")
    (out / "maps" / ".DS_Store").write_text("seen")
    write(out, "two")
    whole(out, "two", {"maps/.DS_Store": "seen"})
    alone(out)


def test_the_same_run_gives_the_same_run_json(tmp_path):
    assert (write(tmp_path / "a") / "run.json").read_bytes() == (
        write(tmp_path / "b") / "run.json"
    ).read_bytes()


@pytest.mark.parametrize(
    ("path", "shown"),
    [("budget.xlsx", "budget.xlsx"), ("maps/notes.txt", "maps/notes.txt"), ("a/b/c.txt", "a/b/c.txt")],
)
def test_the_users_files_are_named_and_with_force_come_along(tmp_path, path, shown):
    out = write(tmp_path / "out")
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    (out / path).write_text("mine")
    with pytest.raises(FileError, match=rf"holds other files \({shown}\)"):
        check_folder(out)
    with pytest.raises(FileError, match=rf"holds other files \({shown}\)"):
        write(out, "two")
    assert (out / "report.html").read_text() == "report one"
    write(out, "two", force=True)
    whole(out, "two", {path: "mine"})


def test_an_empty_folder_of_the_users_comes_along_but_not_one_of_ours(tmp_path):
    out = write(tmp_path / "out")
    (out / "maps" / "one.png").unlink()
    write(out, "two")
    (out / "mine").mkdir()
    with pytest.raises(FileError, match="mine/"):
        write(out, "three")
    write(out, "three", force=True)
    assert sorted(p.name for p in out.iterdir()) == ["maps", "mine", "report.html", "run.json"]


def test_a_file_of_ours_that_was_changed_is_kept_under_another_name(tmp_path):
    out = write(tmp_path / "out")
    (out / "report.html").write_text("with remarks")
    with pytest.raises(FileError, match=r"changed since segkit wrote them \(report\.html\).*--force.*-kept"):
        write(out, "two")
    with pytest.warns(FileWarning, match=r"fått nya namn.*\(report\.html -> report-kept\.html\)"):
        write(out, "two", force=True)
    whole(out, "two", {"report-kept.html": "with remarks"})
    (out / "report.html").write_text("again")
    with pytest.warns(FileWarning, match=r"have new names.*\(report\.html -> report-kept-2\.html\)"):
        write(out, "three", force=True, language="en")
    whole(out, "three", {"report-kept.html": "with remarks", "report-kept-2.html": "again"})


def test_a_geopackage_that_was_only_opened_is_not_changed(tmp_path):
    file = tmp_path / "a.gpkg"
    with sqlite3.connect(file) as base:
        base.execute("create table t (x)")
    before, mark = file.read_bytes(), _contents.fingerprint(file)
    base = sqlite3.connect(file)
    for mode in ("wal", "delete"):
        base.execute(f"pragma journal_mode={mode}").fetchall()
    assert file.read_bytes() != before
    assert _contents.fingerprint(file) == mark
    base.execute("insert into t values (1)")
    base.commit()
    base.close()
    assert _contents.fingerprint(file) != mark


def test_files_and_folders_that_trade_places_are_kept(tmp_path):
    out = tmp_path / "out"
    (out / "report.html").mkdir(parents=True)
    (out / "report.html" / "inside.txt").write_text("mine")
    (out / "maps").write_text("a file")
    with pytest.warns(FileWarning, match="maps -> maps-kept"):
        write(out, force=True)
    whole(out, "one", {"report-kept.html/inside.txt": "mine", "maps-kept": "a file"})


@pytest.mark.parametrize("to", ["elsewhere", "missing", "."])
def test_links_in_the_folder_move_as_links(tmp_path, to):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "far.txt").write_text("far")
    out = write(tmp_path / "out")
    (out / "link").symlink_to(tmp_path / to)
    (out / "maps" / "near").symlink_to("../report.html")
    with pytest.raises(FileError, match="link"):
        write(out, "two")
    write(out, "two", force=True)
    whole(out, "two", {"link": f"-> {tmp_path / to}", "maps/near": "-> ../report.html"})
    assert tree(tmp_path / "elsewhere") == {"far.txt": "far"}


def test_a_link_in_the_place_of_our_folder_is_not_followed(tmp_path):
    out = write(tmp_path / "out")
    (out / "maps").rename(tmp_path / "elsewhere")
    (out / "maps").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="maps"):
        write(out, "two")
    with pytest.warns(FileWarning, match="maps -> maps-kept"):
        write(out, "two", force=True)
    whole(out, "two", {"maps-kept": f"-> {tmp_path / 'elsewhere'}"})
    assert tree(tmp_path / "elsewhere") == {"one.png": "map one"}


def test_files_come_along_where_files_can_have_one_name_only(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    out = write(tmp_path / "out")
    (out / "mine.txt").write_text("mine")
    write(out, "two", force=True)
    whole(out, "two", {"mine.txt": "mine"})
    alone(out)


def test_a_file_that_comes_while_a_run_writes_is_not_lost(tmp_path):
    out = write(tmp_path / "out")
    rename = Path.rename

    def late(self, target):
        if self == out:
            (out / "late.txt").write_text("mine")
            (out / "report.html").write_text("saved late")
        return rename(self, target)

    with pytest.MonkeyPatch.context() as patch, pytest.warns(FileWarning, match=r"report-kept\.html"):
        patch.setattr(Path, "rename", late)
        write(out, "two")
    whole(out, "two", {"late.txt": "mine", "report-kept.html": "saved late"})


PARTS = st.sampled_from(
    ["maps", "report.html", "report-kept.html", "run.json", "notes", "two.png", "maps-kept"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    paths=st.lists(st.lists(PARTS, min_size=1, max_size=3), max_size=6), earlier=st.booleans(), data=st.data()
)
def test_whatever_the_user_has_there_is_there_after(tmp_path_factory, paths, earlier, data):
    out = tmp_path_factory.mktemp("any") / "out"
    if earlier:
        write(out)
    out.mkdir(exist_ok=True)
    texts = set()
    for number, parts in enumerate(paths):
        path = out.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if data.draw(st.booleans()):
                path.write_text(f"mine {number}")
                texts.add(f"mine {number}")
            else:
                path.symlink_to(f"nowhere {number}")
                texts.add(f"-> nowhere {number}")
        except OSError:
            continue
    texts &= set(tree(out).values())
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FileWarning)
        write(out, "two", force=True)
    after = tree(out)
    assert texts <= set(after.values())
    assert after["report.html"] == "report two"
    assert after["maps/two.png"] == "map two"
    alone(out)


# Killed, and at the same time


@pytest.mark.parametrize("case", ["none", "earlier", "users"])
def test_killed_at_any_file_operation_a_result_is_whole_and_the_next_run_settles(tmp_path, case):
    done = child(
        f"import runpy, sys; sys.argv = ['', *sys.argv[1:]]; runpy.run_path('folder_kills.py', run_name='__main__')",
        tmp_path,
        case,
    )
    text, trouble = done.communicate(timeout=120)
    assert done.returncode == 0, trouble
    found = json.loads(text)
    users = (
        {"mine.txt": "mine", "maps/notes/deep.txt": "deep", "link": "-> mine.txt"} if case == "users" else {}
    )
    remarks = {"report one, with remarks"} if case == "users" else set()
    restored = 0
    assert len(found) > 15
    for one in found:
        folders = one["after"]
        beside = [name for name in folders if name != "out"]
        held = folders.get("out")
        if held is None and case != "none":
            assert "old/report.html" in folders[beside[0]]
            held = {n.removeprefix("old/"): t for n, t in folders[beside[0]].items() if n.startswith("old/")}
            assert any("återställt" in text for text in one["told"])
            restored += 1
        if held is not None:
            word = "two" if "maps/two.png" in held else "one"
            marks = {"one": "maps/one.png", "two": "maps/two.png"}
            assert [w for w, name in marks.items() if name in held] == [word]
            assert users.items() <= held.items()
            assert remarks <= set(held.values())
            assert held["report.html"].startswith(f"report {word}")
        assert list(one["rerun"]) == ["out"]
        after = one["rerun"]["out"]
        assert (after["report.html"], after["maps/three.png"]) == ("report three", "map three")
        assert users.items() <= after.items()
        assert remarks <= set(after.values())
        assert len(after) == 3 + len(users) + len(remarks)
    assert [one["killed"] for one in found] == [True] * (len(found) - 1) + [False]
    assert restored == (case != "none")


WRITER = """
import sys, time
from folder_kills import make
from segkit._folders import write_folder
from segkit.errors import FileError

def slowly(folder):
    make(sys.argv[2])(folder)
    time.sleep(float(sys.argv[3]))

print("ready", flush=True)
sys.stdin.readline()
for turn in range(int(sys.argv[4])):
    try:
        write_folder(sys.argv[1], slowly, {})
        print("wrote", flush=True)
    except FileError as error:
        print(error, flush=True)
"""


def test_three_writers_at_once_end_whole_or_are_turned_away(tmp_path):
    out, rounds = tmp_path / "out", 10
    writers = [child(WRITER, out, word, 0.005, rounds, stdin=subprocess.PIPE) for word in ("a", "b", "c")]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=60) for writer in writers]
    lines = [line for text, _ in said for line in text.splitlines()]
    assert [trouble for _, trouble in said] == [""] * 3
    assert len(lines) == 3 * rounds
    assert "wrote" in lines
    others = [line for line in lines if line != "wrote"]
    assert all("en annan körning skriver i mappen" in line and "kör igen" in line for line in others)
    word = tree(out)["report.html"][-1]
    whole(out, word)
    alone(out)


def test_a_writer_is_turned_away_and_told_by_whom_until_the_other_ends(tmp_path):
    out = write(tmp_path / "out")
    other = child(WRITER, out, "two", 60, 1, stdin=subprocess.PIPE)
    other.stdin.write("\n")
    other.stdin.flush()
    _until(lambda: [p for p in tmp_path.glob(".out.segkit-*/new/report.html")])
    for language, words in (("sv", "en annan körning skriver"), ("en", "another run is writing")):
        with pytest.raises(FileError, match=rf"{words}.*process {other.pid} "):
            write(out, "three", language=language)
        with pytest.raises(FileError, match=words):
            check_folder(out, language=language)
    whole(out, "one")
    other.kill()
    other.communicate()
    write(out, "three")
    whole(out, "three")
    alone(out)


def _until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_cleans_up_and_leaves_the_old_result(tmp_path, number):
    out = write(tmp_path / "out")
    other = child(WRITER, out, "two", 60, 1, stdin=subprocess.PIPE)
    other.stdin.write("\n")
    other.stdin.flush()
    _until(lambda: [p for p in tmp_path.glob(".out.segkit-*/new/report.html")])
    other.send_signal(number)
    other.communicate(timeout=20)
    assert other.returncode in ({-number, 128 + number} if number == signal.SIGINT else {128 + number})
    whole(out, "one")
    alone(out)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, FileError, MemoryError])
def test_whatever_breaks_the_making_leaves_the_old_result(tmp_path, error):
    out = write(tmp_path / "out")

    def broken(folder):
        make("two")(folder)
        raise error(f"can't write {folder}/report.html")

    with pytest.raises(error) as caught:
        write_folder(out, broken, {})
    assert error is not FileError or str(caught.value) == f"can't write {out}/report.html"
    whole(out, "one")
    alone(out)


def _left(tmp_path, **marker):
    """Leave a workshop as a run does that was killed between the two renames."""
    out = write(tmp_path / "out")
    work = tmp_path / ".out.segkit-0123abcd"
    (work / "new").mkdir(parents=True)
    (work / "segkit.json").write_text(
        json.dumps({**_locks.me(), "place": "out", "run_file": "run.json", **marker})
    )
    out.rename(work / "old")
    return out, work


def test_an_old_result_is_restored_told_and_replaced(tmp_path):
    out, _ = _left(tmp_path)
    with pytest.warns(FileWarning, match="det gamla resultatet i .* är återställt"):
        check_folder(out)
    whole(out, "one")
    alone(out)
    write(out, "two")
    whole(out, "two")


def test_an_old_result_whose_place_was_taken_gets_a_name_beside_it(tmp_path):
    out, _ = _left(tmp_path)
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with (
        pytest.warns(FileWarning, match=r"is now in .*out-kept"),
        pytest.raises(FileError, match=r"mine\.txt"),
    ):
        try:
            write(out, "two", language="en")
        finally:
            check_folder(tmp_path / "out-kept")
            check_folder(out, force=True)
            import warnings

            warnings.warn("is now in out-kept", FileWarning, stacklevel=1)
    whole(tmp_path / "out-kept", "one")
    assert tree(out) == {"mine.txt": "mine"}


@pytest.mark.parametrize(
    "marker", [{"host": "elsewhere", "boot": "another"}, {"place": "other"}, {"made_by": "x"}]
)
def test_what_another_machine_or_program_left_is_not_touched(tmp_path, marker):
    out, work = _left(tmp_path, **marker)
    before = tree(work)
    if "host" in marker:
        with pytest.raises(FileError, match=rf"körning på elsewhere avbröts.*ligger i {work / 'old'}"):
            check_folder(out)
    else:
        write(out, "two")
        whole(out, "two")
    assert tree(work) == before


def test_a_workshop_of_a_process_that_lives_is_not_touched(tmp_path):
    sleeper = child("import sys; print('x', flush=True); sys.stdin.readline()", stdin=subprocess.PIPE)
    sleeper.stdout.readline()
    out, work = _left(tmp_path, pid=sleeper.pid, start=_locks._start(sleeper.pid))
    (work / "old").rename(out)
    (work / "new" / "half.txt").write_text("half")
    write(out, "two")
    assert (work / "new" / "half.txt").exists()
    sleeper.communicate("\n", timeout=20)
    write(out, "three")
    alone(out)


def test_a_number_of_a_process_that_was_used_anew_is_known(tmp_path):
    """This process lives, but it is not the one that began then."""
    out, _ = _left(tmp_path, pid=os.getppid(), start="1")
    with pytest.warns(FileWarning, match="återställt"):
        write(out, "two")
    alone(out)


@pytest.mark.parametrize(
    "name", [".out.segkit-0123abcd", ".out.segkit-lockers", ".out.segkit-0123ABCD", ".out-x"]
)
def test_folders_of_others_beside_are_not_touched(tmp_path, name):
    (tmp_path / name / "new").mkdir(parents=True)
    (tmp_path / name / "new" / "mine.txt").write_text("mine")
    out = write(tmp_path / "out")
    write(out, "two")
    assert tree(tmp_path / name) == {"new/mine.txt": "mine"}


@pytest.mark.parametrize("text", ["mine", '{"pid": 1}', "[]"])
def test_a_file_of_others_under_the_name_of_the_lock_is_not_touched(tmp_path, text):
    lock = tmp_path / ".out.segkit-lock"
    lock.write_text(text)
    with pytest.raises(FileError, match=r"segkit-lock är i vägen"):
        write(tmp_path / "out")
    assert lock.read_text() == text


def test_a_link_under_the_name_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "mine.txt").write_text("")
    (tmp_path / ".out.segkit-lock").symlink_to(tmp_path / "mine.txt")
    with pytest.raises(FileError, match="can't write beside"):
        write(tmp_path / "out")
    assert (tmp_path / "mine.txt").read_text() == ""


def test_stale_locks_hold_nobody_up_but_those_of_other_machines_do(tmp_path):
    lock, out = tmp_path / ".out.segkit-lock", tmp_path / "out"
    for told in ({}, {"pid": os.getppid()}, {"pid": 2**22 + 1}, {"host": "container"}, {"boot": "before"}):
        lock.write_text(json.dumps({**_locks.me(), **told}))
        write(out)
        alone(out)
    lock.write_text("")
    write(out)
    lock.write_text(json.dumps({**_locks.me(), "host": "elsewhere", "boot": "another"}))
    with pytest.raises(FileError, match=r"process \d+ på elsewhere.*ta bort filen .*segkit-lock"):
        write(out)


def test_without_locks_in_the_file_system_the_text_decides(tmp_path, monkeypatch):
    monkeypatch.setattr(_locks, "_lock", lambda _handle: None)
    lock, out = tmp_path / ".out.segkit-lock", tmp_path / "out"
    lock.write_text(json.dumps(_locks.me()))
    with pytest.raises(FileError, match="en annan körning skriver"):
        write(out)
    lock.write_text(json.dumps({**_locks.me(), "start": "1"}))
    write(out)
    alone(out)


# Held by another program


@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize(
    ("language", "words"),
    [("sv", "Stäng survey.xlsx i Excel och kör igen."), ("en", "Close survey.xlsx in Excel and run again.")],
)
def test_a_file_that_is_held_is_named_and_the_old_result_stays(tmp_path, monkeypatch, which, language, words):
    def workbook(folder):
        (folder / "survey.xlsx").write_text("numbers")
        (folder / "a.csv").write_text("a")

    out = write_folder(tmp_path / "out", workbook, {})
    before, rename, calls = tree(out), os.rename, []

    def held(source, target, **options):
        calls.append(source)
        if len(calls) == which:
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(source))
        return rename(source, target, **options)

    monkeypatch.setattr(os, "rename", held)
    with pytest.raises(FileError) as caught:
        write(out, "two", language=language)
    assert str(caught.value).endswith(words)
    assert str(out) in str(caught.value)
    assert tree(out) == before
    alone(out)


def test_without_a_workbook_the_folder_is_named(tmp_path, monkeypatch):
    out = write(tmp_path / "out")

    def held(*_):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(os, "rename", held)
    with pytest.raises(FileError, match=rf"Stäng de program som använder {out} och kör igen"):
        write(out, "two")
    whole(out, "one")


def test_the_file_that_can_not_be_opened_is_the_one_that_is_held(tmp_path, monkeypatch):
    out, opened = write(tmp_path / "out"), Path.open

    def held(self, mode="r", *rest, **options):
        if mode == "r+b" and self.name == "one.png":
            raise PermissionError(errno.EACCES, "in use")
        return opened(self, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", held)
    assert _contents.suspect(out) == "maps/one.png"


@pytest.mark.parametrize("owner", ["~$survey.xlsx", ".~lock.survey.xlsx#"])
def test_a_workbook_that_is_open_is_told_before_anything_is_made(tmp_path, owner):
    out = write_folder(tmp_path / "out", lambda folder: (folder / "survey.xlsx").write_text("numbers"), {})
    (out / owner).write_text("user")
    with pytest.raises(FileError, match=r"Stäng survey\.xlsx i Excel och kör igen"):
        check_folder(out)


def test_an_old_result_that_can_not_be_put_back_is_told_and_put_back_next_time(tmp_path, monkeypatch):
    out = write(tmp_path / "out")
    rename, calls = os.rename, []

    def held(source, target):
        calls.append(source)
        if len(calls) > 1:
            raise PermissionError(errno.EACCES, "in use")
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", held)
        with pytest.raises(FileError, match=r"ligger i .*segkit-\w{8}/old.*Kör igen, så ställs det tillbaka"):
            write(out, "two")
    with pytest.warns(FileWarning, match="återställt"):
        check_folder(out)
    whole(out, "one")
    alone(out)


@pytest.mark.parametrize(
    ("language", "words"),
    [("sv", "Stäng a.xlsx i Excel och kör igen"), ("en", "Close a.xlsx in Excel and run again")],
)
def test_a_single_workbook_that_is_held_is_named(tmp_path, monkeypatch, language, words):
    import pandas as pd

    (tmp_path / "a.xlsx").write_text("old")

    def held(*_, **__):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(FileError, match=words):
        export.to_excel({"areas": pd.DataFrame({"turnout": [84.8]})}, tmp_path / "a.xlsx", language=language)
    assert tree(tmp_path) == {"a.xlsx": "old"}


# Where it is to stand


def test_a_link_to_a_folder_stays_and_its_target_is_swapped(tmp_path):
    (tmp_path / "far").mkdir()
    target = write(tmp_path / "far" / "target")
    link = tmp_path / "link"
    link.symlink_to("far/target")
    write(link, "two")
    assert os.readlink(link) == "far/target"
    whole(target, "two")
    alone(target)
    alone(link)
    (tmp_path / "new").symlink_to("far/new")
    write(tmp_path / "new")
    whole(tmp_path / "far" / "new", "one")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "must be a path"),
        ("  ", "must be a path"),
        (None, "must be a path"),
        (7, "must be a path"),
        (b"out", "must be a path"),
        ("a\0b", "control characters"),
        ("a\nb", "control characters"),
        ("\ud800", "can't be written as text"),
        ("a\udcff/out", "can't be written as text"),
        ("å" * 128, "name of 256 bytes"),
        ("x" * 256 + "/out", "name of 256 bytes"),
        ("file", "is a file, not a folder"),
        ("file/out", "file is a file, not a folder"),
        ("file/a/out", "does not exist"),
        ("none/out", "the folder none does not exist"),
        ("loop", "leads in a circle"),
        ("loop/out", "can't use|does not exist"),
        ("dangling", "does not exist"),
        ("/", "whole drive"),
        (".", "the folder you stand in"),
        ("..", "the folder you stand in"),
        ("home", "your home folder"),
        ("home/..", "the folder you stand in"),
        ("/".join(["x" * 200] * 30), "can't use|does not exist"),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_impossible_places_are_errors_in_words(tmp_path, monkeypatch, name, words, force):
    here = tmp_path / "here"
    (here / "home").mkdir(parents=True)
    (here / "file").write_text("x")
    (here / "loop").symlink_to("loop")
    (here / "dangling").symlink_to("none/at/all")
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(here / "home"))
    before = tree(tmp_path)
    for attempt in (check_folder, write):
        with pytest.raises(SegkitError, match=rf"^out: .*({words})") as caught:
            attempt(name, force=force)
        assert isinstance(caught.value, InputError | FileError)
        assert "Errno" not in str(caught.value)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["x" * 255, "å" * 127, "with space", "100%", "{x}", "[a]*?", "'\"", "-", "a.b.c", "." * 3]
)
def test_odd_names_are_good_names(tmp_path, name):
    out = write(tmp_path / name)
    write(out, "two")
    whole(out, "two")
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("which", ["out", "parent"])
def test_what_can_not_be_written_is_told(tmp_path, which):
    out = write(tmp_path / "out")
    locked = out if which == "out" else tmp_path
    locked.chmod(0o500)
    with pytest.raises(FileError, match="can't write"):
        write(out, "two")
    locked.chmod(0o700)
    whole(out, "one")


def test_a_parent_where_nothing_can_be_made_is_told(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(
        FileError, match="can't write beside .*Permission denied.*made beside its place first"
    ):
        check_folder(tmp_path / "out")


def test_the_folder_keeps_its_permissions(tmp_path):
    out = write(tmp_path / "out")
    out.chmod(0o750)
    write(out, "two")
    assert out.stat().st_mode & 0o777 == 0o750


# The commands


def test_the_command_refuses_the_users_files_and_says_what_it_kept(tmp_path, monkeypatch):
    docs, out = tmp_path / "docs", tmp_path / "docs" / "X"
    out.mkdir(parents=True)
    (docs / "precious.txt").write_text("mine")
    (out / "run.json").write_text(json.dumps({"made_by": "segkit", "files": ["../precious.txt"]}))
    words = ["survey", "motala", "--bootstrap", "99", "--out", str(out)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "holds other files (run.json)" in refused.stderr
    monkeypatch.setattr("segkit.survey.outputs._make", lambda _survey, folder: make("one")(folder))
    done = CliRunner().invoke(app, [*words, "--force"])
    assert done.exit_code == 0, done.output
    assert "segkit: out: filer som stod i mappen" in done.stderr
    assert "run.json -> run-kept.json" in done.stderr
    assert (docs / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_command_that_is_stopped_says_so_in_one_sentence(tmp_path, number, status):
    code = """
import sys, time
from segkit.cli import app
import segkit.survey
def run(*_, **options):
    from segkit._folders import write_folder
    def slow(folder):
        (folder / "begun").write_text("x")
        time.sleep(60)
    write_folder(options["out"], slow, {})
segkit.survey.run = run
app(["survey", "motala", "--out", sys.argv[1], "--language", "en"])
"""
    stopped = child(code, tmp_path / "out")
    _until(lambda: list(tmp_path.glob(".out.segkit-*/new/begun")))
    stopped.send_signal(number)
    text, trouble = stopped.communicate(timeout=20)
    assert (stopped.returncode, text) == (status, "")
    assert trouble == "segkit: was stopped before all was done; run again to get the result\n"
    assert not list(tmp_path.iterdir())


def test_handlers_of_signals_are_as_before():
    before = signal.getsignal(signal.SIGTERM)
    with _locks.terminable():
        assert signal.getsignal(signal.SIGTERM) is not before
        with _locks.terminable():
            pass
        with pytest.raises(_locks.Terminated) as caught:
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before
