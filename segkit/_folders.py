"""A folder of results: made beside its place, then moved in, all or none."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segkit._files import write_text
from segkit.errors import FileError, message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The file that tells how the folder was made, and which files are of it.
RUN_FILE = "run.json"


def check_folder(out: str | Path, *, force: bool = False, run_file: str = RUN_FILE) -> None:
    """Raise an error when a folder holds files that are not an earlier run's, as its `run_file` tells.

    Raises
    ------
    FileError
        When it is a file, its parent is missing, or it holds other files and `force` is not given.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise FileError(message("out", f"{folder} is a file, not a folder"))
    if not folder.resolve().parent.is_dir():
        raise FileError(message("out", f"the folder {folder.parent} does not exist", fix="Create it first."))
    if not folder.exists() or force:
        return
    foreign = sorted(p.name for p in folder.iterdir() if p.name not in _made_before(folder, run_file))
    if foreign:
        fix = "Choose another folder, or use --force (force=True) to write beside them."
        raise FileError(message("out", f"the folder {folder} holds other files", foreign, fix))


def _made_before(folder: Path, run_file: str) -> set[str]:
    """Return the names that an earlier run left in the folder."""
    try:
        earlier = json.loads((folder / run_file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(earlier, dict) or earlier.get("made_by") != "segkit":
        return set()
    return {str(name).split("/")[0] for name in earlier.get("files", [])} | {run_file}


def write_folder(
    out: str | Path,
    make: Callable[[Path], None],
    parameters: Mapping[str, Any],
    *,
    force: bool = False,
    run_file: str = RUN_FILE,
) -> Path:
    """Let `make` write files into a new folder, add the file that tells of the run, and move all into place.

    Only when all is there is it moved in, so that a failure leaves the folder as it was.

    Raises
    ------
    FileError
        As `check_folder`, or when the disk is full or the folder can't be written.
    """
    folder = Path(out)
    check_folder(folder, force=force, run_file=run_file)
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.resolve().parent))
    except OSError as error:
        raise FileError(message("out", f"can't write beside {folder}: {error.strerror}")) from error
    try:
        make(staging)
        files = sorted(p.relative_to(staging).as_posix() for p in staging.rglob("*") if p.is_file())
        told = {"made_by": "segkit", **parameters, "files": files}
        write_text(staging / run_file, json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        _move(staging, folder, run_file)
    except FileError:
        raise
    except OSError as error:
        raise FileError(message("out", f"can't write {folder}: {error.strerror or error}")) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def _move(staging: Path, folder: Path, run_file: str) -> None:
    """Move the finished files in; a folder that does not exist yet appears at once."""
    if not folder.exists():
        staging.chmod(0o755)
        staging.rename(folder)
        return
    for name in _made_before(folder, run_file):
        old = folder / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    for item in sorted(staging.iterdir()):
        target = folder / item.name
        if item.is_dir() and target.is_dir():
            for file in item.iterdir():
                file.replace(target / file.name)
        else:
            item.replace(target)
