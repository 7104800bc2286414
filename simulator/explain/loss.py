"""The loss taken apart: every output's term, every row's loss, the mean over the batch, and the penalty beside it."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.engine import read_only
from simulator.explain.forward import ForwardTrace
from simulator.explain.moment import Doubles, Moment
from simulator.nn import choices, parameters
from simulator.nn.links import log_softmax
from simulator.nn.losses import ElementLoss, Loss


@dataclasses.dataclass(frozen=True, eq=False)
class LossTrace:
    """How wrong a batch is.

    Attributes
    ----------
    terms
        What every output adds to the loss of its row, (rows, outputs).
    rows
        The loss of every row, (rows,): the sum of its terms.
    errors
        |ŷ − y|, (rows, outputs).
    total, mean
        The sum of the rows' losses, and that over the number of rows: the batch's data loss.
    l1, l2
        The penalties l1·Σ|w| and l2/2·Σw² over all weights.
    predicted, actual
        The class of every row, (rows,), as the network and as the table has it; None where a value is predicted.
    """

    terms: Doubles
    rows: Doubles
    errors: Doubles
    total: float
    mean: float
    l1: float
    l2: float
    predicted: NDArray[np.int64] | None
    actual: NDArray[np.int64] | None

    @property
    def penalty(self) -> float:
        """Both penalties together."""
        return self.l1 + self.l2

    @property
    def objective(self) -> float:
        """The mean loss plus the penalty: what a plain gradient step goes down on."""
        return self.mean + self.penalty


def loss_of(moment: Moment, forward: ForwardTrace) -> LossTrace:
    """Return the loss of a moment's batch, taken apart."""
    loss = choices.loss(moment.config)
    with np.errstate(all="ignore"):
        terms = _terms(loss, forward, moment.Y)
        rows = loss.rows(forward.logits[-1], forward.outputs, moment.Y)
    l1, l2 = _penalties(moment, moment.parameters)
    total = float(rows.sum())
    return LossTrace(
        read_only(terms),
        read_only(rows),
        read_only(np.abs(forward.outputs - moment.Y)),
        total,
        total / len(rows),
        l1,
        l2,
        _classes(forward.outputs) if moment.classification else None,
        _classes(moment.Y) if moment.classification else None,
    )


def objective_at(moment: Moment, values: Doubles, forward: ForwardTrace) -> float:
    """Return a batch's mean loss plus the penalty at other parameters, (parameter_count,), and their forward pass."""
    with np.errstate(all="ignore"):
        rows = choices.loss(moment.config).rows(forward.logits[-1], forward.outputs, moment.Y)
    return float(rows.mean()) + sum(_penalties(moment, values))


def _terms(loss: Loss, forward: ForwardTrace, Y: Doubles) -> Doubles:
    if isinstance(loss, ElementLoss):
        return loss.value(forward.logits[-1] if loss.of_logits else forward.outputs, Y) / Y.shape[1]
    return -(Y * log_softmax(forward.logits[-1]))


def _penalties(moment: Moment, values: Doubles) -> tuple[float, float]:
    config = moment.config
    if not (config.l1 or config.l2):
        return 0.0, 0.0
    weights = [layer.weight for layer in parameters.layers(moment.network, values)]
    sizes = sum(float(np.abs(each).sum()) for each in weights)
    squares = sum(float(np.square(each).sum()) for each in weights)
    return config.l1 * sizes, config.l2 / 2 * squares


def _classes(values: Any) -> NDArray[np.int64]:
    if values.shape[1] == 1:
        return read_only((values[:, 0] >= 0.5).astype(np.int64))
    return read_only(values.argmax(axis=1))
