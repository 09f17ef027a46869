"""A rule in a file of its own, so that it can be agreed upon, kept and run again."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.errors import FileError, InputError, message
from segkit.studies.screening.rules import Criterion, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_RULE = ("name", "at_least", "criteria")
_OF_CRITERION = ("indicator", "sign", "threshold", "relative", "periods")
_NEEDED = ("indicator", "sign", "threshold")
#: No rule nests deeper than a person can read.
_DEEPEST = 4


def read_rule(path: str | Path) -> tuple[Rule, dict[str, float | str]]:
    """Read a rule from a TOML file, with what relative criteria are compared with.

    The file holds ``name``; ``at_least`` (how many criteria must hold: a number, ``"all"``, which is the
    default, or ``"any"``); an entry ``[[criteria]]`` for each criterion with ``indicator, sign,
    threshold`` and, where wanted, ``relative`` and ``periods`` as in `Criterion`; and ``[references]``,
    indicator = number or name of a column. An entry that has ``criteria`` of its own is a rule within
    the rule.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Rule
        The rule.
    dict
        Indicator -> reference, as `screen` takes it.

    Raises
    ------
    FileError
        When the file can't be read.
    InputError
        When it is no TOML, or an entry is wrong: which entry and key, and what it must be.

    Examples
    --------
    >>> import tempfile
    >>> text = '''at_least = "any"
    ... [[criteria]]
    ... indicator = "turnout"
    ... sign = "<"
    ... threshold = 70
    ... [[criteria]]
    ... indicator = "employment_rate"
    ... sign = "<"
    ... threshold = 60
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "rule.toml"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     read_rule(file)[0].describe(language="en")
    'any of: Turnout below 70.0 per cent; Employment rate below 60.0 per cent'
    """
    file = Path(path)
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FileError(message("rule", f"can't read {file}: {error.strerror or error}")) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(message(file.name, f"is no TOML: {error}")) from error
    references = told.pop("references", {})
    return _rule(told, file.name, 1), _references(references, file.name)


def _rule(told: Mapping[str, Any], where: str, depth: int) -> Rule:
    _check_keys(told, _OF_RULE, where)
    if depth > _DEEPEST:
        raise InputError(message(where, f"nests more than {_DEEPEST} rules within one another"))
    entries = told.get("criteria")
    if not isinstance(entries, list) or not entries:
        fix = "Write an entry [[criteria]] with indicator, sign and threshold for each."
        raise InputError(message(where, "has no criteria", fix=fix))
    parts = tuple(
        _part(entry, f"{where}, criterion {number}", depth) for number, entry in enumerate(entries, start=1)
    )
    least = told.get("at_least", "all")
    most = {"all": len(parts), "any": 1}
    count = most.get(least) if isinstance(least, str) else least
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(parts):
        rule = f'at_least is {least!r}, must be "all", "any" or a whole number from 1 to {len(parts)}'
        raise InputError(message(where, rule))
    name = told.get("name", "")
    if not isinstance(name, str):
        raise InputError(message(where, f"name is {name!r}, must be text"))
    return Rule(parts, count, name)


def _part(entry: Any, where: str, depth: int) -> Criterion | Rule:
    if not isinstance(entry, dict):
        raise InputError(message(where, f"is {entry!r}, must be an entry [[criteria]]"))
    if "criteria" in entry:
        return _rule(entry, where, depth + 1)
    _check_keys(entry, _OF_CRITERION, where)
    lacking = [key for key in _NEEDED if key not in entry]
    if lacking:
        raise InputError(message(where, f"lacks {', '.join(lacking)}"))
    try:
        return Criterion(**entry)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _check_keys(told: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    strangers = [key for key in told if key not in known]
    if strangers:
        raise InputError(
            message(where, "has keys that are not known", strangers, f"Known: {', '.join(known)}.")
        )


def _references(told: Any, where: str) -> dict[str, float | str]:
    if not isinstance(told, dict):
        raise InputError(message(where, "references must be a table [references]"))
    wrong = [
        key
        for key, value in told.items()
        if isinstance(value, bool) or not isinstance(value, str | int | float)
    ]
    if wrong:
        raise InputError(message(where, "references must be numbers or names of columns", wrong))
    return dict(told)
