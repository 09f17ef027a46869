"""The figures that only the studies draw: lots beside a difference, estimates in a row, and a fan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segkit.drawing.charts._style import (
    ACCENT,
    FONT,
    INK,
    LINE,
    MUTED,
    PALE,
    RULE,
    bare,
    describe,
    dress,
    number_axis,
    write_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from segkit.base.checks import Floats, Language

_BINS = 40
_SMALL: dict[str, Any] = {"fontsize": FONT - 1, "parse_math": False}


def canvas(width: float, height: float) -> Axes:
    """Return an Axes on a figure of its own, that no window knows of; sizes in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").subplots()


def lots(
    draws: Floats,
    value: float,
    *,
    title: str,
    subtitle: str,
    marked: str,
    notes: Iterable[str],
    language: Language,
    whole: bool = False,
) -> Axes:
    """Draw what sets drawn by lot give, and where the value lies among them; whole numbers a bar each."""
    ax = canvas(6.2, 2.9)
    known = draws[np.isfinite(draws)]
    edges = np.arange(min(known.min(), value) - 0.5, max(known.max(), value) + 1)
    ax.hist(known, bins=edges.tolist() if whole else _BINS, color=PALE, edgecolor="white", linewidth=0.4)
    ax.axvline(value, color=ACCENT, linewidth=2)
    bare(ax)
    ax.set_ylim(0, ax.get_ylim()[1] * 1.15)
    high, low = ax.get_xlim()[1], ax.get_xlim()[0]
    side = "right" if value > (low + high) / 2 else "left"
    ax.annotate(
        marked,
        (value, 0.97),
        (-5 if side == "right" else 5, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha=side,
        va="top",
        color=INK,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        **_SMALL,
    )
    number_axis(ax, language, axis="x", most=6)
    number_axis(ax, language, axis="y")
    dress(ax, title=title, subtitle=subtitle, notes=notes)
    describe(ax, title, subtitle, marked, *notes)
    return ax


def estimates(
    table: pd.DataFrame, *, title: str, subtitle: str, notes: Sequence[str], language: Language
) -> Axes:
    """Draw ``label, value, ci_low, ci_high`` as dots with intervals around zero; infinite ends as arrows."""
    ax = canvas(6.2, 1.4 + 0.26 * len(table))
    low, high = (table[c].to_numpy(dtype=float) for c in ("ci_low", "ci_high"))
    value = table["value"].to_numpy(dtype=float)
    ends = np.concatenate([low, high, value, [0.0]])
    ends = ends[np.isfinite(ends)]
    room = 0.06 * float(np.ptp(ends))
    edge = (float(ends.min()) - room, float(ends.max()) + room)
    write_rows(ax, table["label"].tolist(), strong=[True])
    ax.axvline(0, color=MUTED, linewidth=0.9)
    for row, (center, left, right) in enumerate(zip(value, low, high, strict=True)):
        shown = (max(left, edge[0]), min(right, edge[1]))
        ax.plot(shown, (row, row), color=LINE, linewidth=1.4, solid_capstyle="butt")
        for end, limit, marker in ((left, edge[0], "<"), (right, edge[1], ">")):
            if not np.isfinite(end):
                ax.plot(limit, row, marker, color=LINE, markersize=4)
        ax.plot(center, row, "o", color=LINE, markersize=5)
    bare(ax, grid="x")
    ax.set_xlim(*edge)
    number_axis(ax, language, axis="x", most=6)
    dress(ax, title=title, subtitle=subtitle, notes=notes)
    describe(ax, title, subtitle, *notes)
    return ax


def paths(
    others: pd.DataFrame,
    own: pd.Series,
    *,
    name: str,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    language: Language,
    fan: pd.DataFrame | None = None,
) -> Axes:
    """Draw an area's series over those of others (areas by periods), and a fan of quantiles after it."""
    from matplotlib.ticker import FixedLocator, StrMethodFormatter

    ax = canvas(6.2, 3.2)
    for _, line in others.iterrows():
        ax.plot(line.index, line, color=RULE, linewidth=1, zorder=1)
    ax.plot(own.index, own, color=LINE, linewidth=2, marker="o", markersize=4, zorder=3)
    years = [int(period) for period in own.index]
    if fan is not None:
        wide = fan.pivot(index="period", columns="quantile", values="value").dropna(axis=0, how="all")
        levels = wide.columns[wide.iloc[-1].notna()]
        ax.fill_between(wide.index, wide[levels[0]], wide[levels[-1]], color=PALE, alpha=0.6, lw=0, zorder=2)
        if 0.5 in levels:
            ax.plot(wide.index, wide[0.5], color=LINE, linewidth=1.4, linestyle=(0, (4, 2)), zorder=3)
        years = sorted({*years, *(int(period) for period in wide.index)})
    bare(ax)
    ax.xaxis.set_major_locator(FixedLocator(years))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    number_axis(ax, language, axis="y", most=5)
    last = own.iloc[-1]
    ax.annotate(name, (own.index[-1], last), (0, -9), textcoords="offset points", ha="right", va="top",
                color=LINE, fontweight="bold", **_SMALL)  # fmt: skip
    dress(ax, title=title, subtitle=subtitle, notes=notes)
    describe(ax, title, subtitle, *notes)
    return ax
