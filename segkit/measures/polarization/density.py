"""The density of people over values, by a Gaussian kernel, without a distance between every two areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from segkit.base.checks import Floats

#: Grid points per bandwidth; with six points per value this errs by less than 1e-8 of the peak.
_FINENESS = 16

#: Points that each value is put on, and read from.
_NODES = np.arange(-2, 4)

#: Bandwidths beyond the ends of the values, where the kernel has faded out.
_MARGIN = 8

#: No more bandwidths than this fit in the range of the values.
MOST_WIDTHS = 100_000


def density(y: Floats, share: Floats, bandwidth: Floats) -> Floats:
    """Return the density at each value, draws along the first axis of `share` and `bandwidth`.

    The values are different and ascending. NaN in draws whose bandwidth is too small for their range.
    """
    lines = share.reshape(-1, y.size)
    widths = np.broadcast_to(bandwidth, share.shape[:-1]).reshape(-1)
    found = [_one_density(y, line, float(width)) for line, width in zip(lines, widths, strict=True)]
    return np.asarray(found, dtype=np.float64).reshape(share.shape)


def _one_density(y: Floats, share: Floats, bandwidth: float) -> Floats:
    """Put the shares on a grid, spread them by the kernel, and read the density back at the values."""
    width = (y[-1] - y[0]) / bandwidth
    if not width <= MOST_WIDTHS:
        return np.full_like(y, np.nan)
    size = _even_size(_FINENESS * (width + 2 * _MARGIN))
    place = _FINENESS * ((y - y[0]) / bandwidth + _MARGIN)
    cell = np.floor(place).astype(np.int64)
    points, weights = cell + _NODES[:, None], _interpolation(place - cell)
    grid = np.bincount(points.ravel(), (weights * share).ravel(), minlength=size)
    # The kernel is a product in frequencies, exact on a grid this fine.
    frequency = 2 * np.pi * np.fft.rfftfreq(size) * _FINENESS
    spread = np.fft.irfft(np.fft.rfft(grid) * np.exp(-0.5 * np.square(frequency)), size)
    read = (weights * spread[points]).sum(axis=0) * _FINENESS / bandwidth
    return np.asarray(np.maximum(read, 0.0), dtype=np.float64)


def _interpolation(part: Floats) -> Floats:
    """Return the weights of the nodes (rows) at each place inside a cell, by Lagrange's polynomial."""
    return np.stack(
        [
            np.prod([(part - other) / (node - other) for other in _NODES if other != node], axis=0)
            for node in _NODES
        ]
    )


def _even_size(least: float) -> int:
    """Return a power of 2, for a fast transform."""
    return 1 << int(np.ceil(np.log2(least)))
