"""Areas and pages for the tests of the interactive map."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segkit import areas as sg_areas

INDICATORS = ["employment_rate", "median_income"]
SOURCE = "Källa: SCB, https://www.scb.se"
EVIL = "<script>alert(1)</script>"
CHROMIUM = Path("/usr/bin/chromium")

needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists() and not os.environ.get("CI"), reason="Debian's chromium is not installed"
)


def kalmar():
    """Return Kalmar's areas with profile and index, one employment rate modelled."""
    found, _ = sg_areas.latest(sg_areas.load_example("kalmar"), INDICATORS)
    score = sum((found[c] - found[c].mean()) / found[c].std() for c in INDICATORS)
    found["profile"] = np.digitize(score, [-2.5, -1, 0.5, 1.5]) + 1
    found["index"] = score / 2
    found["employment_rate_flag"] = "observed"
    found["employment_rate_se"] = np.nan
    found.loc[0, ["employment_rate_flag", "employment_rate_se"]] = ["modelled", 3.14]
    return found


def history_of(areas):
    """Return three years of employment: 10 points lower in 2022, 4 lower in 2023; one area lacks 2022."""
    columns = ["area_id", "employment_rate", "employment_rate_flag", "employment_rate_se"]
    parts = [
        areas[columns].assign(period=year, employment_rate=areas["employment_rate"] - less)
        for year, less in ((2022, 10.0), (2023, 4.0), (2024, 0.0))
    ]
    parts[0].loc[1, "employment_rate"] = np.nan
    return pd.concat(parts, ignore_index=True)


def data_of(map_or_text):
    """Return the data that a map hands to its script."""
    text = map_or_text if isinstance(map_or_text, str) else map_or_text.get_root().render()
    return json.loads(re.search(r"^segkitMap\(\w+, (.*)\);", text, re.MULTILINE)[1])


def area(tab, area_id):
    return tab.locator(f'path[data-area="{area_id}"]')


def fills(tab):
    return tab.locator("path[data-area]").evaluate_all("all => all.map(p => p.getAttribute('fill'))")


def choose(tab, layer, label="Välj karta"):
    tab.get_by_label(label).select_option(label=layer)


def find(tab, typed, label="Sök område"):
    tab.get_by_label(label).fill(typed)
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".segkit-popup")


def rows_of(tab):
    """Return the cells of each row of the open popup, by the name of the figure."""
    rows = tab.locator(".segkit-popup tbody tr:not(.segkit-remark)").evaluate_all(
        "all => all.map(r => [r.querySelector('span').textContent,"
        " ...[...r.querySelectorAll('td')].map(c => c.textContent)])"
    )
    return {name: cells for name, *cells in rows}
