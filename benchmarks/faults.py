"""Thousands of folders, equivalent and faulty, through reading and analysis: how each is answered.

    python benchmarks/faults.py 2000 [--files 50] [--seed 0] [--workers 2] [--log FILE] [--out FILE]

The folders are those of the tests (tests/folder_factory.py), drawn by number and seed. Each is surveyed with
99 draws in a worker of its own that may take 60 s of processor time and 6 GiB for one folder; the first
`--files` of them that the analysis answers are surveyed again by the command line, with all files. Answers
are kept in the log: a run that was broken off goes on from there (delete it after a change of the code).
Prints a table in Markdown: folders by how they must be answered and how they were; then the largest
processor time and memory of a folder, and every folder that was answered raw or silently wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

SECONDS, MEMORY_GIB = 60, 6
#: What a folder may take, as the table says it.
MOST_SECONDS, MOST_GIB = 20, 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("number", type=int, help="how many folders")
    parser.add_argument("--files", type=int, default=0, help="how many of them also with all files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="file for the table, besides the screen")
    parser.add_argument("--log", type=Path, default=Path("faults.jsonl"), help="file of the answers")
    parser.add_argument("--worker", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker is not None:
        work(arguments.worker, arguments.seed, arguments.log, files=arguments.files > 0)
        return
    found = answered(list(range(arguments.number)), arguments)
    whole = [f["number"] for f in found if f["outcome"] in {"as the base", "answered"}][: arguments.files]
    with_files = answered(whole, arguments, files=True) if whole else []
    text = "\n".join(report(found, with_files, arguments))
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


def answered(
    numbers: list[int], arguments: argparse.Namespace, *, files: bool = False
) -> list[dict[str, Any]]:
    """Give the folders to workers and return how each was answered, in order; those in the log are done."""
    kept = {}
    log: Path = arguments.log
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else ():
        told = json.loads(line)
        if told["seed"] == arguments.seed and told["files"] == files:
            kept[told["number"]] = told
    left = [n for n in numbers if n not in kept]
    shares = [left[k :: arguments.workers] for k in range(arguments.workers)]
    with ThreadPoolExecutor(arguments.workers) as pool:
        for part in pool.map(lambda share: _share(share, arguments.seed, log, files=files), shares):
            kept |= {told["number"]: told for told in part}
    return [kept[n] for n in numbers]


def _share(numbers: list[int], seed: int, log: Path, *, files: bool) -> list[dict[str, Any]]:
    """Let workers go through numbers; one that ends before its time is followed by another."""
    found: list[dict[str, Any]] = []
    while left := numbers[len(found) :]:
        options = ["0", "--seed", str(seed), "--files", str(int(files)), "--worker", json.dumps(left)]
        command = [sys.executable, __file__, *options, "--log", str(log)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if "ready" not in done.stdout:
            raise SystemExit(done.stderr)
        found += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode and len(found) < len(numbers):
            words = (done.stderr.strip().splitlines() or ["ended"])[-1]
            ended = {"number": numbers[len(found)], "seed": seed, "files": files, "name": "", "answer": ""}
            ended |= {"outcome": "raw", "words": f"status {done.returncode}: {words}"}
            found.append(ended | {"seconds": SECONDS, "gib": 0})
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(found[-1])}\n")
    return found


def work(numbers: list[int], seed: int, log: Path, *, files: bool) -> None:
    """Answer folders one after another, and print and log a line for each."""
    import folder_judge
    from folder_factory import N_BASES, draw

    limit = MEMORY_GIB * 2**30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # What is loaded and computed once belongs to no folder.
    for number in range(N_BASES):
        folder_judge.answer_of_base(number)
    print("ready", flush=True)
    for number in numbers:
        case = draw(number, seed)
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
        _forget_peak()
        begun = time.process_time()
        verdict = (folder_judge.by_command if files else folder_judge.judged)(case, seed)
        told = {
            "number": number,
            "seed": seed,
            "files": files,
            "name": case.name,
            "answer": case.answer,
            "outcome": verdict.outcome,
        }
        told |= {"words": verdict.words[:300], "seconds": time.process_time() - begun, "gib": _peak()}
        line = json.dumps(told)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        print(line, flush=True)


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    """Return the most memory since it was last forgotten, in GiB."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def report(
    found: list[dict[str, Any]], with_files: list[dict[str, Any]], arguments: argparse.Namespace
) -> list[str]:
    """Return the table and what is to be seen to, in Markdown."""
    from folder_judge import OUTCOMES

    command = (
        f"python benchmarks/faults.py {arguments.number} --files {arguments.files} --seed {arguments.seed}"
    )
    lines = ["# Folders as users bring them", "", f"`{command}`", ""]
    heads = ["must be answered", *OUTCOMES, "folders"]
    lines += ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    kinds = [*dict.fromkeys(f["answer"] for f in found), "all"]
    for kind in kinds:
        mine = [f for f in found if kind in {"all", f["answer"]}]
        counts = [sum(f["outcome"] == o for f in mine) for o in OUTCOMES]
        lines.append(
            "| " + " | ".join([kind or "(ended)", *(f"{c:,}" for c in counts), f"{len(mine):,}"]) + " |"
        )
    if with_files:
        counts = [sum(f["outcome"] == o for f in with_files) for o in OUTCOMES]
        lines.append(
            "| with all files | " + " | ".join([*(f"{c:,}" for c in counts), f"{len(with_files):,}"]) + " |"
        )
    lines += ["", "| what | analysis | with all files |", "| --- | --- | --- |"]
    for what, key, most in (
        ("processor time of a folder, s", "seconds", MOST_SECONDS),
        ("memory, GiB", "gib", MOST_GIB),
    ):
        for name, of in (
            ("median", _median),
            ("largest", max),
            (f"folders over {most}", lambda v, m=most: sum(x > m for x in v)),
        ):
            cells = [_number(of([f[key] for f in part])) if part else "" for part in (found, with_files)]
            lines.append(f"| {what}: {name} | {cells[0]} | {cells[1]} |")
    wrong = [f for f in [*found, *with_files] if f["outcome"] in {"raw", "silently wrong"}]
    lines += ["", *(f"- {f['number']} {f['name'][:120]}: {f['outcome']}, {f['words']}" for f in wrong)]
    return lines


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"


if __name__ == "__main__":
    main()
