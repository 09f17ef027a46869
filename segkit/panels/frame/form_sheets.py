"""Writing the form of a description: colors, drop-downs, hidden lists; no formulas and no macros."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segkit.panels.frame import schema
from segkit.panels.frame.form import NAMES, shown, words
from segkit.panels.frame.raw import letters

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

#: Columns of the indicators that are hidden until asked for.
GREY = (
    *("base", "definition", "price_year", "field", "multiply", "id", "label_sv", "label_en"),
    *("definition_sv", "definition_en", "source_table", "decimals", "noise"),
)
COLORS = {"head": "#DDE3EA", "plain": "#FFFFFF", "yellow": "#FFF2B3", "red": "#F6B8B0", "grey": "#E6E6E6"}
#: Rows below the last that take an answer from a list.
SPARE = 50


class Form:
    """A form being written; it knows where each answer stands."""

    def __init__(self, path: Path, language: int, asked: pd.DataFrame, areas: list[str]) -> None:
        import xlsxwriter

        options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(path, options)
        self.language, self.asked, self.areas = language, asked, areas
        self.must = set(asked.loc[asked["must"], "setting"])
        self.cells: dict[tuple[str, str, str], str] = {}
        self.lists: dict[str, str] = {}
        self.formats = {name: self._format(name, color) for name, color in COLORS.items()}
        names = ("questions", "survey", "areas", "tables", "indicators", "claims", "lists")
        self.pages = {name: self.book.add_worksheet(words()["sheets"][name][language]) for name in names}
        self.pages["lists"].hide()

    def _format(self, name: str, color: str) -> Any:
        made = self.book.add_format(
            {"bg_color": color, "border": 1, "text_wrap": True, "valign": "top", "num_format": "@"}
        )
        # A text that begins as a formula stays a text when its cell is edited.
        made.set_quote_prefix()
        if name == "head":
            made.set_bold()
        return made

    def put(self, page: str, row: int, column: int, text: str, form: str = "plain") -> None:
        """Write a text, or an empty cell."""
        if text:
            self.pages[page].write_string(row, column, text, self.formats[form])
        else:
            self.pages[page].write_blank(row, column, None, self.formats[form])

    def choices(self, name: str, items: list[str]) -> str:
        """Write a hidden list once and return its range."""
        if name not in self.lists:
            column = len(self.lists)
            for row, item in enumerate(items):
                self.pages["lists"].write_string(row, column, item, self.formats["plain"])
            letter, sheet = letters(column + 1), words()["sheets"]["lists"][self.language]
            self.lists[name] = f"={sheet}!${letter}$1:${letter}${max(1, len(items))}"
        return self.lists[name]

    def listed(self, page: str, key: str, row: int, column: int, last: int | None = None) -> None:
        """Give cells a drop-down, where their key has a list."""
        items = self._items(key)
        if items:
            rule = {"validate": "list", "source": self.choices(key, items), "error_type": "warning"}
            self.pages[page].data_validation(row, column, row if last is None else last, column, rule)

    def _items(self, key: str) -> list[str]:
        if key == "area_of":
            return [*self.areas, words()["values"]["area"]["none"][self.language]]
        if key == "decimal":
            return [",", "."]
        if key == "like":
            from segkit.catalogue import indicators

            label = ("label_sv", "label_en")[self.language]
            return [f"{row[label]} ({i})" for i, row in indicators.catalogue().iterrows()]
        return [said[self.language] for said in words()["values"].get(key, {}).values()]

    def color(self, section: str, key: str, value: Any) -> str:
        """Return red for what must be answered, yellow for what is worth a look."""
        if value != schema.UNANSWERED:
            return "plain"
        return "red" if f"{section}.{key}" in self.must else "yellow"

    def keys(self, section: str, values: dict[str, Any], first: list[tuple[str, Any]]) -> int:
        """Write a sheet of one row for each key; return the next row."""
        columns = words()["columns"]
        for c, name in enumerate(("what", "answer")):
            self.put(section, 0, c, columns[name][self.language], "head")
        self.pages[section].set_column(0, 1, 34)
        rows = first + [(k, values.get(k)) for k in words()[section] if k != "segkit"]
        for r, (key, value) in enumerate(rows, start=1):
            self.put(section, r, 0, words()[section][key][self.language])
            text = "" if value is None else shown(section, key, value, self.language)
            self.put(section, r, 1, text, self.color(section, key, value))
            self.cells[f"{section}.{key}", "", ""] = f"B{r + 1}"
            self.listed(section, key, r, 1)
        return len(rows) + 2

    def names(self, row: int, values: dict[str, Any], unknown: list[str]) -> None:
        """Write one row for each name that is no area."""
        said = dict(values["same"]) if isinstance(values.get("same"), dict) else {}
        out = values.get("leave_out")
        none = words()["values"]["area"]["none"][self.language]
        said |= dict.fromkeys(out, none) if isinstance(out, list) else {}
        for c, name in enumerate(("text", "area_of")):
            self.put("areas", row, c, words()["columns"][name][self.language], "head")
        for r, name in enumerate([*said, *(u for u in unknown if u not in said)], start=row + 1):
            self.put("areas", r, 0, name)
            self.put("areas", r, 1, said.get(name, schema.UNANSWERED), "plain" if name in said else "red")
            for key in NAMES:
                self.cells.setdefault((f"areas.{key}", "", ""), f"B{r + 1}")
        self.listed("areas", "area_of", row + 1, 1, row + len(said) + len(unknown) + SPARE)

    def rows(self, section: str, entries: list[dict[str, Any]]) -> None:
        """Write a sheet of one row for each entry."""
        keys = list(words()[section])
        keys = [*keys[:2], "read", *keys[2:]] if section == "tables" else keys
        self.pages[section].freeze_panes(1, 1)
        for c, key in enumerate(keys):
            said = words()["columns"]["read"] if key == "read" else words()[section][key]
            grey = section == "indicators" and key in GREY
            used = any(key in entry for entry in entries)
            self.put(section, 0, c, said[self.language], "grey" if grey else "head")
            options = {"level": 1, "hidden": not used} if grey else {}
            self.pages[section].set_column(c, c, 30 if c == 0 else 16, None, options)
            if section == "indicators" or key in {"read", "decimal"}:
                self.listed(section, key, 1, c, len(entries) + SPARE)
            for r, entry in enumerate(entries, start=1):
                self._answer(section, key, entry, r, c)

    def _answer(self, section: str, key: str, entry: dict[str, Any], row: int, column: int) -> None:
        value = entry.get(key)
        if section == "indicators" and entry.get("id") == "population" and entry.get("kind") == "count":
            value = {"kind": "population", "id": None}.get(key, value)
        if key == "read":
            text = words()["values"]["read"]["yes"][self.language]
        else:
            text = "" if value is None else shown(section, key, value, self.language)
        self.put(section, row, column, text, self.color(section, key, value))
        at, setting = f"{letters(column + 1)}{row + 1}", f"{section}.{key}"
        which = entry.get("heading", "") if section == "indicators" else entry.get("file", "")
        self.cells[setting, str(which), str(entry.get("sheet", ""))] = at

    def questions(self) -> None:
        """Write the list of questions, each with a link to the cell of its answer."""
        page, columns = self.pages["questions"], words()["columns"]
        names = ("no", "where", "question", "guess", "must")
        for c, name in enumerate(names):
            self.put("questions", 0, c, columns[name][self.language], "head")
            page.set_column(c, c, (6, 20, 80, 24, 16)[c])
        page.freeze_panes(1, 0)
        yes = words()["values"]["read"]["yes"][self.language]
        for r, row in enumerate(self.asked.to_dict("records"), start=1):
            note = {str(k): v for k, v in row.items()}
            form = "red" if note["must"] else "yellow"
            guess = "" if note["guess"] is None else str(note["guess"])
            for c, text in enumerate((str(r), "", note["question"], guess, yes if note["must"] else "")):
                self.put("questions", r, c, text[:32_000], form)
            section = note["setting"].partition(".")[0]
            if section in self.pages:
                sheet, at = words()["sheets"][section][self.language], self._cell(note)
                page.write_url(r, 1, f"internal:'{sheet}'!{at}", self.formats[form], f"{sheet}!{at}")

    def _cell(self, note: dict[str, Any]) -> str:
        """Return the cell of the answer to a question."""
        own = [(w, s, at) for (k, w, s), at in self.cells.items() if k == note["setting"]]
        near = [at for w, s, at in own if w == note["file"] and s in {"", note["sheet"]}]
        near += [at for w, _, at in own if w and f'"{w}"' in note["question"]]
        return (near or [at for _, _, at in own] or ["A1"])[0]


def write_form(
    path: Path,
    values: dict[str, Any],
    questions: pd.DataFrame,
    *,
    language: str,
    areas: list[str],
    unknown: list[str],
) -> None:
    """Write a description, with its open questions, as a form."""
    form = Form(path, ("sv", "en").index(language), questions, areas)
    form.keys("survey", values.get("survey", {}), [("segkit", values["segkit"])])
    form.names(form.keys("areas", values.get("areas", {}), []) + 1, values.get("areas", {}), unknown)
    for section in ("tables", "indicators", "claims"):
        form.rows(section, values.get(section, []))
    form.questions()
    form.book.close()
