"""Palettes: the smallest color difference that the documentation states, for all kinds of sight."""

import itertools

import numpy as np
import pytest

from segkit import palettes
from segkit.errors import InputError

# Machado, Oliveira & Fernandes (2009), full severity, linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def lab(color, sight):
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = matrix @ np.clip(sight @ linear, 0, 1) / matrix.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(colors, sight):
    """Return the smallest CIE 1976 difference of any two colors."""
    seen = [lab(color, SIGHT[sight]) for color in colors]
    return min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2))


def square(k):
    return [color for column in palettes.bivariate(k) for color in column]


PALETTES = [
    *[(palettes.sequential(n), 14 if n <= 6 else 8, 15 if n <= 6 else 9) for n in range(2, 10)],
    *[(palettes.diverging(n), 20, 10) for n in (2, 4, 6, 8)],
    *[(square(k), 24, 6.5) for k in (2, 3)],
]


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("colors", "least", "grey"), PALETTES)
def test_any_two_colors_stay_apart(colors, least, grey, sight):
    assert nearest(colors, sight) > least
    assert np.diff(np.sort([palettes.lightness(color) for color in colors])).min() > grey


@pytest.mark.parametrize("sight", SIGHT)
def test_missing_and_uncertain_are_no_class(sight):
    for colors, _, _ in PALETTES:
        assert min(nearest([color, palettes.MISSING], sight) for color in colors) > 7
    for n in (2, 4, 6, 8):
        assert min(nearest([c, palettes.UNCERTAIN], sight) for c in palettes.diverging(n)) > 16


def test_two_indicators_darken_along_both_sides():
    for k in (2, 3):
        light = np.array(
            [[palettes.lightness(color) for color in column] for column in palettes.bivariate(k)]
        )
        assert (np.diff(light, axis=0) < 0).all()
        assert (np.diff(light, axis=1) < 0).all()
    assert palettes.bivariate(2)[1][1] == palettes.bivariate(3)[2][2]


@pytest.mark.parametrize("k", [1, 4, 2.5, True])
def test_two_indicators_have_two_or_three_classes(k):
    with pytest.raises(InputError, match="k: is"):
        palettes.bivariate(k)
