"""One update explained: its four traces, each made when it is first asked for."""

import dataclasses
import functools

from simulator.explain.backward import BackwardTrace, backward_of
from simulator.explain.forward import ForwardTrace, trace_of
from simulator.explain.loss import LossTrace, loss_of
from simulator.explain.moment import Moment
from simulator.explain.update import UpdateTrace, update_of


@dataclasses.dataclass(frozen=True, eq=False)
class Explanation:
    """Everything that happens to a moment's batch: forward, loss, backward and update, a value each."""

    moment: Moment

    @functools.cached_property
    def forward(self) -> ForwardTrace:
        """Every sum, activation and output."""
        return trace_of(self.moment)

    @functools.cached_property
    def loss(self) -> LossTrace:
        """The loss, term by term."""
        return loss_of(self.moment, self.forward)

    @functools.cached_property
    def backward(self) -> BackwardTrace:
        """Every delta and gradient."""
        return backward_of(self.moment, self.forward)

    @functools.cached_property
    def update(self) -> UpdateTrace:
        """The way from the gradient to the new weights."""
        return update_of(self.moment, self.backward)


def explain(moment: Moment) -> Explanation:
    """Return the account of the update that a moment's batch is about to make."""
    return Explanation(moment)
