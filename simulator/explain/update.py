"""The update taken apart: from the gradient of the batch to the new weights, and who moved each of them."""

import dataclasses
import functools
from typing import Any

import numpy as np

from simulator.engines.engine import read_only
from simulator.explain.backward import BackwardTrace
from simulator.explain.lines import BEFORE, STEP, Known, Line, Workings, symbols
from simulator.explain.moment import Doubles, Moment
from simulator.explain.places import address_of
from simulator.explain.workings import WORKINGS
from simulator.nn import choices, parameters
from simulator.snapshot import Floats
from simulator.tables import look_up

CLIP_EPSILON = 1e-6
"""What is added to the gradient's norm before the limit is divided by it, as PyTorch does."""


@dataclasses.dataclass(frozen=True)
class Result:
    """An intermediate result of the optimizer for one parameter: its line, and the number that comes out."""

    line: Line
    value: float


@dataclasses.dataclass(frozen=True, eq=False)
class Parts:
    """Who moved one parameter: shares of its step Δw, with the step's denominator and the clip factor held fixed.

    Attributes
    ----------
    rows
        What every row of the batch adds, (rows,).
    memory
        What the optimizer remembers of earlier batches adds.
    penalty
        What the slopes of the L1 and L2 penalties add.
    decay
        What weight decay adds.
    """

    rows: Doubles
    memory: float
    penalty: float
    decay: float

    @property
    def total(self) -> float:
        """All of it: the step."""
        return float(self.rows.sum()) + self.memory + self.penalty + self.decay


@dataclasses.dataclass(frozen=True, eq=False)
class UpdateTrace:
    """What one update does; arrays of all parameters are (parameter_count,), float64, read-only.

    Attributes
    ----------
    moment, backward
        What it starts from, and the gradient of the data loss.
    penalty
        The slopes of the penalties: l1·sign(w) + l2·w for weights, 0 for biases.
    norm
        The Euclidean norm of gradient and penalty together, frozen parameters left out.
    clip
        What the gradient is multiplied by: 1, or less where it was longer than `clip_norm`.
    gradient
        What the optimizer gets: (data + penalty)·clip, 0 for frozen parameters.
    now, factor, rate
        The epochs gone before the update, what the schedule makes of them, and the learning rate that results.
    parameters, memory, scalars
        As they are after the update.
    """

    moment: Moment
    backward: BackwardTrace
    penalty: Doubles
    norm: float
    clip: float
    gradient: Doubles
    now: float
    factor: float
    rate: float
    parameters: Doubles
    memory: Doubles
    scalars: Doubles

    @property
    def number(self) -> int:
        """t, the number of the update since the optimizer's memory was empty, from 1."""
        return self.moment.updates + 1

    @functools.cached_property
    def workings(self) -> Workings:
        """The optimizer's calculation, line by line."""
        config = self.moment.config
        return look_up(WORKINGS, config.optimizer.name, "account of the optimizer")(choices.optimizer(config))

    @functools.cached_property
    def step(self) -> Doubles:
        """Δw of all parameters: old value + Δw = new value. It is exact where the difference of both is rounded."""
        known = self._known(slice(None))
        with np.errstate(all="ignore"):
            for line in self.workings.lines:
                known[line.symbol] = line.value(known)
        step = np.broadcast_to(known[STEP], self.gradient.shape).copy()
        if self.moment.frozen is not None:
            step[self.moment.frozen] = 0.0
        return read_only(step)

    @property
    def coefficients(self) -> dict[str, float]:
        """What is the same for all parameters, by its symbol: settings, rate, the update's number, bias corrections."""
        known = {name: float(value) for name, value in self._known(0).items() if name not in self._own_symbols()}
        corrections = {
            f"1 − {beta}^t": 1.0 - known[beta] ** self.number
            for beta in ("β₁", "β₂")
            if beta in known and any(f"1 − {beta}^t" in line.text for line in self.workings.lines)
        }
        return known | corrections

    def distance(self, parameters: Floats) -> float:
        """Return how far the explained new values are from those of an engine, over the largest of them.

        Beside it belongs `rounding`: what a run calculates in its own number format is not exact to more digits.
        """
        return float(np.abs(self.parameters - parameters).max() / np.abs(self.parameters).max())

    @property
    def rounding(self) -> float:
        """The distance between 1 and the next number in the run's number format."""
        return float(np.finfo(self.moment.config.dtype).eps)

    def frozen(self, place: int) -> bool:
        """Whether the parameter is frozen, so that no update moves it."""
        return self.moment.frozen is not None and bool(self.moment.frozen[place])

    def results(self, place: int) -> tuple[Result, ...]:
        """Return the optimizer's results for one parameter in the order of calculation, the last one the step Δw.

        A frozen parameter has none.
        """
        if self.frozen(place):
            return ()
        known = self._known(place)
        results: list[Result] = []
        with np.errstate(all="ignore"):
            for line in self.workings.lines:
                known[line.symbol] = line.value(known)
                results.append(Result(line, float(known[line.symbol])))
        return tuple(results)

    def shares(self, place: int) -> tuple[float, float, float]:
        """Return k = ∂Δw/∂g of one parameter, and what memory and weight decay add to its step; 0 where frozen."""
        if self.frozen(place):
            return 0.0, 0.0, 0.0
        known: Known = {**self._known(place), **{each.line.symbol: each.value for each in self.results(place)}}
        lines = (self.workings.response, self.workings.remembered, self.workings.decayed)
        with np.errstate(all="ignore"):
            response, memory, decay = (0.0 if line is None else float(line.value(known)) for line in lines)
        return response, memory, decay

    def parts(self, place: int) -> Parts:
        """Return who moved the parameter at a place of the flat vector; the parts sum up to its Δw."""
        response, memory, decay = self.shares(place)
        data = self.backward.shares(*address_of(self.moment.network, place))
        pull = response * self.clip
        # Adding zero turns the −0.0 of a product with nothing into 0.0.
        return Parts(read_only(pull * data + 0.0), memory + 0.0, pull * float(self.penalty[place]) + 0.0, decay + 0.0)

    def _known(self, where: Any) -> Known:
        """Return what an update starts with, by its symbol, for one parameter or for all."""
        optimizer, moment = choices.optimizer(self.moment.config), self.moment
        names = self.workings.remembers
        known: Known = {symbol: getattr(optimizer, name) for name, symbol in symbols(optimizer).items()}
        known |= {"η": self.rate, "t": self.number, "w": moment.parameters[where], "g": self.gradient[where]}
        known |= {names[name] + BEFORE: kept[where] for name, kept in zip(optimizer.memory, moment.memory, strict=True)}
        known |= {names[name] + BEFORE: one for name, one in zip(optimizer.scalars, moment.scalars, strict=True)}
        return known

    def _own_symbols(self) -> set[str]:
        """Return the symbols of what differs from parameter to parameter."""
        memory = choices.optimizer(self.moment.config).memory
        return {"w", "g", *(self.workings.remembers[name] + BEFORE for name in memory)}


def update_of(moment: Moment, backward: BackwardTrace) -> UpdateTrace:
    """Return the update that a moment's batch makes, taken apart."""
    config, optimizer = moment.config, choices.optimizer(moment.config)
    penalty = read_only(_penalty(moment))
    gradient = backward.gradient + penalty
    if moment.frozen is not None:
        gradient[moment.frozen] = 0.0
    norm = float(np.sqrt(np.square(gradient).sum()))
    clip = 1.0 if config.clip_norm is None else min(1.0, config.clip_norm / (norm + CLIP_EPSILON))
    gradient *= clip
    now = moment.epoch + moment.batch / moment.batches
    factor = float(choices.schedule(config).factor(now, 1 / moment.batches))
    rate = optimizer.learning_rate * factor
    scalars: list[float] = moment.scalars.tolist()
    coefficients = optimizer.coefficients(moment.updates + 1, rate, scalars)
    with np.errstate(all="ignore"):
        changed = optimizer.rule(moment.parameters, gradient, *moment.memory, *coefficients)
    pairs = zip((moment.parameters, *moment.memory), changed, strict=True)
    values, *memory = (new if moment.frozen is None else np.where(moment.frozen, old, new) for old, new in pairs)
    return UpdateTrace(
        moment,
        backward,
        penalty,
        norm,
        clip,
        read_only(gradient),
        now,
        factor,
        rate,
        read_only(values),
        read_only(np.array(memory).reshape(moment.memory.shape)),
        read_only(np.array(scalars)),
    )


def _penalty(moment: Moment) -> Doubles:
    l1, l2, values = moment.config.l1, moment.config.l2, moment.parameters
    penalty = np.zeros(values.shape)
    if l1 or l2:
        weights = parameters.weight_places(moment.network)
        penalty += weights * (l1 * np.sign(values) + l2 * values)
    return penalty
