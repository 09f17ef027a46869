"""How long the interactive map of a whole country takes: to build, to draw first, to change the period.

    python benchmarks/webmap_page.py [--areas 6160] [--runs 5]

The areas are made up (tests/tessellation.py): about 130 points a border, six periods of four indicators.
First drawing is counted from the start of loading the file in Chromium to the second frame after all
areas are there.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from segkit import webmap

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from tessellation import country, figures
from webmap_pages import CHROMIUM

FIRST = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
    () => done(performance.now()))))"""
CHANGE = """() => new Promise((done) => {
    const start = performance.now();
    const slider = document.querySelector("input[type=range]");
    slider.value = slider.value === "0" ? slider.max : "0";
    slider.dispatchEvent(new Event("input"));
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


def measured(path: Path, runs: int) -> tuple[list[float], list[float]]:
    """Return seconds to the first drawing and of a change of period, for each run."""
    first, change = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for _ in range(runs):
            tab = browser.new_page(viewport={"width": 1100, "height": 750})
            tab.goto(path.as_uri())
            tab.wait_for_selector("[data-areas]")
            first.append(tab.evaluate(FIRST) / 1000)
            tab.get_by_label("Välj karta").select_option("1")
            change.append(tab.evaluate(CHANGE) / 1000)
            tab.close()
        browser.close()
    return first, change


def told(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f}-{max(seconds):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--areas", type=int, default=6160)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    table, history = figures(country(options.areas))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        path = webmap.save(webmap.build(table, history=history), Path(folder) / "map.html")
        print(f"{options.areas:,} areas, built and saved in {time.perf_counter() - start:.1f} s")
        print(f"size {path.stat().st_size / 1e6:.2f} MB")
        first, change = measured(path, options.runs)
    print(f"first drawing {told(first)}, {options.runs} runs")
    print(f"change of period {told(change)}")


if __name__ == "__main__":
    main()
