"""Write docs/measures.md from the registries, so that the table and the code can't differ."""

from pathlib import Path

from segkit import measures

HEAD = """# Measures

What each measure that segkit knows by name is computed from, its range, and what a high value means. The
names go into `trends.by_period`, `inference.bootstrap`, `inference.permutation_test` and
`inference.compare_periods`. `segkit measures` prints the same in Swedish. `make docs` writes this file.

Polarization, inequality and segregation are different things: report them side by side.

"""


def text() -> str:
    """Return the page."""
    return HEAD + measures.markdown(language="en").rstrip() + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "measures.md").write_text(text(), encoding="utf-8")
