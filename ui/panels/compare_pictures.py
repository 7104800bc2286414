"""Two pictures of one network made into one: how its weights and its activations differ. Plain values, no Qt."""

import dataclasses

import numpy as np

from ui.canvas.act import Act, Floats, Scale
from ui.canvas.colour import steady_clamp
from ui.canvas.picture import Picture

EDGES = "w now − w then"
ACTIVATIONS, BIASES = "a now − a then", "b now − b then"


def difference(then: Picture, now: Picture, before: Picture | None = None) -> Picture:
    """Return a picture whose edges show ΔW = now − then, on a scale of their own.

    Parameters
    ----------
    then, now
        Of the same shape, with the same row.
    before
        The last such picture: its scales stay while they are not far off, so that the colours do not flicker.

    Returns
    -------
    The neurons show how their activations differ, without a row how their biases do; the inputs show nothing, since
    they are the same.
    """
    edges = tuple(_minus(b, a) for a, b in zip(then.weights, now.weights, strict=True))
    told = bool(then.activations and now.activations)
    nodes = _differences(then.activations[1:], now.activations[1:]) if told else _differences(then.biases, now.biases)
    known = Act() if before is None else before.now
    name = ACTIVATIONS if told else BIASES
    known_nodes = tuple(each for each in known.node_values if each is not None)
    act = Act(
        outcome=False,
        edge_values=edges,
        edge_scale=Scale(EDGES, _clamp(edges, known.edge_values, known.edge_scale)),
        node_values=(None, *nodes),
        node_scale=Scale(name, _clamp(nodes, known_nodes if known.node_scale.name == name else (), known.node_scale)),
    )
    # What comes out is told by neither of the two alone.
    return dataclasses.replace(now, act=act, input_values=(), probabilities=(), value_text="", truth_text="")


def bare(picture: Picture) -> Picture:
    """Return a picture without its header: that stands above it."""
    return dataclasses.replace(picture, title="", subtitle="", readouts=())


def terse(picture: Picture) -> Picture:
    """Return a picture for a narrow place: the inputs' names without their values."""
    return dataclasses.replace(picture, input_values=())


def largest(picture: Picture, most: int) -> list[tuple[int, int, int]]:
    """Return the edges (layer, source, target) of a difference that changed most, the largest change first."""
    values = picture.now.edge_values
    found: list[tuple[float, tuple[int, int, int]]] = []
    for layer, array in enumerate(values):
        with np.errstate(all="ignore"):
            sizes = np.nan_to_num(np.abs(array).ravel(), nan=np.inf)
        count = min(most, sizes.size)
        for place in np.argpartition(-sizes, count - 1)[:count].tolist():
            source, target = divmod(place, array.shape[1])
            found.append((float(sizes[place]), (layer, source, target)))
    found.sort(key=lambda each: (-each[0], each[1]))
    return [edge for size, edge in found[:most] if size > 0.0]


def _differences(then: tuple[Floats, ...], now: tuple[Floats, ...]) -> tuple[Floats, ...]:
    return tuple(_minus(b, a) for a, b in zip(then, now, strict=True))


def _minus(one: Floats, other: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(one, np.float64) - np.asarray(other, np.float64)


def _clamp(arrays: tuple[Floats, ...], before: tuple[Floats, ...], scale: Scale) -> float:
    """Return where a scale ends; it stays where it was, unless nothing differed then."""
    known = scale.clamp if any(array.any() for array in before) else None
    return steady_clamp(np.concatenate([array.ravel() for array in arrays]), known)
