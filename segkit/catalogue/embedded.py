"""Where the embedded data lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from segkit.errors import FileError, UnknownNameError, message

#: Short name -> (municipality code, name).
MUNICIPALITIES = {
    "kalmar": ("0880", "Kalmar"),
    "motala": ("0583", "Motala"),
    "katrineholm": ("0483", "Katrineholm"),
}


def folder() -> Path:
    """Return the folder of the embedded data."""
    here = Path(__file__).resolve().parents[1]
    for candidate in (here / "geodata", here.parent / "geodata"):
        if (candidate / "SOURCES.md").is_file():
            return candidate
    raise FileError(message("geodata", "the embedded data are not installed", fix="Install segkit again."))


def municipality(name: str) -> Path:
    """Return the folder of a municipality, by short name or code."""
    short = str(name).strip().casefold()
    by_code = {code: key for key, (code, _) in MUNICIPALITIES.items()}
    short = by_code.get(short, short)
    if short not in MUNICIPALITIES:
        known = ", ".join(MUNICIPALITIES)
        fix = f"Embedded are {known}; for others load your own files with areas.load_areas."
        raise UnknownNameError(message("name", f"no embedded municipality is called {name!r}", fix=fix))
    return folder() / short
