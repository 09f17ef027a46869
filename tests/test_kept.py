"""What is made once a session is made once, by whichever process asks first, and nobody changes it."""

import subprocess
import sys
from pathlib import Path

import pytest
from kept import Kept

TESTS = Path(__file__).parent
CALLS = []


def made(name, *, size=3):
    CALLS.append(name)
    return [name] * size


def broken():
    CALLS.append("broken")
    raise ValueError("no")


@pytest.fixture
def once(tmp_path):
    CALLS.clear()
    return Kept(tmp_path / "kept").once


def test_each_choice_of_arguments_is_made_once_and_handed_out_anew(once):
    once(made, "a").append("spoilt")
    assert once(made, "a") == ["a"] * 3
    assert once(made, "a", size=1) == ["a"]
    assert once(made, "b") == ["b"] * 3
    assert CALLS == ["a", "a", "b"]


def test_what_fails_is_not_kept_and_holds_nobody_up(once, tmp_path):
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            once(broken)
    assert CALLS == ["broken"] * 2
    assert list((tmp_path / "kept").iterdir()) == []


def test_processes_at_the_same_time_make_it_once(tmp_path):
    slow = (
        "import sys, time, pathlib, kept\n"
        "def slow():\n    time.sleep(0.5)\n    open(sys.argv[1] + '/calls', 'a').write('x')\n    return 7\n"
        "print(kept.Kept(pathlib.Path(sys.argv[1]) / 'kept').once(slow))\n"
    )
    command = [sys.executable, "-c", slow, str(tmp_path)]
    both = [subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate(timeout=120)[0] for one in both] == ["7\n", "7\n"]
    assert (tmp_path / "calls").read_text() == "x"


def test_a_survey_in_an_example_is_the_one_of_the_tests(surveyed, monkeypatch):
    from segkit import survey

    first = surveyed("motala", n_bootstrap=99)
    monkeypatch.setattr(survey.run.__globals__["Choices"], "__init__", None)
    again = surveyed("motala", n_bootstrap=99)
    assert again is not first
    assert again.areas.equals(first.areas)
    with pytest.raises(AssertionError, match="written anew"):
        surveyed("motala", out="x")
