"""Which neuron or edge lies at a point, and which neuron comes next. Plain NumPy, no Qt."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.canvas.crossing import Window, crossing, ways
from ui.canvas.layout import Column, Layout, Span
from ui.canvas.picture import Picture

Direction = str


def neuron_at(layout: Layout, x: float, y: float, slack: float = 3.0) -> tuple[int, int] | None:
    """Return (layer, unit) of the neuron at a point of the page, or None.

    Parameters
    ----------
    layout
        Where the neurons are.
    x, y
        The point.
    slack
        How far beyond its rim a neuron still counts.
    """
    best: tuple[float, int, int] | None = None
    for layer, column in enumerate(layout.columns):
        if abs(x - column.x) > column.half + slack:
            continue
        place, distance = (_cell_at if column.celled else _disc_at)(column, x, y)
        if distance <= slack and (best is None or distance < best[0]):
            best = distance, layer, int(column.shown[place])
    return None if best is None else best[1:]


def _disc_at(column: Column, x: float, y: float) -> tuple[int, float]:
    """Return the place of the nearest neuron, and how far its rim is; what is nearer to the middle counts as nearer."""
    distances = np.hypot(column.y - y, column.xs - x)
    place = int(distances.argmin())
    return place, float(distances[place]) - column.radius


def _cell_at(column: Column, x: float, y: float) -> tuple[int, float]:
    """Return the place of the nearest cell, and how far its border is."""
    wide, high = column.cell
    distances = np.maximum(np.abs(column.xs - x) - wide, np.abs(column.y - y) - high)
    place = int(distances.argmin())
    return place, float(distances[place])


def edge_at(
    layout: Layout,
    numbers: Sequence[NDArray[np.floating[Any]]],
    x: float,
    y: float,
    slack: float = 5.0,
    least: Sequence[float] = (),
) -> tuple[int, int, int] | None:
    """Return (layer, source, target) of the edge at a point of the page, or None.

    Of several edges within half the slack the strongest is meant, because it is drawn on top; else the nearest.

    Parameters
    ----------
    layout
        Where the edges are.
    numbers
        What the edges of every span show, (fan_in, fan_out).
    x, y
        The point.
    slack
        How far from its middle an edge still counts.
    least
        Edges of smaller size are hidden, one number a span; nothing: none is.
    """
    for layer, span in enumerate(layout.spans):
        if not span.x[0] <= x <= span.x[3]:
            continue
        edges, distances = _near(span, x, y, slack)
        if not len(edges):
            return None
        sources, targets = np.divmod(edges, len(span.right.shown))
        rows, columns = span.left.shown[sources], span.right.shown[targets]
        sizes = np.nan_to_num(np.abs(np.asarray(numbers[layer])[rows, columns]), nan=0.0)
        distances = np.where(sizes >= least[layer], distances, np.inf) if least else distances
        over = np.flatnonzero(distances <= 0.5 * slack)
        found = int(over[sizes[over].argmax()]) if over.size else int(distances.argmin())
        return (layer, int(rows[found]), int(columns[found])) if distances[found] <= slack else None
    return None


def _near(span: Span, x: float, y: float, slack: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the edges within a distance of a point, and about how far they are at right angles, (near,) each."""
    step = 1e-3 * float(span.x[3] - span.x[0])
    behind, way, ahead = ways(span, np.array([x - step, x, x + step])).tolist()
    run = min(x + step, float(span.x[3])) - max(x - step, float(span.x[0]))
    heights = np.concatenate([span.left.y, span.right.y])
    steepest = float(np.ptp(heights)) * (ahead - behind) / max(run, 1e-9)
    reach = slack * math.hypot(1.0, steepest)
    edges = crossing(span, Window(x, y - reach, x, y + reach)).edges
    sources, targets = np.divmod(edges, len(span.right.shown))
    starts, rises = span.left.y[sources], span.right.y[targets] - span.left.y[sources]
    distances = np.abs(starts + rises * way - y) * run / np.hypot(run, rises * (ahead - behind))
    near = distances <= slack
    return edges[near], distances[near]


def walk(layout: Layout, start: tuple[int, int] | None, direction: Direction) -> tuple[int, int]:
    """Return the next neuron from `start` in a direction: left, right, up, down, first or last.

    Left and right go to the neuron of the next layer at the nearest height; in a grid they go from cell to cell until
    its rim. Up and down go on in a column beyond the neurons that are shown: it is to be scrolled then. At the rim one
    stays where one is; without a start the walk begins at the top left.
    """
    if start is None:
        return 0, int(layout.columns[0].shown[0])
    layer = min(start[0], len(layout.columns) - 1)
    column = layout.columns[layer]
    unit = min(max(0, start[1]), column.units - 1)
    if direction in {"first", "last"}:
        return layer, 0 if direction == "first" else column.units - 1
    if column.celled:
        beside = _beside(column, unit, direction)
        if beside is not None:
            return layer, beside
    elif direction in {"up", "down"}:
        return layer, min(max(0, unit + (1 if direction == "down" else -1)), column.units - 1)
    if direction in {"up", "down"}:
        return layer, unit
    to = min(max(layer + (1 if direction == "right" else -1), 0), len(layout.columns) - 1)
    other, place = layout.columns[to], _nearest_place(column, unit)
    if to == layer:
        return layer, unit
    # The nearest height; of cells beside one another the one on this side.
    distances = np.abs(other.y - column.y[place]) + 1e-3 * np.abs(other.xs - column.x)
    return to, int(other.shown[int(distances.argmin())])


def _beside(column: Column, unit: int, direction: Direction) -> int | None:
    """Return the next cell of a grid or strip in a direction, or None at its rim."""
    dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[direction]
    x, y = column.xs[unit] + dx * column.pitch, column.y[unit] + dy * column.pitch
    distances = np.maximum(np.abs(column.xs - x), np.abs(column.y - y))
    place = int(distances.argmin())
    return int(column.shown[place]) if distances[place] < 0.5 * column.pitch else None


def carried(picture: Picture, edge: tuple[int, int, int]) -> float:
    """Return w·a of an edge (layer, source, target) for the shown row, or w where no row is shown."""
    layer, source, target = edge
    weight = float(picture.weights[layer][source, target])
    with np.errstate(all="ignore"):
        return weight * float(picture.activations[layer][source]) if picture.activations else weight


def edges_of(picture: Picture, layer: int, unit: int) -> list[tuple[int, int, int]]:
    """Return the edges (layer, source, target) that come into a neuron, or leave an input: what carries most first."""
    weights = np.asarray(picture.weights[max(0, layer - 1)], dtype=np.float64)
    with np.errstate(all="ignore"):
        if layer == 0:
            sizes = np.abs(weights[unit])
        else:
            sizes = np.abs(weights[:, unit] * (picture.activations[layer - 1] if picture.activations else 1.0))
    order = np.argsort(-np.nan_to_num(sizes), kind="stable").tolist()
    return [(0, unit, other) if layer == 0 else (layer - 1, other, unit) for other in order]


def _nearest_place(column: Column, unit: int) -> int:
    place = column.place(unit)
    return int(np.abs(column.shown - unit).argmin()) if place is None else place
