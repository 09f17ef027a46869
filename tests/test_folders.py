"""A folder of results: what others put there is never lost, and a result is there whole or not at all."""

import errno
import hashlib
import json
import os
import sqlite3
import warnings
from pathlib import Path

import pytest
from folder_kills import alone, make, tree, whole, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from segkit.base import contents
from segkit.base.folders import check_folder
from segkit.cli import app
from segkit.errors import FileError, FileWarning, InputError, SegkitError

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
    before, mark = file.read_bytes(), contents.fingerprint(file)
    base = sqlite3.connect(file)
    for mode in ("wal", "delete"):
        base.execute(f"pragma journal_mode={mode}").fetchall()
    assert file.read_bytes() != before
    assert contents.fingerprint(file) == mark
    base.execute("insert into t values (1)")
    base.commit()
    base.close()
    assert contents.fingerprint(file) != mark


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


def test_a_file_that_comes_while_a_run_writes_is_not_lost(tmp_path, monkeypatch):
    out = write(tmp_path / "out")
    rename = Path.rename

    def late(self, target):
        if self == out:
            (out / "late.txt").write_text("mine")
            (out / "report.html").write_text("saved late")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    with pytest.warns(FileWarning, match=r"report-kept\.html"):
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FileWarning)
        write(out, "two", force=True)
    after = tree(out)
    assert texts <= set(after.values())
    assert after["report.html"] == "report two"
    assert after["maps/two.png"] == "map two"
    alone(out)


# Where it is to stand


def test_a_link_to_a_folder_stays_and_its_target_is_swapped(tmp_path):
    (tmp_path / "far").mkdir()
    target = write(tmp_path / "far" / "target")
    link = tmp_path / "link"
    link.symlink_to("far/target")
    write(link, "two")
    assert link.readlink() == Path("far/target")
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
        ("loop/out", "loop is a link that leads in a circle"),
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


@pytest.mark.filterwarnings("default::segkit.errors.FileWarning")
def test_the_command_refuses_the_users_files_and_says_what_it_kept(tmp_path, monkeypatch):
    docs, out = tmp_path / "docs", tmp_path / "docs" / "X"
    out.mkdir(parents=True)
    (docs / "precious.txt").write_text("mine")
    (out / "run.json").write_text(json.dumps({"made_by": "segkit", "files": ["../precious.txt"]}))
    words = ["survey", "motala", "--bootstrap", "99", "--out", str(out)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "holds other files (run.json)" in refused.stderr
    monkeypatch.setattr("segkit.studies.study._make", lambda _study, folder: make("one")(folder))
    done = CliRunner().invoke(app, [*words, "--force"])
    assert done.exit_code == 0, done.output
    assert "segkit: out: filer som stod i mappen" in done.stderr
    assert "run.json -> run-kept.json" in done.stderr
    assert (docs / "precious.txt").read_text() == "mine"
