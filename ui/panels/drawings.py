"""What the inspector draws beside its formulas: who takes part in a number, and the curve that it lies on. No Qt."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from simulator.explain import Ancestry, Moment, Number, address_of, figure
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from ui.asking import Account
from ui.panels.inspection import (
    BATCH,
    LAST,
    ROW,
    Bar,
    Bars,
    Curve,
    Segment,
    Subject,
    ancestry_of,
    row_of,
    value_of,
    within,
)

_MOST_BARS, _MOST_STEPS = 24, 8
_HALF = 4.0


def batch_name(moment: Moment) -> str:
    """Return which batch of which epoch a moment is about."""
    return f"batch {moment.batch + 1:,} of epoch {moment.epoch + 1:,}"


def _batch_of(account: Account, subject: Subject) -> tuple[Ancestry, str]:
    """Return where the rows of a subject's batch are looked up, and which batch is meant: LAST or BATCH."""
    rows = BATCH if subject.rows == ROW else subject.rows
    return ancestry_of(account, Subject(subject.number, rows)), rows


def _mover_bars(account: Account, subject: Subject) -> Bars:
    ancestry, rows = _batch_of(account, subject)
    number = subject.number
    found = [(_row_segment(account, each.name, each.number, rows), Subject(each.number, rows), each.value)
             for each in ancestry.movers(number)]  # fmt: skip
    title = f"{'Who moved it' if rows == LAST else 'Who moves it next'}: {batch_name(ancestry.explanation.moment)}"
    return _bars(title, "Δb" if number.source is None else "Δw", found)


def _row_segment(account: Account, name: str, number: Number, rows: str) -> Segment:
    """Return the name of a row of a batch, which leads to that row; other names lead nowhere."""
    return Segment(name, row_of(account, Subject(number, rows)))


def _loss_bars(account: Account, subject: Subject) -> Bars:
    ancestry, which = _batch_of(account, subject)
    numbers = [Number("row_loss", row=row) for row in range(len(ancestry.explanation.moment.X))]
    rows = [
        (
            _row_segment(account, ancestry.label(number).removeprefix("loss of "), number, which),
            Subject(number, which),
            value_of(ancestry, number),
        )
        for number in numbers
    ]
    rows.sort(key=lambda row: -row[2])
    return _bars(f"The rows of the {'last' if which == LAST else 'next'} batch", "n·L", rows)


def largest_steps(ancestry: Ancestry, most: int) -> list[Number]:
    """Return the addresses of the largest steps of an update, the largest first; none where nothing moves."""
    moment, update = ancestry.explanation.moment, ancestry.explanation.update
    # As the values differ: nearly the steps themselves, and without the optimizer's workings of all parameters.
    sizes = np.nan_to_num(np.abs(update.parameters - moment.parameters))
    most = min(most, len(sizes))
    places = np.argpartition(sizes, len(sizes) - most)[len(sizes) - most :]
    moved = [int(place) for place in places[np.argsort(-sizes[places], kind="stable")] if sizes[place] > 0.0]
    found: list[Number] = []
    for layer, source, unit in (address_of(moment.network, place) for place in moved):
        found.append(Number("step", layer, unit, source=source))
    return found


def _step_bars(account: Account, subject: Subject) -> Bars | None:
    ancestry, which = _batch_of(account, subject)
    rows = []
    for number in largest_steps(ancestry, _MOST_STEPS):
        own = Subject(dataclasses.replace(number, kind="parameter"), which)
        name = ancestry.label(own.number).removeprefix("the weight from ").removeprefix("the ")
        rows.append((Segment(name, own), Subject(number, which), value_of(ancestry, number)))
    if not rows:
        return None
    bars = _bars(f"The largest steps of {batch_name(ancestry.explanation.moment)}", "", rows)
    return dataclasses.replace(bars, total="")


def _term_bars(account: Account, subject: Subject) -> Bars:
    number, ancestry, network = subject.number, ancestry_of(account, subject), account.moment.network
    layer = len(network.hidden) if number.kind == "output" else number.layer
    z = Number("z", layer, number.unit, number.row)
    # Of a formula's pieces, as they are the largest terms only: a wide layer has thousands.
    *terms, bias = [piece.number for piece in ancestry.pieces(z, most=_MOST_BARS) if piece.number is not None]
    rows = []
    for seen, weight in zip(terms[::2], terms[1::2], strict=True):
        name = ancestry.label(seen).rpartition(",")[0].removeprefix("input ").removeprefix("a of ")
        product = value_of(ancestry, seen) * value_of(ancestry, weight)
        rows.append((Segment(name, within(seen, subject)), within(weight, subject), product))
    rows.append((Segment("the bias"), within(bias, subject), value_of(ancestry, bias)))
    rows.sort(key=lambda row: -abs(row[2]))
    return _bars("What adds to the sum", "z", rows, value_of(ancestry, z), network.sizes[layer] + 1)


def _bars(
    title: str,
    symbol: str,
    rows: Sequence[tuple[Segment, Subject, float]],
    total: float | None = None,
    count: int | None = None,
) -> Bars:
    """Return rows, the largest first, as bars; with the sum and the number of all where these are not all of them."""
    values = [value for _, _, value in rows]
    total, count = sum(values) if total is None else total, count or len(rows)
    largest = max((abs(value) for value in values if np.isfinite(value)), default=0.0) or 1.0
    most = len(rows) if len(rows) <= _MOST_BARS + 1 else _MOST_BARS
    shown = [Bar(name, Segment(figure(value), target), _share(value, largest)) for name, target, value in rows[:most]]
    if most < count:
        rest = total - sum(values[:most])
        shown.append(Bar(Segment(f"{count - most:,} smaller"), Segment(figure(rest)), _share(rest, largest)))
    return Bars(title, f"together {symbol}\u00a0=\u00a0{figure(total)}", tuple(shown))


def _share(value: float, largest: float) -> float:
    return float(np.clip(np.nan_to_num(value / largest), -1.0, 1.0))


BARS: dict[str, Callable[[Account, Subject], Bars | None]] = {
    "a": _term_bars,
    "z": _term_bars,
    "output": _term_bars,
    "parameter": _mover_bars,
    "step": _mover_bars,
    "new": _mover_bars,
    "row_loss": _loss_bars,
    "batch_loss": _loss_bars,
    "rate": _step_bars,
}
"""Who takes part in a number, by its kind."""


def curve_of(account: Account, subject: Subject) -> Curve | None:
    """Return the curve of the function that a number comes from; None where it is none of an activation."""
    number, network = subject.number, account.moment.network
    if number.kind in ("a", "slope"):
        activation = ACTIVATIONS[network.hidden[number.layer].activation]
        text, function = activation.formula.partition(",")[0], activation.value
        z, a = Number("z", number.layer, number.unit, number.row), dataclasses.replace(number, kind="a")
        slope = dataclasses.replace(number, kind="slope")
    elif number.kind == "output" and network.link == "sigmoid":
        text, function = LINKS["sigmoid"].formula, LINKS["sigmoid"].apply
        z, a, slope = Number("z", len(network.hidden), number.unit, number.row), number, None
    else:
        return None
    ancestry = ancestry_of(account, subject)
    at, up = value_of(ancestry, z), value_of(ancestry, a)
    half = _HALF
    while half < abs(at) < 1e6 * _HALF:
        half *= 2.0
    x = np.linspace(-half, half, 161)
    with np.errstate(all="ignore"):
        y = np.asarray(function(x), np.float64)
    steep = up * (1.0 - up) if slope is None else value_of(ancestry, slope)
    return Curve(text, x, y, at, up, steep)
