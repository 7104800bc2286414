"""The proof of a gradient: a weight is moved a little to both sides, and the loss must change as the gradient says."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.engines.engine import read_only
from simulator.errors import ConfigError
from simulator.explain.explanation import Explanation
from simulator.explain.forward import trace
from simulator.explain.loss import objective_at
from simulator.explain.moment import Doubles, Moment
from simulator.nn import parameters
from simulator.nn.activations import ACTIVATIONS
from simulator.progress import Progress

_STEP = 1e-5
"""How far a weight of the size 1 is moved: about the cube root of the last digit, where the errors of the straight line
and of the rounding are alike."""

_ALIKE = 1e-5
_SMALL = 1e-4
"""Of the loss, or of 1 where the loss is smaller: below it, rounding shows in a gradient."""

_CHUNK = 64


@dataclasses.dataclass(frozen=True)
class Check:
    """The check of one parameter.

    Attributes
    ----------
    place
        Where it stands in the flat vector.
    explained
        Its gradient by the chain rule: data loss and penalty, before freezing and clipping.
    measured
        (f(w + h) − f(w − h))/2h, with f the batch's mean loss plus the penalty.
    step
        h.
    error
        |explained − measured| over the larger of both; where both are small, over 1e−4 of the loss (or of 1).
    kinked
        Whether a corner of an activation, of the loss or of |w| lies between w − h and w + h, so that both may differ.
    """

    place: int
    explained: float
    measured: float
    step: float
    error: float
    kinked: bool

    @property
    def agrees(self) -> bool:
        """Whether both are the same but for rounding."""
        return self.error < _ALIKE


@dataclasses.dataclass(frozen=True, eq=False)
class Checks:
    """The check of several parameters: the attributes of `Check` as arrays, (parameters,)."""

    places: NDArray[np.int64]
    explained: Doubles
    measured: Doubles
    errors: Doubles
    kinked: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: "Sequence[Checks]") -> "Checks":
        """Return several checks as one, in their order; at least one of them."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(*(read_only(np.concatenate([getattr(part, name) for part in parts])) for name in names))

    @property
    def worst(self) -> int:
        """The number, in these arrays, of the largest error among those without a corner; −1 if there is none."""
        errors = np.where(self.kinked, -1.0, self.errors)
        return int(errors.argmax()) if len(errors) and not self.kinked.all() else -1

    @property
    def differing(self) -> NDArray[np.bool_]:
        """Which of them differ by more than rounding though there is no corner, (parameters,)."""
        return ~self.kinked & ~(self.errors < _ALIKE)

    @property
    def agree(self) -> bool:
        """Whether all without a corner are the same but for rounding."""
        return not self.differing.any()


def check(explanation: Explanation, place: int) -> Check:
    """Check the gradient of one parameter by central differences in float64.

    Raises
    ------
    ConfigError
        When there is no such parameter.
    """
    moment = explanation.moment
    if not 0 <= place < len(moment.parameters):
        raise ConfigError(f"there is no parameter {place}", f"The network has {len(moment.parameters):,}, from 0.")
    explained = float(explanation.backward.gradient[place] + explanation.update.penalty[place])
    values = moment.parameters.copy()
    old, step = values[place], _STEP * max(1.0, abs(float(values[place])))
    values[place] = old + step
    above, sides_above = _looked_at(moment, values)
    values[place] = old - step
    below, sides_below = _looked_at(moment, values)
    # The sums old ± step are rounded: what lies between them is not quite 2h.
    width = float((old + step) - (old - step))
    measured = (above - below) / width
    error = abs(explained - measured) / max(abs(explained), abs(measured), _SMALL * max(1.0, abs(above)))
    penalised = bool(moment.config.l1) and abs(old) <= step
    kinked = penalised or any((one != other).any() for one, other in zip(sides_above, sides_below, strict=True))
    return Check(place, explained, measured, step, error, kinked)


def check_all(
    explanation: Explanation, places: Sequence[int] | None = None, progress: Progress | None = None
) -> Checks:
    """Check the gradients of many parameters.

    Parameters
    ----------
    explanation
        Of the moment whose batch is used.
    places
        Which parameters; None for all of them.
    progress
        Told how far it is, every 64 parameters; it can cancel.

    Raises
    ------
    ConfigError
        When there is no such parameter.
    Cancelled
        When the progress was cancelled.
    """
    progress = progress or Progress()
    wanted = range(len(explanation.moment.parameters)) if places is None else places
    done: list[Check] = []
    for number, place in enumerate(wanted):
        if number % _CHUNK == 0:
            progress.report(number / len(wanted), f"{number:,} of {len(wanted):,} gradients checked")
        done.append(check(explanation, int(place)))
    progress.report(1.0, f"{len(done):,} gradients checked")
    return Checks(
        read_only(np.array([each.place for each in done], dtype=np.int64)),
        read_only(np.array([each.explained for each in done], dtype=np.float64)),
        read_only(np.array([each.measured for each in done], dtype=np.float64)),
        read_only(np.array([each.error for each in done], dtype=np.float64)),
        read_only(np.array([each.kinked for each in done], dtype=bool)),
    )


def _looked_at(moment: Moment, values: Doubles) -> tuple[float, list[NDArray[np.bool_]]]:
    """Return the objective at other parameters, and on which side of its corners everything lies that has one."""
    passed = trace(moment.network, parameters.layers(moment.network, values), moment.X, moment.kept, moment.held)
    hidden = zip(moment.network.hidden, passed.logits[:-1], strict=True)
    sides = [Z > 0.0 for layer, Z in hidden if ACTIVATIONS[layer.activation].kinked]
    if moment.config.loss.name == "mae":
        sides.append(passed.outputs > moment.Y)
    return objective_at(moment, values, passed), sides
