"""What the triangle says: a row under the pointer, the count of mistakes. No Qt."""

import math
from typing import Any

import numpy as np

from ui.canvas.cards import Card, CardRow
from ui.canvas.picture import value_text
from ui.panels.triangle_charts import COMPONENTS, VALUES, Chart, explained_now
from ui.panels.triangle_cloud import Cloud

_MOST_CLASSES = 5


def row_card(cloud: Cloud, chart: Chart, row: int, places: Any, actual_name: str) -> Card | None:
    """Return what stands beside a point: its row, its class, and how likely the network finds each.

    Parameters
    ----------
    cloud, chart, row
        Which point; None comes back where it is not drawn.
    places
        Its place in the units of the chart, (2,): true and predicted value, where one is predicted.
    actual_name
        What the row truly is.
    """
    at = cloud.of_row(row)
    if at is None:
        return None
    kind = "test row, never trained on" if cloud.test[at] else "training row"
    title = f"Row {row + 1:,}"
    if chart.kind == VALUES:
        true, said = float(places[0]), float(places[1])
        return Card(title, kind, (), (("true", value_text(true)), ("predicted", value_text(said)),
                                      ("error", value_text(said - true))))  # fmt: skip
    shares = cloud.shares[at]
    order = np.argsort(-np.nan_to_num(shares, nan=-1.0), kind="stable")[:_MOST_CLASSES]
    if cloud.actual[at] not in order:
        order = np.append(order[:-1], cloud.actual[at])
    rows = tuple(
        CardRow(_marked(chart.names[k], k == cloud.actual[at]), "", _percent(shares[k]), _size(shares[k]))
        for k in order.tolist()
    )
    verdict = ", mistaken" if cloud.wrong[at] else ""
    return Card(f"{title}: {actual_name}{verdict}", kind, rows)


def _marked(name: str, true: bool) -> str:
    return f"✓ {name}" if true else name


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %" if math.isfinite(share) else "NaN"


def _size(share: float) -> float:
    return float(min(1.0, max(0.0, share))) if math.isfinite(share) else 0.0


def summary(cloud: Cloud, chart: Chart, errors: float | None) -> str:
    """Return the line below the picture: how many mistakes there are among which rows.

    Parameters
    ----------
    errors
        The mean absolute error in real units, where a value is predicted.
    """
    parts = []
    for split, name in (("train", "training ●"), ("test", "test ○")):
        wrong, count = cloud.counts[split]
        if count:
            parts.append(f"{count:,} {name}" if chart.kind == VALUES else f"{wrong:,} of {count:,} {name}")
    if not parts:
        return "There are no such rows."
    text = f"{', '.join(parts)}"
    if chart.kind == VALUES:
        text = f"Mean error {value_text(errors)}: {text}" if errors is not None and math.isfinite(errors) else text
    else:
        text = f"Mistakes ◆: {text}"
    if len(cloud.rows) < cloud.total:
        every = int(cloud.wrong.sum()) == sum(wrong for wrong, _ in cloud.counts.values())
        text += f"; {len(cloud.rows):,} are drawn{', with every mistake' if every and chart.kind != VALUES else ''}"
    return text + "."


def note_of(chart: Chart, outputs: Any) -> str:
    """Return what must be known to read the picture right; of components also what they show now."""
    if chart.kind != COMPONENTS:
        return chart.note
    share = explained_now(chart, outputs)
    return chart.note if share is None else f"{chart.note} Now they show {100.0 * share:.0f} %."


BROKEN = "The network gives no finite numbers: its weights have diverged."
