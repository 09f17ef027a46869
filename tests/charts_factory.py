"""One call of every chart, on small tables with names of all kinds."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from segkit import charts, profiles, trends

#: Long, right-to-left, of other scripts, mathematics and markup.
ODD = ["Norrliden-" * 9, "שלום", "مرحبا بالعالم", "👩‍👩‍👧 Haga $1 and $2", "日本", "<b>_^{x}\\", "A\nB", "Ö"]


def panel(names=None, n=8):
    """Return areas in two periods, one value missing, some modelled."""
    names = [f"Område {i}" for i in range(n)] if names is None else names
    now = np.arange(n) * 3.3 + 60
    one = pd.DataFrame(
        {
            "area_id": [f"a{i}" for i in range(n)],
            "name": names,
            "population": np.arange(n) * 50 + 400.0,
            "turnout": now,
            "turnout_se": [0.0, 1, 2, 3] * (n // 4),
            "turnout_flag": ["", "modelled", "modelled, preliminary", "interpolated"] * (n // 4),
            "group": np.arange(n) * 10.0,
        }
    )
    then = one.assign(turnout=now[::-1] * 0.9, turnout_se=1.0)
    both = pd.concat([then.assign(period=2019), one.assign(period=2023)], ignore_index=True)
    both.loc[[0, 2 * n - 1], "turnout"] = np.nan
    return both


def _rows():
    periods = [2017, 2018, 2019, 2021, 2022, 2023]
    value = np.array([0.1, 0.12, 0.13, np.nan, 0.14, 0.15])
    return pd.DataFrame(
        {
            "measure": "gini", "period": periods, "value": value,
            "ci_low": value - 0.02, "ci_high": value + 0.01,
            "flag": ["", "", "modelled", "", "", "preliminary"],
        }
    )  # fmt: skip


def _means(names):
    n = 3
    return pd.DataFrame(
        {
            "profile": range(1, n + 1),
            "label": [f"{i} – {name}" for i, name in zip(range(1, n + 1), names, strict=False)],
            "n_areas": [2, 3, 3],
            "turnout": [61.0, 70.0, np.nan],
            "turnout_sd": [2.0, 1.0, np.nan],
            "group": [10.0, 30.0, 60.0],
        }
    )


def draw(name, language, names=None):
    """Return the figure of the chart of this name."""
    table = panel(names)
    now = table[table["period"] == 2023]
    words = {"language": language, "source": "Källa: SCB. $ <b> 日本"}
    title = {} if names is None else {"title": " ".join(names)}
    sizes = {
        "dumbbell": (6.2, 3.6),
        "ranking": (6.2, 3.7),
        "lorenz": (4.6, 5.3),
        "segregation_curve": (4.6, 5.3),
    }
    figure = Figure(figsize=sizes.get(name, (5.6, 4.2)), layout="constrained")
    if name == "fingerprint":
        figure.set_size_inches(7.6, 2.9)
        return charts.fingerprint(
            _means(names or "ABC"), ["turnout", "group"], areas=now, figure=figure, **words
        )
    if name == "indicator_dots":
        return charts.indicator_dots(_means("ABC"), ["turnout", "group"], figure=figure, **words)
    words |= {"ax": figure.subplots(), **title}
    if name == "trend":
        charts.trend(_rows(), measure="gini", breaks=[2019], **words)
    elif name == "dumbbell":
        charts.dumbbell(table, "turnout", highlight=["a3"], **words)
    elif name == "ranking":
        charts.ranking(now, "turnout", mean_interval=(69, 75), **words)
    elif name == "lorenz":
        charts.lorenz(table, "turnout", **words)
    elif name == "segregation_curve":
        charts.segregation_curve(table, group="group", total="population", **words)
    elif name == "growth_incidence":
        grown = trends.growth_incidence(
            table, "turnout", first=2019, last=2023, n_quantiles=3, weight="population"
        )
        low, high = grown["relative_change"] - 4, grown["relative_change"] + 3
        charts.growth_incidence(
            grown.assign(relative_change_low=low, relative_change_high=high), "turnout", **words
        )
    elif name == "clustergram":
        known = now.dropna(subset="turnout")
        charts.clustergram(profiles.clustergram(known, columns=["turnout"], k=[2, 3, 4]), **words)
    else:
        labels = [
            pd.Series(at, index=now["area_id"]) for at in ([1, 1, 2, 2, 3, 3, 3, 3], [1, 2, 2, 2, 3, 3, 3, 1])
        ]
        charts.flow(*labels, names=("2019", "2023"), **words)
    return figure


CHARTS = [
    "clustergram", "dumbbell", "fingerprint", "flow", "growth_incidence", "indicator_dots", "lorenz",
    "ranking", "segregation_curve", "trend",
]  # fmt: skip
