"""How a gradient changes a parameter: frozen rules, whose memory lives outside them.

Every rule is one scalar definition, `rule(w, g, *memory, *coefficients) -> (w, *memory)`, over a parameter w, its
gradient g and the rule's memory of it. What is the same for all parameters of an update (bias corrections, the
scheduled rate) is computed once before it, in float64, by `coefficients`. Formulas and defaults are PyTorch's, but for
the learning rates, which are set for small networks.
"""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from simulator import fields
from simulator.fields import setting

_DECAY_HELP = "Adds weight_decay·w to the gradient of every parameter, biases included."


def _rate(default: float) -> Any:
    return setting(default, "Learning rate", "How far a parameter moves against its gradient: w ← w − η·g.", minimum=0)


def _beta(default: float, label: str, text: str) -> Any:
    return setting(default, label, text, minimum=0, maximum=1, open_maximum=True)


def _epsilon(default: float) -> Any:
    return setting(default, "ε", "Added to a denominator so that nothing is divided by zero.", minimum=0)


@dataclasses.dataclass(frozen=True)
class Optimizer(abc.ABC):
    """A row of the table of optimizers; its fields are the optimizer's settings.

    Attributes
    ----------
    formula
        The update in the field's notation.
    rule
        The scalar definition: (w, g, *memory, *coefficients) to (w, *memory).
    memory
        The names of what the rule remembers of every parameter; zero at the start.
    scalars
        The names of what it remembers once for all parameters, with the values at the start.
    """

    formula: ClassVar[str]
    rule: ClassVar[Callable[..., tuple[Any, ...]]]
    memory: ClassVar[tuple[str, ...]] = ()
    scalars: ClassVar[dict[str, float]] = {}

    learning_rate: float = _rate(0.01)
    weight_decay: float = setting(0.0, "Weight decay", _DECAY_HELP, minimum=0)

    def __post_init__(self) -> None:
        fields.check(self)

    @abc.abstractmethod
    def coefficients(self, step: int, rate: float, scalars: list[float]) -> tuple[float, ...]:
        """Return what the rule needs in one update, the same for all parameters.

        Parameters
        ----------
        step
            The number of the update since the memory was empty, from 1.
        rate
            The scheduled learning rate.
        scalars
            The values of `scalars`, replaced in place.
        """


def _sgd(
    w: Any, g: Any, velocity: Any, rate: float, decay: float, momentum: float, own: float, ahead: float
) -> tuple[Any, ...]:
    g = g + decay * w
    velocity = momentum * velocity + g
    return w - rate * (own * g + ahead * velocity), velocity


@dataclasses.dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum (Polyak, 1964) and Nesterov's look-ahead (1983) when wanted."""

    formula = "v ← μ·v + g;  w ← w − η·v  (Nesterov: w ← w − η·(g + μ·v))"
    rule = staticmethod(_sgd)
    memory = ("velocity",)

    learning_rate: float = _rate(0.1)
    momentum: float = _beta(0.0, "Momentum μ", "How much of the last velocity is kept.")
    nesterov: bool = setting(False, "Nesterov", "Uses the gradient plus μ times the new velocity.")

    def coefficients(self, step: int, rate: float, scalars: list[float]) -> tuple[float, ...]:
        # w − η·(own·g + ahead·v): (0, 1) is plain momentum, (1, μ) is Nesterov's.
        own, ahead = (1.0, self.momentum) if self.nesterov else (0.0, 1.0)
        return rate, self.weight_decay, self.momentum, own, ahead


def _adam(
    w: Any, g: Any, m: Any, v: Any, decay: float, rate: float, root: float,
    keep1: float, add1: float, keep2: float, add2: float, epsilon: float,
) -> tuple[Any, ...]:  # fmt: skip
    g = g + decay * w
    m = keep1 * m + add1 * g
    v = keep2 * v + add2 * g * g
    return w - rate * m / (np.sqrt(v) * root + epsilon), m, v


@dataclasses.dataclass(frozen=True)
class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2015)."""

    formula = "m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²;  w ← w − η·m̂/(√v̂ + ε),  m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)"
    rule = staticmethod(_adam)
    memory = ("m", "v")

    beta1: float = _beta(0.9, "β₁", "How slowly the mean of the gradients is forgotten.")
    beta2: float = _beta(0.999, "β₂", "How slowly the mean of the squared gradients is forgotten.")
    epsilon: float = _epsilon(1e-8)

    def coefficients(self, step: int, rate: float, scalars: list[float]) -> tuple[float, ...]:
        correction1, correction2 = 1.0 - self.beta1**step, 1.0 - self.beta2**step
        fixed = (self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, self.epsilon)
        return self._decay(rate), rate / correction1, correction2**-0.5, *fixed

    def _decay(self, rate: float) -> float:
        del rate  # the coupled decay is scaled by the rate where the whole gradient is
        return self.weight_decay


def _adamw(w: Any, g: Any, m: Any, v: Any, decay: float, *coefficients: float) -> tuple[Any, ...]:
    return _adam(w - decay * w, g, m, v, 0.0, *coefficients)


@dataclasses.dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    formula = "w ← (1 − η·λ)·w;  then as Adam, without the decay in g"
    rule = staticmethod(_adamw)

    weight_decay: float = setting(
        0.01,
        "Weight decay λ",
        "Multiplies every parameter, biases included, by 1 − η·λ before the update.",
        minimum=0,
    )

    def _decay(self, rate: float) -> float:
        return rate * self.weight_decay


def _nadam(
    w: Any, g: Any, m: Any, v: Any, decay: float, own: float, ahead: float, root: float,
    keep1: float, add1: float, keep2: float, add2: float, epsilon: float,
) -> tuple[Any, ...]:  # fmt: skip
    g = g + decay * w
    m = keep1 * m + add1 * g
    v = keep2 * v + add2 * g * g
    return w - (own * g + ahead * m) / (np.sqrt(v) * root + epsilon), m, v


@dataclasses.dataclass(frozen=True)
class NAdam(Adam):
    """Adam with Nesterov's look-ahead (Dozat, 2016), its momentum rising with the updates."""

    formula = "μₜ = β₁·(1 − 0.96^(t·ψ)/2);  as Adam, with m̂ = (1 − μₜ)·g/(1 − Πμ) + μₜ₊₁·m/(1 − Πμ·μₜ₊₁)"
    rule = staticmethod(_nadam)
    scalars: ClassVar[dict[str, float]] = {"momentum_product": 1.0}

    momentum_decay: float = setting(0.004, "Momentum decay ψ", "How fast the momentum rises.", minimum=0)

    def coefficients(self, step: int, rate: float, scalars: list[float]) -> tuple[float, ...]:
        now = self.beta1 * (1.0 - 0.5 * 0.96 ** (step * self.momentum_decay))
        following = self.beta1 * (1.0 - 0.5 * 0.96 ** ((step + 1) * self.momentum_decay))
        scalars[0] *= now
        root = (1.0 - self.beta2**step) ** -0.5
        own, ahead = (1.0 - now) / (1.0 - scalars[0]), following / (1.0 - scalars[0] * following)
        fixed = (self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, self.epsilon)
        return self.weight_decay, rate * own, rate * ahead, root, *fixed


def _rmsprop(
    w: Any, g: Any, mean_square: Any, velocity: Any, rate: float, decay: float,
    keep: float, add: float, epsilon: float, momentum: float,
) -> tuple[Any, ...]:  # fmt: skip
    g = g + decay * w
    mean_square = keep * mean_square + add * g * g
    velocity = momentum * velocity + g / (np.sqrt(mean_square) + epsilon)
    return w - rate * velocity, mean_square, velocity


@dataclasses.dataclass(frozen=True)
class RMSprop(Optimizer):
    """The gradient over the root of its mean square (Hinton's lecture 6e, 2012), with momentum when wanted."""

    formula = "s ← ρ·s + (1 − ρ)·g²;  b ← μ·b + g/(√s + ε);  w ← w − η·b"
    rule = staticmethod(_rmsprop)
    memory = ("mean_square", "velocity")

    rho: float = _beta(0.99, "ρ", "How slowly the mean of the squared gradients is forgotten.")
    epsilon: float = _epsilon(1e-8)
    momentum: float = _beta(0.0, "Momentum μ", "How much of the last velocity is kept.")

    def coefficients(self, step: int, rate: float, scalars: list[float]) -> tuple[float, ...]:
        return rate, self.weight_decay, self.rho, 1.0 - self.rho, self.epsilon, self.momentum


def _adagrad(w: Any, g: Any, square_sum: Any, rate: float, decay: float, epsilon: float) -> tuple[Any, ...]:
    g = g + decay * w
    square_sum = square_sum + g * g
    return w - rate * g / (np.sqrt(square_sum) + epsilon), square_sum


@dataclasses.dataclass(frozen=True)
class Adagrad(Optimizer):
    """The gradient over the root of the sum of its squares (Duchi, Hazan and Singer, 2011)."""

    formula = "s ← s + g²;  w ← w − η·g/(√s + ε)"
    rule = staticmethod(_adagrad)
    memory = ("square_sum",)

    learning_rate: float = _rate(0.05)
    epsilon: float = _epsilon(1e-10)

    def coefficients(self, step: int, rate: float, scalars: list[float]) -> tuple[float, ...]:
        return rate, self.weight_decay, self.epsilon


def _adadelta(
    w: Any, g: Any, mean_square: Any, mean_square_step: Any,
    rate: float, decay: float, keep: float, add: float, epsilon: float,
) -> tuple[Any, ...]:  # fmt: skip
    g = g + decay * w
    mean_square = keep * mean_square + add * g * g
    step = np.sqrt(mean_square_step + epsilon) / np.sqrt(mean_square + epsilon) * g
    mean_square_step = keep * mean_square_step + add * step * step
    return w - rate * step, mean_square, mean_square_step


@dataclasses.dataclass(frozen=True)
class Adadelta(Optimizer):
    """Steps in the size of the last steps (Zeiler, 2012)."""

    formula = "s ← ρ·s + (1 − ρ)·g²;  Δ = √(u + ε)/√(s + ε)·g;  u ← ρ·u + (1 − ρ)·Δ²;  w ← w − η·Δ"
    rule = staticmethod(_adadelta)
    memory = ("mean_square", "mean_square_step")

    learning_rate: float = _rate(1.0)
    rho: float = _beta(0.9, "ρ", "How slowly the mean squares are forgotten.")
    epsilon: float = _epsilon(1e-6)

    def coefficients(self, step: int, rate: float, scalars: list[float]) -> tuple[float, ...]:
        return rate, self.weight_decay, self.rho, 1.0 - self.rho, self.epsilon


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": NAdam,
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
}
"""Every optimizer by its name."""
