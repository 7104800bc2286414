"""An update of a batch in readable array code: all rows as one matrix, or one row after the other."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.passes import Forward, backward, forward
from simulator.explain import Moment
from simulator.explain.update import CLIP_EPSILON
from simulator.nn import choices, parameters
from simulator.nn.links import LINKS
from simulator.progress import Progress
from simulator.snapshot import Floats

_LOOK = 16


@dataclasses.dataclass(frozen=True, eq=False)
class Outcome:
    """The gradient of the data loss and the new parameters, both (parameter_count,)."""

    gradient: Floats
    parameters: Floats

    def differences(self, other: "Outcome") -> tuple[float, float]:
        """Return the largest |difference| of the gradients and of the parameters; NaN where one is not finite."""
        pairs = (self.gradient, other.gradient), (self.parameters, other.parameters)
        with np.errstate(all="ignore"):
            gradient, values = (float(np.abs(one.astype(np.float64) - two).max()) for one, two in pairs)
        return gradient, values


def rate_of(moment: Moment) -> float:
    """Return the learning rate that an update has by its schedule."""
    now = moment.epoch + moment.batch / moment.batches
    factor = choices.schedule(moment.config).factor(now, 1 / moment.batches)
    return choices.optimizer(moment.config).learning_rate * factor


class ArrayStep:
    """An update of a moment's first rows, repeated, in the run's number format.

    Parameters
    ----------
    rows, copies
        How many rows, and how often they are repeated.
    kept
        For every hidden layer which neurons dropout keeps, (rows · copies, units), or None; by default those of the
        moment, repeated.
    """

    def __init__(
        self, moment: Moment, rows: int, copies: int = 1, kept: list[NDArray[np.bool_] | None] | None = None
    ) -> None:
        self._moment, self._network, self._config = moment, moment.network, moment.config
        self._dtype = np.dtype(moment.config.dtype)
        self._loss, self._optimizer = choices.loss(moment.config), choices.optimizer(moment.config)
        self._X, self._Y = (self._array(np.tile(each[:rows], (copies, 1))) for each in (moment.X, moment.Y))
        if kept is None:
            kept = [None if each is None else np.tile(each[:rows], (copies, 1)) for each in moment.kept or ()]
        self._kept = kept
        self._held = None if moment.held is None else self._array(moment.held)
        self._flat, self._memory = self._array(moment.parameters), self._array(moment.memory)
        self._weights = self._array(parameters.weight_places(moment.network))
        self._layers = parameters.layers(moment.network, self._flat)
        self._gradient = np.zeros_like(self._flat)
        self._gradient_layers = parameters.layers(moment.network, self._gradient)

    def _array(self, values: Any) -> Floats:
        with np.errstate(over="ignore"):  # what is too large for the run's format is infinite there too
            return np.ascontiguousarray(values, dtype=self._dtype)

    def at_once(self, _progress: Progress) -> Outcome:
        """Send all rows through the network as one matrix, and update; the gradient is overwritten the next time."""
        with np.errstate(all="ignore"):
            self._back(self._passed(slice(None)), slice(None))
            return self._update(self._gradient)

    def row_by_row(self, progress: Progress) -> Outcome:
        """Send one row after the other through the network, add their gradients up, and update."""
        total = np.zeros_like(self._gradient)
        with np.errstate(all="ignore"):
            for row in range(len(self._X)):
                if row % _LOOK == 0:
                    progress.report(None)
                which = slice(row, row + 1)
                self._back(self._passed(which), which)
                total += self._gradient
            return self._update(total)

    def _passed(self, which: slice) -> Forward:
        kept = [None if mask is None else mask[which] for mask in self._kept] or None
        return forward(self._network, self._layers, self._X[which], kept, self._held)

    def _back(self, passed: Forward, which: slice) -> None:
        """Fill the gradient with what these rows add to the mean over all rows."""
        link = LINKS[self._network.link]
        delta = self._loss.delta(passed.logits[-1], passed.outputs, self._Y[which], link) / len(self._X)
        backward(self._layers, passed, delta, self._gradient_layers)

    def _update(self, data: Floats) -> Outcome:
        """Add the penalties, clip, and follow the optimizer's rule."""
        config, moment = self._config, self._moment
        gradient = data
        if config.l1 or config.l2:
            gradient = data + self._weights * (config.l1 * np.sign(self._flat) + config.l2 * self._flat)
        if moment.frozen is not None:
            gradient = np.where(moment.frozen, 0.0, gradient)
        if config.clip_norm is not None:
            norm = float(np.sqrt((gradient * gradient).sum(dtype=np.float64)))
            gradient = gradient * min(1.0, config.clip_norm / (norm + CLIP_EPSILON))
        coefficients = self._optimizer.coefficients(moment.updates + 1, rate_of(moment), moment.scalars.tolist())
        new, *_ = self._optimizer.rule(self._flat, gradient, *self._memory, *coefficients)
        if moment.frozen is not None:
            new = np.where(moment.frozen, self._flat, new)
        return Outcome(data, new)
