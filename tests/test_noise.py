"""Nothing that is shown hangs on the last digits, which differ between processors."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("kalmar", "motala", "katrineholm")

#: Names that a drawing gives to its parts by where they lie, and its coordinates.
_NAMES = re.compile(r"\b[pmi][0-9a-f]{10}\b")
_NUMBER = re.compile(r"-?\d+\.\d+")
_DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)

#: Coordinates of a drawing this close, in points, can't be told apart.
_SIGHT = 1e-3


def shown(folder, seed, *subjects):
    """Return what the subjects show under a seed, run by themselves."""
    target = folder / f"{seed}-{'-'.join(Path(s).stem for s in subjects).replace(':', '_')}.json"
    command = [sys.executable, str(ROOT / "tests" / "noise.py"), str(seed), str(target), *subjects]
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    return json.loads(target.read_text(encoding="utf-8"))


def differing(one, other):
    """Return the pieces that differ, in a drawing by what can be seen."""
    return [key for key in one if not alike(one[key], other[key], drawing=key.endswith(".svg"))]


def alike(one, other, *, drawing=False):
    """Tell whether texts are the same; drawings in them may differ where no eye can see it."""
    if drawing:
        one, other = _NAMES.sub("", one), _NAMES.sub("", other)
        if _NUMBER.sub("", one) != _NUMBER.sub("", other):
            return False
        places = [np.array(_NUMBER.findall(text), dtype=float) for text in (one, other)]
        return places[0].shape == places[1].shape and np.allclose(*places, rtol=0, atol=_SIGHT)
    if _DRAWING.sub("", one) != _DRAWING.sub("", other):
        return False
    pairs = zip(_DRAWING.findall(one), _DRAWING.findall(other), strict=True)
    return all(alike(*pair, drawing=True) for pair in pairs)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The surveys without noise and under three seeds, one of them with all files, and a notebook."""
    folder = tmp_path_factory.mktemp("noise")
    notebook = str(ROOT / "notebooks" / "05_maps_and_exports.ipynb")
    tables = [f"{place}:tables" for place in PLACES]
    fault = ("unrounded", tables[-1])
    asked = [(0, *PLACES, *fault), (1, *PLACES), (2, *tables, notebook), (3, *tables, *fault)]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(range(len(asked)), pool.map(lambda one: shown(folder, *one), asked), strict=True))


def test_tables_maps_and_reports_are_the_same_under_noise(runs):
    assert len(runs[1]) > 100
    assert differing(runs[1], runs[0]) == []


@pytest.mark.parametrize("seed", [2, 3])
def test_tables_are_the_same_under_other_noise(runs, seed):
    tables = {key: text for key, text in runs[seed].items() if key.startswith(PLACES)}
    assert len(tables) > 30
    assert differing(tables, runs[0]) == []


def test_a_notebook_shows_what_is_stored(runs):
    cells = [pair for pair in runs[2].values() if isinstance(pair, list)]
    assert len(cells) > 10
    assert [pair for pair in cells if pair[0] != pair[1]] == []


def test_estimates_with_all_their_digits_are_found_out(runs):
    bare, noisy = (
        {
            key.removeprefix("unrounded/"): text
            for key, text in runs[seed].items()
            if key.startswith("unrounded/")
        }
        for seed in (0, 3)
    )
    names = ("areas", "trends", "turnout_model")
    assert {f"{PLACES[-1]}/tables/{name}" for name in names} <= set(differing(bare, noisy))
