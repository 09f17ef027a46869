"""Run notebooks with noise in what hangs on the processor, and name the cells that then show something else.

``python benchmarks/noise.py [seed]`` takes all of them, some minutes; the tests take one and the surveys.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(seed: str = "1") -> None:
    """Print each notebook with how many cells show what is stored, and those that don't."""
    for book in sorted((ROOT / "notebooks").glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "shown.json"
            command = [sys.executable, str(ROOT / "tests" / "noise.py"), seed, str(target), str(book)]
            subprocess.run(command, check=True)  # noqa: S603 - our own file
            cells = json.loads(target.read_text(encoding="utf-8"))
        other = [key for key, (stored, shown) in cells.items() if stored != shown]
        print(f"{book.stem}: {len(cells) - len(other)} of {len(cells)} cells as stored", *other)


if __name__ == "__main__":
    main(*sys.argv[1:])
