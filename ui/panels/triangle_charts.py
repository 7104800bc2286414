"""What a picture of all answers consists of: where an answer lies, corners, borders, lines of confidence. No Qt."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.insight.projection import Plane, barycentric, centred_logs, corners, principal_plane, shares_of
from simulator.insight.taken import classes_of
from ui.panels.points_axes import Span, span_of

Doubles = NDArray[np.float64]

SEGMENT, TRIANGLE, POLYGON, COMPONENTS, VALUES = "segment", "triangle", "polygon", "components", "values"
_LANES = 0.44
"""How high the two lanes of a segment are together, where it is 2 wide."""
_GOLDEN = 0.6180339887498949
_ROOMY = 1.15


@dataclasses.dataclass(frozen=True, eq=False)
class Line:
    """A line of the picture: its points (points, 2), and what it stands for, or nothing."""

    points: Doubles
    text: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Chart:
    """How answers become places; y goes upwards.

    Attributes
    ----------
    kind
        One of the names above.
    x, y
        What is in sight, in the units of the places.
    square
        Whether one unit is as long across as down.
    names, corners
        The classes, and where each is certain, (classes, 2); none where there is no such place.
    outline
        Where answers can lie, as a polygon.
    areas
        A class, and the polygon in which it is the likeliest.
    borders, levels
        Where two classes are equally likely, and where the likeliest has a certain probability.
    axes
        What the two axes are called where they have numbers.
    note
        What must be known to read it right, in a sentence.
    place
        ``place(outputs, targets, rows)``: outputs and targets (rows, outputs) and rows of the table (rows,) give places
        (rows, 2).
    plane
        That of the components, else None.
    """

    kind: str
    x: Span
    y: Span
    square: bool
    names: tuple[str, ...]
    corners: Doubles
    outline: Doubles
    areas: tuple[tuple[int, Doubles], ...]
    borders: tuple[Line, ...]
    levels: tuple[Line, ...]
    axes: tuple[str, str]
    note: str
    place: Callable[[Doubles, Doubles, NDArray[np.int64]], Doubles]
    plane: Plane | None = None


def kinds_for(classes: int) -> tuple[str, ...]:
    """Return which pictures there are for so many classes, the usual one first; 0 is a predicted value."""
    if classes == 0:
        return (VALUES,)
    if classes <= 2:
        return (SEGMENT,)
    return (TRIANGLE,) if classes == 3 else (POLYGON, COMPONENTS)


_NOWHERE: Doubles = np.zeros((0, 2))


def segment(names: tuple[str, ...]) -> Chart:
    """Return the picture of two classes: the probability of the second across, a lane for the rows of each class.

    A row's height within its lane means nothing; it follows from the row's number, so that it stays.
    """
    high = 0.5 * _LANES
    ends = np.array([[-1.0, 0.0], [1.0, 0.0]])

    def place(outputs: Doubles, targets: Doubles, rows: NDArray[np.int64]) -> Doubles:
        second = 2.0 * shares_of(outputs)[:, 1] - 1.0
        spread = 0.08 + 0.84 * np.mod((rows + 1) * _GOLDEN, 1.0)
        lane = np.where(classes_of(targets) == 0, spread * high, -spread * high)
        return np.stack([second, lane], axis=1)

    box = _box(-1.0, -high, 1.0, high)
    levels = tuple(
        Line(np.array([[at, -high], [at, high]]), _percent(share))
        for share in (0.75, 0.9)
        for at in (2.0 * share - 1.0, 1.0 - 2.0 * share)
    )
    areas = ((0, _box(-1.0, -high, 0.0, high)), (1, _box(0.0, -high, 1.0, high)))
    border = (Line(np.array([[0.0, -high], [0.0, high]]), "50 %"), Line(ends))
    note = (
        f"Across: the probability of {names[1]}. Above the line the rows of {names[0]}, below it those of {names[1]}."
    )
    return Chart(SEGMENT, Span(-1.0, 1.0), Span(-high, high), False, names, ends, box, areas, border, levels, ("", ""),
                 note, place)  # fmt: skip


def triangle(names: tuple[str, ...]) -> Chart:
    """Return the picture of three classes, in which every place stands for exactly one answer."""
    at = corners(3)
    middle, halves = np.zeros(2), {(i, j): 0.5 * (at[i] + at[j]) for i in range(3) for j in range(3)}
    areas = tuple((k, np.array([at[k], halves[k, (k + 1) % 3], middle, halves[k, (k + 2) % 3]])) for k in range(3))
    borders = tuple(Line(np.array([middle, halves[k, (k + 1) % 3]])) for k in range(3))
    levels = []
    for share in (0.5, 0.75, 0.9):
        for k in range(3):
            left, right = (share * at[k] + (1.0 - share) * at[(k + step) % 3] for step in (2, 1))
            levels.append(Line(np.array([left, right]), _percent(share)))
    return Chart(TRIANGLE, Span(-0.8661, 0.8661), Span(-0.5, 1.0), True, names, at, at, areas, borders, tuple(levels),
                 ("", ""), "", _weighted(at))  # fmt: skip


def polygon(names: tuple[str, ...]) -> Chart:
    """Return a projection of the answers between more than three classes, one corner each."""
    at = corners(len(names))
    spokes = tuple(Line(np.array([[0.0, 0.0], corner])) for corner in at)
    sure = tuple(Line(_closed(0.9 * corner + 0.1 * at), "90 %" if k == 0 else "") for k, corner in enumerate(at))
    count = len(names)
    note = (
        f"A projection: {count} probabilities do not fit into a plane. A row is at the mean of the corners, weighted "
        "by its probabilities; different answers can lie at the same place. Within the line round a corner lies all "
        "that is 90 % certain."
    )
    return Chart(POLYGON, Span(-1.0, 1.0), Span(float(at[:, 1].min()), 1.0), True, names, at, at, (), (),
                 spokes + sure, ("", ""), note, _weighted(at))  # fmt: skip


def components(names: tuple[str, ...], outputs: Doubles, epoch: int) -> Chart:
    """Return the two principal components of the logits; the axes are fitted on these answers and stay.

    Parameters
    ----------
    names
        The classes.
    outputs
        (rows, outputs) of the moment that the axes come from.
    epoch
        Of that moment.
    """
    logs = centred_logs(shares_of(outputs))
    plane = principal_plane(logs)
    places = plane.place(logs)
    reach = _reach(places)

    def place(outputs: Doubles, _targets: Doubles, _rows: NDArray[np.int64]) -> Doubles:
        return plane.place(centred_logs(shares_of(outputs)))

    share = " and ".join(f"{100.0 * part:.0f} %" for part in plane.explained)
    note = (
        f"A projection: the two principal components of the {len(names)} logits, with the axes of epoch {epoch:,}, "
        f"where they explained {share} of the variance."
    )
    return Chart(COMPONENTS, Span(-reach, reach), Span(-reach, reach), True, names, _NOWHERE, _NOWHERE, (), (), (),
                 ("1st component", "2nd component"), note, place, plane)  # fmt: skip


def explained_now(chart: Chart, outputs: Doubles) -> float | None:
    """Return which share of the variance of other answers a chart of components shows; None for the other kinds."""
    return None if chart.plane is None else chart.plane.kept(centred_logs(shares_of(outputs)))


def values(target: str, real: Callable[[Doubles], Doubles], truths: Doubles) -> Chart:
    """Return the picture of a predicted value: predicted against true, in real units.

    Parameters
    ----------
    target
        The name of what is predicted.
    real
        Outputs (rows, 1) in real units.
    truths
        All true values in real units, (rows,).
    """
    span = span_of(truths[np.isfinite(truths)])

    def place(outputs: Doubles, targets: Doubles, _rows: NDArray[np.int64]) -> Doubles:
        with np.errstate(all="ignore"):
            return np.stack([np.ravel(real(targets)), np.ravel(real(outputs))], axis=1)

    diagonal = Line(np.array([[span.low, span.low], [span.high, span.high]]), "")
    note = "One value has no corners: a row lies where its true and its predicted value meet, on the line it is right."
    return Chart(VALUES, span, span, True, (), _NOWHERE, _box(span.low, span.low, span.high, span.high), (),
                 (diagonal,), (), (f"true {target}", f"predicted {target}"), note, place)  # fmt: skip


def stretched(chart: Chart, places: Doubles) -> Chart:
    """Return a chart of components in which places are in sight; the same one where they fill it well already."""
    if chart.kind != COMPONENTS:
        return chart
    reach, now = _reach(places), chart.x.high
    if 0.35 * now <= reach / _ROOMY <= now:
        return chart
    return dataclasses.replace(chart, x=Span(-reach, reach), y=Span(-reach, reach))


def _weighted(at: Doubles) -> Callable[[Doubles, Doubles, NDArray[np.int64]], Doubles]:
    def place(outputs: Doubles, _targets: Doubles, _rows: NDArray[np.int64]) -> Doubles:
        return barycentric(shares_of(outputs), at)

    return place


def _reach(places: Doubles) -> float:
    """Return how far the picture reaches from its middle so that all places have some air."""
    good = places[np.isfinite(places).all(axis=1)]
    return _ROOMY * max(0.1, float(np.abs(good).max()) if len(good) else 1.0)


def _box(left: float, low: float, right: float, high: float) -> Doubles:
    return np.array([[left, low], [right, low], [right, high], [left, high]])


def _closed(points: Doubles) -> Doubles:
    return np.concatenate([points, points[:1]])


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def chart_for(kind: str, predictions: Any) -> Chart:
    """Return a picture of a kind for predictions (`ui.predicting.Predictions`) and their data."""
    dataset = predictions.dataset
    names = tuple(dataset.class_names)
    if kind == VALUES:
        real = dataset.recipe.value
        return values(dataset.recipe.target.replace("_", " "), real, np.ravel(real(predictions.targets("all"))))
    if kind == COMPONENTS:
        return components(names, predictions.of("all"), predictions.snapshot.epoch)
    return {SEGMENT: segment, TRIANGLE: triangle, POLYGON: polygon}[kind](names)
