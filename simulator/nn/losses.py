"""How wrong an output is: one number a row, averaged over the batch; and its derivative by the logits."""

import abc
import dataclasses
from typing import Any, ClassVar

import numpy as np

from simulator import fields
from simulator.fields import setting
from simulator.nn.links import Link, log_softmax
from simulator.nn.scalar import select, sigmoid, softplus


@dataclasses.dataclass(frozen=True)
class Loss(abc.ABC):
    """A row of the table of losses; its fields are the loss's own settings.

    Attributes
    ----------
    formula
        The loss of one row, K outputs.
    links
        The output links that the loss goes with, its usual one first.
    """

    formula: ClassVar[str]
    links: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        fields.check(self)

    @abc.abstractmethod
    def rows(self, Z: Any, A: Any, Y: Any) -> Any:
        """Return the loss of every row, (rows,), from logits Z, outputs A and targets Y, each (rows, outputs)."""

    @abc.abstractmethod
    def delta(self, Z: Any, A: Any, Y: Any, link: Link) -> Any:
        """Return the derivative of every row's loss by its logits, (rows, outputs), not yet divided by the rows."""


class CrossEntropy(Loss):
    """Cross-entropy of a softmax, from its logits, so that no probability of zero meets a logarithm."""

    formula = "L = −Σₖ yₖ·log ŷₖ"
    links = ("softmax",)

    def rows(self, Z: Any, A: Any, Y: Any) -> Any:
        return -(Y * log_softmax(Z)).sum(axis=1)

    def delta(self, Z: Any, A: Any, Y: Any, link: Link) -> Any:
        return A * Y.sum(axis=1, keepdims=True) - Y


class ElementLoss(Loss):
    """A loss that is the mean over the outputs of one scalar definition.

    Attributes
    ----------
    of_logits
        Whether the definition takes the logit of an output (with its link inside) instead of the output.
    """

    of_logits: ClassVar[bool] = False

    @abc.abstractmethod
    def value(self, a: Any, y: Any) -> Any:
        """Return the loss of one output (or logit) a with its target y."""

    @abc.abstractmethod
    def derivative(self, a: Any, y: Any) -> Any:
        """Return the derivative of `value` by a."""

    def rows(self, Z: Any, A: Any, Y: Any) -> Any:
        return self.value(Z if self.of_logits else A, Y).mean(axis=1)

    def delta(self, Z: Any, A: Any, Y: Any, link: Link) -> Any:
        if self.of_logits:
            return self.derivative(Z, Y) / Y.shape[1]
        return link.pull_back(A, self.derivative(A, Y) / Y.shape[1])


class BinaryCrossEntropy(ElementLoss):
    """Cross-entropy of independent sigmoids, from their logits: log(1 + exp(z)) − z·y."""

    formula = "L = −1/K Σₖ (yₖ·log ŷₖ + (1 − yₖ)·log(1 − ŷₖ))"
    links = ("sigmoid",)
    of_logits = True

    def value(self, a: Any, y: Any) -> Any:
        return softplus(a) - a * y

    def derivative(self, a: Any, y: Any) -> Any:
        return sigmoid(a) - y


class MeanSquaredError(ElementLoss):
    """The mean of the squared errors over the outputs."""

    formula = "L = 1/K Σₖ (ŷₖ − yₖ)²"
    links = ("linear", "sigmoid", "softmax")

    def value(self, a: Any, y: Any) -> Any:
        return (a - y) * (a - y)

    def derivative(self, a: Any, y: Any) -> Any:
        return 2.0 * (a - y)


class MeanAbsoluteError(ElementLoss):
    """The mean of the absolute errors over the outputs; its derivative at an error of zero is zero."""

    formula = "L = 1/K Σₖ |ŷₖ − yₖ|"
    links = ("linear", "sigmoid", "softmax")

    def value(self, a: Any, y: Any) -> Any:
        return np.abs(a - y)

    def derivative(self, a: Any, y: Any) -> Any:
        return np.sign(a - y)


@dataclasses.dataclass(frozen=True)
class Huber(ElementLoss):
    """Squared for small errors, absolute for large ones (Huber, 1964)."""

    formula = "L = 1/K Σₖ (e²/2 if |e| ≤ δ, else δ·(|e| − δ/2)), e = ŷₖ − yₖ"
    links = ("linear", "sigmoid", "softmax")

    threshold: float = setting(
        1.0, "Huber δ", "The error from which the loss grows linearly.", minimum=0, open_minimum=True
    )

    def value(self, a: Any, y: Any) -> Any:
        size = np.abs(a - y)
        return select(size <= self.threshold, 0.5 * size * size, self.threshold * (size - 0.5 * self.threshold))

    def derivative(self, a: Any, y: Any) -> Any:
        return np.minimum(np.maximum(a - y, -self.threshold), self.threshold)


LOSSES: dict[str, type[Loss]] = {
    "cross_entropy": CrossEntropy,
    "binary_cross_entropy": BinaryCrossEntropy,
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "huber": Huber,
}
"""Every loss by its name."""
