"""Write figures: whole files, the same bytes every time."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit.base.checks import check_choice, check_count
from segkit.base.files import atomic
from segkit.errors import InputError, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Bytes of a file name in common file systems.
_LONGEST = 255

_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "segkit"},
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": "segkit", "Producer": None},
}


def save(
    fig_or_ax: Figure | Axes,
    path: str | Path,
    *,
    formats: Sequence[str] = ("png", "svg", "pdf"),
    dpi: int = 200,
) -> list[Path]:
    """Save a figure in one or more formats; the same figure gives the same bytes.

    Text in SVG stays text, so it can be searched and edited; PDF embeds its fonts (type 42).

    Parameters
    ----------
    fig_or_ax : matplotlib.figure.Figure or matplotlib.axes.Axes
        What to save; of an Axes its whole figure.
    path : str or pathlib.Path
        Path without suffix; the folder must exist. A name from data can be made safe with
        ``name.replace("/", "-")``: a slash always means a folder.
    formats : sequence of {"png", "svg", "pdf"}
        One file each.
    dpi : int
        Dots per inch of the PNG.

    Returns
    -------
    list of pathlib.Path
        The files, in the order of `formats`.

    Raises
    ------
    InputError
        When `formats` is empty or a format is not known, or the name of the file is empty, too long or
        has signs that no file name can have.
    FileError
        When the folder is missing or can't be written, or the disk is full; then no file is left.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in save(Figure(), f"{folder}/map", formats=["png", "svg"])]
    ['map.png', 'map.svg']
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    names = [formats] if isinstance(formats, str) else list(formats)
    if not names:
        raise InputError(message("formats", "is empty", fix="Name at least one of png, svg, pdf."))
    for name in names:
        check_choice(name, tuple(_METADATA), argument="formats")
    check_count(dpi, argument="dpi", least=10)
    figure = fig_or_ax if isinstance(fig_or_ax, Figure) else fig_or_ax.get_figure(root=True)
    if figure is None:
        raise InputError(message("fig_or_ax", "is an Axes that belongs to no figure"))
    options: dict[Any, Any] = {
        "svg.hashsalt": "segkit",
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "pdf.compression": 6,
    }
    _check_name(str(path), names)
    files = [Path(f"{path}.{name}") for name in names]
    # All files take their names at the end, or none does.
    with mpl.rc_context(options), ExitStack() as stack:
        for name, file in zip(names, files, strict=True):
            temporary = stack.enter_context(atomic(file))
            figure.savefig(temporary, format=name, dpi=dpi, metadata=_METADATA[name], facecolor="white")
    return files


def _check_name(path: str, formats: Sequence[str]) -> None:
    """Check that a path can be that of a file: its last part is a name, of usual length."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    fix = "Give a name such as 'maps/employment', without suffix."
    if name in {"", ".", ".."}:
        raise InputError(message("path", f"{path!r} names no file", fix=fix))
    if any(ord(letter) < 32 for letter in path):
        raise InputError(message("path", f"{path!r} has control characters", fix=fix))
    size = max(len(f"{name}.{suffix}".encode(errors="replace")) for suffix in formats)
    if size > _LONGEST:
        rule = f"has a file name of {size} bytes, at most {_LONGEST} are possible"
        raise InputError(message("path", rule, fix="Shorten the name."))
