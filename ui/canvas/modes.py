"""What edges and neurons can show: one row a mode. Plain NumPy, no Qt."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ui.canvas.act import ACTIVATION, GRADIENT, VALUE, WEIGHT, Scale
from ui.canvas.colour import steady_clamp
from ui.canvas.contrast import with_contrast
from ui.canvas.picture import Floats, Picture

ACCOUNT, MOMENT, ROW = "account", "moment", "row"
"""What a mode needs beside the picture: the account of the next update, another moment, or a chosen row."""


@dataclasses.dataclass(frozen=True, eq=False)
class Evidence:
    """What modes are told beside the picture; all that is not known is empty.

    Attributes
    ----------
    gradient, update
        ∂L/∂w of the next batch, and Δw of the last update: a weight (fan_in, fan_out) and a bias (fan_out,) a layer.
    importance
        Of the weights of every linear layer, and of what it sees.
    then
        The weights and biases of the moment that is compared with.
    """

    gradient: Sequence[Any] = ()
    update: Sequence[Any] = ()
    importance: tuple[Sequence[Floats], Sequence[Floats]] = ((), ())
    then: Sequence[Any] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Shown:
    """What is shown: an array an edge layer, and one a column (None shows nothing; no arrays: the activations)."""

    edges: tuple[Floats, ...]
    nodes: tuple[Floats | None, ...] = ()


@dataclasses.dataclass(frozen=True)
class Mode:
    """A row of the table.

    Attributes
    ----------
    title, help
        What it is called, and what it shows in one sentence.
    edges, nodes
        What the legend calls the numbers of edges and neurons.
    ramp
        In which colours edges are.
    needs
        `ACCOUNT`, `MOMENT`, `ROW`, or nothing.
    show
        Returns what is shown, or None where what it needs is not there.
    missing
        What is said then.
    """

    title: str
    help: str
    edges: str
    nodes: str
    ramp: str
    needs: str
    show: Callable[[Picture, Evidence], Shown | None]
    missing: str = ""


def _weights(picture: Picture, _evidence: Evidence) -> Shown | None:
    return Shown(picture.weights)


def _contributions(picture: Picture, _evidence: Evidence) -> Shown | None:
    if not picture.activations:
        return None
    with np.errstate(all="ignore"):
        return Shown(
            tuple(
                np.asarray(weight) * np.asarray(seen)[:, None]
                for weight, seen in zip(picture.weights, picture.activations[:-1], strict=True)
            )
        )


def _parameters(layers: Sequence[Any]) -> Shown | None:
    """Return what belongs to weights on the edges, and what belongs to biases in the neurons."""
    if not layers:
        return None
    return Shown(tuple(layer.weight for layer in layers), (None, *(layer.bias for layer in layers)))


def _gradients(_picture: Picture, evidence: Evidence) -> Shown | None:
    return _parameters(evidence.gradient)


def _update(_picture: Picture, evidence: Evidence) -> Shown | None:
    return _parameters(evidence.update)


def _difference(picture: Picture, evidence: Evidence) -> Shown | None:
    then = evidence.then
    if [np.shape(layer.weight) for layer in then] != [weight.shape for weight in picture.weights]:
        return None
    with np.errstate(all="ignore"):
        edges = tuple(
            np.subtract(now, each.weight, dtype=np.float64) for now, each in zip(picture.weights, then, strict=True)
        )
        nodes = tuple(
            np.subtract(now, each.bias, dtype=np.float64) for now, each in zip(picture.biases, then, strict=True)
        )
    return Shown(edges, (None, *nodes))


def _importance(_picture: Picture, evidence: Evidence) -> Shown | None:
    weights, neurons = evidence.importance
    return Shown(tuple(weights), (*neurons, None)) if weights else None


_ASKED = "The account of the next update is being worked out."

MODES: dict[str, Mode] = {
    "weights": Mode(
        "Weights", "The weights w of the edges, and what every neuron answers to the chosen row", WEIGHT.name,
        ACTIVATION.name, VALUE, "", _weights,
    ),
    "contributions": Mode(
        "Contributions", "What every edge adds to the sum of its neuron for the chosen row: w · a", "w · a",
        ACTIVATION.name, VALUE, ROW, _contributions, "No row is chosen, or a value is missing in it.",
    ),
    "gradients": Mode(
        "Gradients", "∂L/∂w: how the mean loss of the next batch changes with every weight; in the neurons ∂L/∂b",
        "∂L/∂w, next batch", "∂L/∂b", GRADIENT, ACCOUNT, _gradients, _ASKED,
    ),
    "update": Mode(
        "Last update", "Δw: what the last update added to every weight; in the neurons Δb, of the biases",
        "Δw, last update", "Δb", VALUE, ACCOUNT, _update, "Nothing was updated yet: train a batch first.",
    ),
    "difference": Mode(
        "Difference", "How every weight differs from another moment or run: w now − w then; in the neurons the biases",
        "w now − w then", "b now − b then", VALUE, MOMENT, _difference,
        "The other moment has a network of another shape, or is not known yet.",
    ),
    "importance": Mode(
        "Importance", "About how much a row's loss would change without the weight: |∂L/∂w · w|, mean over the next"
        " batch; in the neurons |∂L/∂a · a| (first-order Taylor criterion, Molchanov et al. 2017)",
        "|∂L/∂w · w|", "|∂L/∂a · a|", VALUE, ACCOUNT, _importance, _ASKED,
    ),
}  # fmt: skip
"""What edges and neurons can show, in the order in which it is offered."""


def dressed(picture: Picture, mode: str, evidence: Evidence, before: Picture | None = None) -> tuple[Picture, str]:
    """Return the picture as a mode shows it, and in words why it cannot; then it shows the weights.

    Parameters
    ----------
    picture
        A network at rest.
    mode
        A key of `MODES`.
    evidence
        What the mode may need.
    before
        The last picture: its scales stay while they suit.
    """
    row = MODES[mode]
    shown = None if mode == "weights" else row.show(picture, evidence)
    if shown is None or [np.shape(each) for each in shown.edges] != [np.shape(each) for each in picture.weights]:
        return with_contrast(picture, before), "" if mode == "weights" else row.missing
    node_scale = _node_scale(row.nodes, shown.nodes, before) if shown.nodes else picture.node_scale
    made = dataclasses.replace(
        picture,
        edge_values=shown.edges,
        edge_scale=Scale(row.edges, 1.0, row.ramp),
        node_values=shown.nodes,
        node_scale=dataclasses.replace(node_scale, ramp=row.ramp) if shown.nodes else node_scale,
    )
    return with_contrast(made, before), ""


def _node_scale(name: str, nodes: tuple[Floats | None, ...], before: Picture | None) -> Scale:
    known = before.node_scale.clamp if before is not None and before.node_scale.name == name else None
    values = [np.asarray(each).ravel() for each in nodes if each is not None]
    return Scale(name, steady_clamp(np.concatenate(values), known))
