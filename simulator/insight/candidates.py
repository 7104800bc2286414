"""Which activation a network was trained with, where its file does not say: each is tried on rows with known answers.

The weights fit the activation that they were trained with and its near relatives; with others the answers are worse, as
a rule by so much that it is seen at a glance. On easy data several do equally well: this suggests, and proves nothing.
"""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ConfigError
from simulator.insight import metrics
from simulator.interchange import Assumptions, Foreign, Model, adopt
from simulator.interchange.forward import forward
from simulator.nn import choices
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.progress import Progress

MOST_ROWS = 1000
"""So many rows tell the candidates apart; more would only take longer."""

_USUAL, _ABOUT = ("relu", "tanh", "sigmoid"), 0.005

Floats = NDArray[np.floating[Any]]


@dataclasses.dataclass(frozen=True)
class Candidate:
    """What rows say of an activation.

    Attributes
    ----------
    activation
        Its name; empty where the file says all of them.
    loss
        The mean data loss.
    score
        The accuracy, 0 to 1, or R² for a value.
    """

    activation: str
    loss: float
    score: float


def candidates(
    foreign: Foreign, assumed: Assumptions, X: Floats, Y: Floats, progress: Progress
) -> tuple[Candidate, ...]:
    """Try every activation that the file leaves open.

    Parameters
    ----------
    foreign
        What the file says.
    assumed
        The link and the recipe that are taken for granted.
    X, Y
        Rows as that recipe prepares them, (rows, inputs), and their targets, (rows, outputs); at most `MOST_ROWS` of
        them are used.
    progress
        Told how far it is; may cancel.

    Returns
    -------
    In the order of the table of activations; one alone where the file leaves nothing open.

    Raises
    ------
    ConfigError
        When the network does not fit the recipe.
    """
    kept = np.linspace(0, len(X) - 1, min(len(X), MOST_ROWS)).astype(np.int64) if len(X) else np.zeros(0, np.int64)
    X, Y = X[kept], Y[kept]
    names = tuple(ACTIVATIONS) if None in foreign.activations else ("",)
    found: list[Candidate] = []
    for place, name in enumerate(names):
        progress.report(place / len(names), "trying activations" if name else "trying the network")
        model = adopt(foreign, dataclasses.replace(assumed, activation=name or assumed.activation))
        found.append(Candidate(name, *_judged(model, X, Y)))
    return tuple(found)


def best(found: tuple[Candidate, ...]) -> Candidate | None:
    """Return the candidate with the best score, and of equal ones that with the smallest loss."""
    known = [each for each in found if not math.isnan(each.score)]
    return max(known, key=lambda each: (each.score, -each.loss if each.loss < math.inf else -math.inf), default=None)


def suggested(found: tuple[Candidate, ...]) -> Candidate | None:
    """Return the candidate to begin with: of those about as good as the best the one that is used most.

    It is never "linear" where there is another: nobody stacks layers that make one together.
    """
    first = best(tuple(each for each in found if each.activation != "linear")) or best(found)
    if first is None:
        return None
    good = {each.activation: each for each in found if each.score >= first.score - _ABOUT}
    return next((good[name] for name in _USUAL if name in good), first)


def _judged(model: Model, X: Floats, Y: Floats) -> tuple[float, float]:
    """Return the mean loss and the accuracy, or R²."""
    if not len(X):
        return math.nan, math.nan
    if Y.shape[1] == 2 and model.network.outputs == 1:  # the one output is the probability of the second class
        Y = Y[:, 1:]
    if Y.shape[1] != model.network.outputs:
        raise ConfigError("these rows have other targets than the network has outputs", "Take another recipe.")
    Z = forward(dataclasses.replace(model.network, link="linear"), model.layers, X)
    with np.errstate(all="ignore"):
        A = LINKS[model.network.link].apply(Z)
        loss = float(choices.loss(model.config).rows(Z, A, Y).mean())
    if not np.isfinite(A).all():
        return math.nan, math.nan
    if not model.class_names:
        return loss, metrics.r2(Y[:, 0], A[:, 0])
    if A.shape[1] == 1:
        return loss, metrics.accuracy(Y[:, 0] > 0.5, A[:, 0] > 0.5)
    return loss, metrics.accuracy(Y.argmax(axis=1), A.argmax(axis=1))
