"""Rules read from a file: right, or refused with the entry and the key."""

import pytest
from typer.testing import CliRunner

from segkit import screening
from segkit.cli import app
from segkit.errors import FileError, InputError

GOOD = """
name = "a rule"
at_least = 2
[references]
median_income = 300
[[criteria]]
indicator = "unemployment_rate"
sign = ">="
threshold = 10
[[criteria]]
indicator = "median_income"
sign = "<"
threshold = 0.8
relative = "ratio"
[[criteria]]
at_least = "any"
[[criteria.criteria]]
indicator = "turnout"
sign = "<"
threshold = 75
[[criteria.criteria]]
indicator = "employment_rate"
sign = "<"
threshold = 70
periods = 2
"""


def written(folder, text):
    path = folder / "rule.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_rule_within_a_rule(tmp_path):
    rule, references = screening.read_rule(written(tmp_path, GOOD))
    any_of = screening.any_of(
        screening.Criterion("turnout", "<", 75), screening.Criterion("employment_rate", "<", 70, periods=2)
    )
    assert rule == screening.at_least(
        2,
        screening.Criterion("unemployment_rate", ">=", 10),
        screening.Criterion("median_income", "<", 0.8, "ratio"),
        any_of,
        name="a rule",
    )
    assert references == {"median_income": 300}


def test_all_must_hold_where_nothing_is_said(tmp_path):
    text = '[[criteria]]\nindicator = "turnout"\nsign = "<"\nthreshold = 70\n' * 2
    assert screening.read_rule(written(tmp_path, text))[0].at_least == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('sign = ">="', "sign = >=", r"rule.toml: is no TOML: .*line 8"),
        ('sign = ">="', 'sign = "=="', r"rule.toml, criterion 1: sign: is '=='"),
        ("threshold = 10", 'threshold = "ten"', r"criterion 1: threshold"),
        ("threshold = 10", "limit = 10", r"criterion 1: has keys that are not known \(limit\)"),
        ("threshold = 10", "", r"criterion 1: lacks threshold"),
        ('relative = "ratio"', 'relative = "half"', r"criterion 2: relative: is 'half'"),
        ("periods = 2", "periods = 0", r"criterion 3, criterion 2: periods"),
        ("at_least = 2", "at_least = 4", r"at_least is 4, must be .* from 1 to 3"),
        ("at_least = 2", "at_least = true", r"at_least is True"),
        ('at_least = "any"', 'at_least = "most"', r"criterion 3: at_least is 'most'"),
        ('name = "a rule"', "name = 7", r"name is 7, must be text"),
        ("median_income = 300", "median_income = [1]", r"references must be numbers or names of columns"),
        ('name = "a rule"', 'title = "a rule"', r"has keys that are not known \(title\)"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, old, new, words):
    with pytest.raises(InputError, match=words):
        screening.read_rule(written(tmp_path, GOOD.replace(old, new, 1)))


def test_files_that_hold_no_rule(tmp_path):
    with pytest.raises(InputError, match="has no criteria"):
        screening.read_rule(written(tmp_path, 'name = "empty"\n'))
    with pytest.raises(FileError, match="can't read"):
        screening.read_rule(tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is no TOML"):
        screening.read_rule(tmp_path / "b.toml")


def test_the_command_takes_a_file_and_a_list(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, GOOD)
    (tmp_path / "list.txt").write_text("0483C1050\n0483C1090\n", encoding="utf-8")
    command = ["screen", "katrineholm", "--rule", "rule.toml", "--list", "list.txt", "--out", "made"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "made" / "report.html").is_file()


def test_denmarks_rule_says_which_figures_are_lacking(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["screen", "katrineholm", "--rule", "danish"])
    assert done.exit_code == 2
    assert "outside_work_share" in done.output
    assert len(list(tmp_path.iterdir())) == 0
