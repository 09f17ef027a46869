"""What the README shows is what the project holds."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_speed_is_the_one_printed():
    assert (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8").strip() in README


def test_every_file_named_is_there():
    links = re.findall(r"\]\((?!http|#)([^)#]+)", README)
    named = re.findall(r"`((?:benchmarks|docs|notebooks|tests|geodata)/[\w./-]+)`", README)
    assert len(links) > 3
    missing = [name for name in {*links, *named} if not (ROOT / name).exists()]
    assert not missing
