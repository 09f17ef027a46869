"""A folder of results when a run is killed or stopped, meets another or finds a file held."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from folder_kills import PROCESS, alone, child, make, tree, whole, write

from segkit import export
from segkit.base import contents, locks
from segkit.base.folders import check_folder, write_folder
from segkit.errors import FileError, FileWarning


def _refused(out, words, **options):
    with pytest.raises(FileError, match=words):
        write(out, "two", **options)


# Killed, and at the same time


@pytest.mark.parametrize("case", ["none", "earlier", "users"])
def test_killed_at_any_file_operation_a_result_is_whole_and_the_next_run_settles(tmp_path, case):
    done = subprocess.run(
        [sys.executable, "folder_kills.py", tmp_path, case], **PROCESS, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
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
from segkit.base.folders import write_folder
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
    _until(lambda: list(tmp_path.glob(".out.segkit-*/new/report.html")))
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
    _until(lambda: list(tmp_path.glob(".out.segkit-*/new/report.html")))
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
        json.dumps({**locks.me(), "place": "out", "run_file": "run.json", **marker})
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
    with pytest.warns(FileWarning, match=r"is now in .*out-kept"):
        _refused(out, r"mine\.txt", language="en")
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
    out, work = _left(tmp_path, pid=sleeper.pid, start=locks._start(sleeper.pid))
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
        lock.write_text(json.dumps({**locks.me(), **told}))
        write(out)
        alone(out)
    lock.write_text("")
    write(out)
    lock.write_text(json.dumps({**locks.me(), "host": "elsewhere", "boot": "another"}))
    with pytest.raises(FileError, match=r"process \d+ på elsewhere.*ta bort filen .*segkit-lock"):
        write(out)


def test_without_locks_in_the_file_system_the_text_decides(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "_lock", lambda _handle: None)
    lock, out = tmp_path / ".out.segkit-lock", tmp_path / "out"
    lock.write_text(json.dumps(locks.me()))
    with pytest.raises(FileError, match="en annan körning skriver"):
        write(out)
    lock.write_text(json.dumps({**locks.me(), "start": "1"}))
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
    assert contents.suspect(out) == "maps/one.png"


@pytest.mark.parametrize("owner", ["~$survey.xlsx", ".~lock.survey.xlsx#"])
def test_a_workbook_that_is_open_is_told_before_anything_is_made(tmp_path, owner):
    out = write_folder(tmp_path / "out", lambda folder: (folder / "survey.xlsx").write_text("numbers"), {})
    (out / owner).write_text("user")
    with pytest.raises(FileError, match=r"Stäng survey\.xlsx i Excel och kör igen"):
        check_folder(out)


def test_an_old_folder_that_can_not_go_is_told_and_goes_next_time(tmp_path, monkeypatch):
    out = write(tmp_path / "out")
    rename = Path.rename

    def held(self, target):
        if Path(target).name == "gone":
            raise PermissionError(errno.EACCES, "in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.warns(FileWarning, match=r"resultatet är klart.*kvar i .*/old"):
        write(out, "two")
    monkeypatch.undo()
    whole(out, "two")
    check_folder(out)
    whole(out, "two")
    alone(out)


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


# The commands


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_command_that_is_stopped_says_so_in_one_sentence(tmp_path, number, status):
    code = """
import sys, time
from segkit.cli import app
import segkit.studies.survey
def run(*_, **options):
    from segkit.base.folders import write_folder
    def slow(folder):
        (folder / "begun").write_text("x")
        time.sleep(60)
    write_folder(options["out"], slow, {})
segkit.studies.survey.run = run
app(["survey", "motala", "--out", sys.argv[1], "--language", "en"])
"""
    stopped = child(code, tmp_path / "out")
    _until(lambda: list(tmp_path.glob(".out.segkit-*/new/begun")))
    stopped.send_signal(number)
    text, trouble = stopped.communicate(timeout=20)
    assert (stopped.returncode, text) == (status, "")
    assert trouble.strip() == "segkit: was stopped before all was done; run again to get the result"
    assert not list(tmp_path.iterdir())


def test_handlers_of_signals_are_as_before():
    before = signal.getsignal(signal.SIGTERM)
    with locks.terminable():
        assert signal.getsignal(signal.SIGTERM) is not before
        with locks.terminable():
            pass
        with pytest.raises(locks.Terminated) as caught:
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before
