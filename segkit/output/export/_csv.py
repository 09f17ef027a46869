"""Write a table as CSV, for programs or for Excel with Swedish settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segkit.base.files import atomic
from segkit.output.export._checks import FORMULA_STARTS, check_ending, check_table, flattened, protected

if TYPE_CHECKING:
    from segkit.panels.disclosure import Plan


def to_csv(
    table: pd.DataFrame, path: str | Path, *, swedish: bool = False, disclosure: Plan | None = None
) -> Path:
    """Write a table as CSV in UTF-8; the same table gives the same bytes.

    Text that could run as a formula in a spreadsheet gets an apostrophe in front of it.

    Parameters
    ----------
    table : pandas.DataFrame
        The table, without geometry. A named index becomes a column.
    path : str or Path
        The file, ending in ``.csv``.
    swedish : bool
        False: comma between cells and decimal point, for programs. True: semicolon, decimal comma and a
        byte order mark, so that Excel with Swedish settings opens it right.
    disclosure : disclosure.Plan, optional
        Rules for small numbers: hidden cells are empty, and columns ``X_flag`` say so.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When the table is empty, has boundaries, lists in cells or two columns of the same name; as the
        rules for small numbers say.
    FileError
        When the file can't be written.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = pd.DataFrame({"area_id": ["0880C1010"], "turnout": [84.82]})
    ...     path = to_csv(table, f"{folder}/a.csv", swedish=True)
    ...     path.read_text(encoding="utf-8-sig").splitlines()
    ['area_id;turnout', '0880C1010;84,82']
    """
    check_table(table, "table")
    check_ending(path, (".csv",))
    flat = flattened(protected(table, disclosure, "table"))
    for column in flat.columns:
        if not pd.api.types.is_numeric_dtype(flat[column]):
            flat[column] = flat[column].astype(object).map(_harmless)
    flat = flat.set_axis([_harmless(c) for c in flat.columns], axis=1)
    with atomic(path) as temporary:
        flat.to_csv(
            temporary,
            index=False,
            sep=";" if swedish else ",",
            decimal="," if swedish else ".",
            encoding="utf-8-sig" if swedish else "utf-8",
            lineterminator="\n",
        )
    return Path(path)


def _harmless(cell: Any) -> Any:
    """Put an apostrophe before text that could run as a formula; other cells pass."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
