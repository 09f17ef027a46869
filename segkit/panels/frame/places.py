"""Which area a cell means: codes and names match whole, nothing is guessed, every unknown name is listed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from segkit.panels.frame.raw import folded
from segkit.panels.frame.texts import nearest, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from segkit.panels.frame.raw import Column

#: What a cell of a column of areas may be.
AREA, OTHER, TOTAL, RESIDUAL, UNKNOWN, BLANK, LEFT = range(7)

TOTALS = words("total_area")
RESIDUALS = re.compile(
    r"(restpost(er)?|rest|okän[dt]a?|övrig[at]?|ospecificera[dt]e?|uppgift saknas|ej fördela[dt]e?|"
    r"ofördela[dt]e?|unknown|other|"
    r"residual|not specified|unspecified|unallocated|utan område)(\s.*)?",
    re.IGNORECASE,
)
_VINTAGE = re.compile(r"_(deso|regso)(20\d\d)?$", re.IGNORECASE)
_PAIR = re.compile(r"(\S.*?)\s*\((.+)\)")


def form_of(code: str) -> str:
    """Return the form of a code: 9 for a digit, A for a letter, other signs as they are.

    Examples
    --------
    >>> form_of("0880C1010")
    '9999A9999'
    """
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", code))


def is_code(text: str) -> bool:
    """Tell whether a text looks like a code: one word with a digit in it."""
    return bool(text) and " " not in text and any(c.isdigit() for c in text)


def is_total(text: str) -> bool:
    """Tell whether a text says that its row is a sum of areas."""
    plain = folded(text).strip(" :.*")
    return plain in TOTALS


@dataclass
class Areas:
    """The areas of a survey: by id, and by name where names tell them apart."""

    ids: list[str]
    names: list[str]
    same: dict[str, str] = field(default_factory=dict)
    leave_out: list[str] = field(default_factory=list)
    place: str = ""
    bounded: bool = True

    def __post_init__(self) -> None:
        self.by_id = {text: i for i, text in enumerate(self.ids)}
        self.by_folded_id = _only({folded(text): i for i, text in enumerate(self.ids)}, map(folded, self.ids))
        bare = [_bare(text) for text in self.ids]
        self.by_bare_id = _only(dict(zip(bare, range(len(bare)), strict=True)), bare)
        plain = [folded(name) for name in self.names]
        self.by_name = _only(dict(zip(plain, range(len(plain)), strict=True)), plain)
        self.forms = frozenset(form_of(text) for text in self.ids if is_code(text))
        if len(self.forms) > 3:
            self.forms = frozenset()
        # Ids that begin with the digits of a larger region: rows of that region are no areas here.
        self.prefix = min((len(m.group()) for t in self.ids if (m := re.match(r"\d*", t))), default=0)
        self.shortest = min((len(t) for t in self.ids), default=0)
        self.left = {folded(text) for text in self.leave_out}
        self.told = {folded(text): target for text, target in self.same.items()}

    @property
    def shown(self) -> list[str]:
        """The names as they are shown: with the id where a name is not alone."""
        often = Counter(self.names)
        return [f"{n} ({i})" if often[n] > 1 else n for n, i in zip(self.names, self.ids, strict=True)]

    def find(self, text: str) -> int | None:
        """Return the area that a whole text names, by id or name."""
        if text in self.by_id:
            return self.by_id[text]
        plain = folded(text)
        found = self.by_folded_id.get(plain)
        if found is None:
            found = self.by_name.get(plain)
        if found is None and text[:1].isdigit():
            # Codes that a program took for numbers: zeros lost at the front, .0 put at the end.
            found = self.by_bare_id.get(_bare(text.removesuffix(".0")))
        return found

    def nearest(self, text: str) -> str | None:
        """Return the name or code most like a text."""
        return nearest(text, [*self.names, *(i for i in self.ids if i not in set(self.names))])


def _bare(text: str) -> str:
    return text.lstrip("0") if text[:1].isdigit() else f"\0{text}"


def _only(found: dict[str, int], keys: Iterable[str]) -> dict[str, int]:
    often = Counter(keys)
    return {key: i for key, i in found.items() if often[key] == 1}


@dataclass
class Matched:
    """What each distinct cell of a column means: status, area, and how it was told apart."""

    status: NDArray[np.intp]
    area: NDArray[np.intp]
    how: list[str]


def match(column: Column, areas: Areas) -> Matched:
    """Tell for each distinct cell of a column which area it means."""
    texts = column.texts
    status = np.full(len(texts), UNKNOWN, dtype=np.intp)
    area = np.full(len(texts), -1, dtype=np.intp)
    how = [""] * len(texts)
    loose: list[int] = []
    for k, text in enumerate(texts):
        status[k], area[k], how[k] = _one(text, areas)
        if status[k] == UNKNOWN and not isinstance(column.cells[k], float):
            loose.append(k)
    _first_words(texts, areas, status, area, how, loose)
    _second_names(texts, areas, status, area, how, loose)
    for k in loose:
        if status[k] == UNKNOWN:
            _larger(texts[k], areas, status, how, k)
    return Matched(status, area, how)


def _one(text: str, areas: Areas) -> tuple[int, int, str]:
    """Return what a text means by itself: status, area, and how it was told."""
    plain = folded(text)
    if not text:
        return BLANK, -1, ""
    if plain in areas.told:
        found = areas.find(areas.told[plain])
        return (AREA, found, "same") if found is not None else (UNKNOWN, -1, "")
    if plain in areas.left:
        return LEFT, -1, "told"
    at, how = _area_of(text, plain, areas)
    return (AREA, at, how) if at is not None else (*_no_area(text, plain, areas), "")


def _area_of(text: str, plain: str, areas: Areas) -> tuple[int | None, str]:
    """Return the area of a whole code or name, or of a code followed by its own name."""
    found = areas.find(text)
    if found is not None:
        if text in areas.by_id or plain in areas.by_folded_id:
            return found, "code"
        return found, "name" if plain in areas.by_name else "zeros"
    bare = _VINTAGE.sub("", text)
    if bare != text and (found := areas.find(bare)) is not None:
        return found, "suffix"
    code, _, rest = bare.partition(" ")
    code = code.rstrip(":,;")
    found = areas.by_id.get(code)
    if found is None and code[:1].isdigit():
        found = areas.by_bare_id.get(_bare(code))
    if rest and found is not None:
        name = folded(rest.strip("-–:, "))
        if name in {folded(areas.names[found]), folded(areas.names[found].partition(" (")[0])}:
            return found, "code_and_name"
    return None, ""


def _no_area(text: str, plain: str, areas: Areas) -> tuple[int, int]:
    if is_total(text) or (areas.place and _names_place(plain, folded(areas.place))):
        return TOTAL, -1
    if RESIDUALS.fullmatch(text):
        return (LEFT if "*" in areas.left else RESIDUAL), -1
    bare = _VINTAGE.sub("", text)
    if form_of(bare) in areas.forms and is_code(bare):
        return OTHER, -1
    return (LEFT if "*" in areas.left else UNKNOWN), -1


def _names_place(text: str, place: str) -> bool:
    return text in {
        f"{place} kommun",
        f"{place}s kommun",
        f"{place} kommun totalt",
        f"{place} totalt",
        f"{place} stad",
    }


def _first_words(
    texts: Sequence[str],
    areas: Areas,
    status: NDArray[np.intp],
    area: NDArray[np.intp],
    how: list[str],
    loose: list[int],
) -> None:
    """Where all first words have the form of the ids, they are codes."""
    if not areas.forms or not loose or "name" in how:
        return
    words = {k: _VINTAGE.sub("", texts[k].split(" ")[0].rstrip(":,;")) for k in loose}
    fit = [k for k in loose if form_of(words[k]) in areas.forms]
    rest = [k for k in loose if k not in set(fit) and not _is_larger(texts[k], areas)]
    if not fit or len(rest) > max(2, len(fit) // 10) or not any(words[k] in areas.by_id for k in fit):
        return
    for k in fit:
        found = areas.by_id.get(words[k])
        status[k], area[k] = (AREA, found) if found is not None else (OTHER, -1)
        how[k] = "first_word" if found is not None else ""


def _second_names(
    texts: Sequence[str],
    areas: Areas,
    status: NDArray[np.intp],
    area: NDArray[np.intp],
    how: list[str],
    loose: list[int],
) -> None:
    """Where every cell reads "one and the same (name)", the name in brackets is the area."""
    pairs = {k: m for k in loose if status[k] == UNKNOWN and (m := _PAIR.fullmatch(texts[k]))}
    if len(pairs) < 2 or len({m.group(1) for m in pairs.values()}) > 1:
        return
    found = {k: areas.by_name.get(folded(m.group(2))) for k, m in pairs.items()}
    if sum(i is not None for i in found.values()) * 2 < len(pairs):
        return
    for k, i in found.items():
        if i is not None:
            status[k], area[k], how[k] = AREA, i, "in_brackets"


def _is_larger(text: str, areas: Areas) -> bool:
    code = text.split(" ", maxsplit=1)[0]
    return code.isdigit() and 2 <= len(code) <= areas.prefix and len(code) < areas.shortest


def _larger(text: str, areas: Areas, status: NDArray[np.intp], how: list[str], k: int) -> None:
    if areas.bounded and _is_larger(text, areas):
        status[k], how[k] = TOTAL, "larger"
