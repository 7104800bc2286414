"""What a neuron does with its weighted sum: a = f(z), with da/dz, each one scalar definition."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.nn.scalar import erf, select, sigmoid, softplus

_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_ALPHA = 1.6732632423543772848170429916717
_LEAK = 0.01
_SQRT_HALF = math.sqrt(0.5)
_INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)


@dataclasses.dataclass(frozen=True)
class Activation:
    """A row of the table of activation functions.

    Attributes
    ----------
    value
        f(z), element by element, in the dtype of z.
    derivative
        f′ from z and a = f(z); at a kink the value from the left, as in PyTorch.
    formula, derivative_formula
        The same in the field's notation.
    bounds
        The smallest and largest value that f approaches.
    source
        Where the function was introduced.
    kinked
        Whether the derivative jumps at z = 0.
    """

    value: Callable[[Any], Any]
    derivative: Callable[[Any, Any], Any]
    formula: str
    derivative_formula: str
    bounds: tuple[float, float]
    source: str
    kinked: bool = False


def _elu(z: Any) -> Any:
    return select(z > 0.0, z, np.expm1(np.minimum(z, 0.0)))


def _selu(z: Any) -> Any:
    return _SELU_SCALE * select(z > 0.0, z, _SELU_ALPHA * np.expm1(np.minimum(z, 0.0)))


def _normal_cdf(z: Any) -> Any:
    return 0.5 * (1.0 + erf(z * _SQRT_HALF))


def _silu_slope(z: Any, a: Any) -> Any:
    s = sigmoid(z)
    return s + a * (1.0 - s)


def _mish_slope(z: Any, a: Any) -> Any:  # noqa: ARG001 - the rows share one signature
    t = np.tanh(softplus(z))
    return t + z * (1.0 - t * t) * sigmoid(z)


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(
        lambda z: z * 1.0,
        lambda z, a: z * 0.0 + 1.0,
        "a = z",
        "1",
        (-math.inf, math.inf),
        "the identity",
    ),
    "relu": Activation(
        lambda z: np.maximum(z, 0.0),
        lambda z, a: select(z > 0.0, 1.0, z * 0.0),
        "a = max(z, 0)",
        "1 if z > 0, else 0",
        (0.0, math.inf),
        "Nair and Hinton, 2010",
        kinked=True,
    ),
    "leaky_relu": Activation(
        lambda z: select(z > 0.0, z, _LEAK * z),
        lambda z, a: select(z > 0.0, 1.0, z * 0.0 + _LEAK),
        "a = z if z > 0, else 0.01·z",
        "1 if z > 0, else 0.01",
        (-math.inf, math.inf),
        "Maas, Hannun and Ng, 2013",
        kinked=True,
    ),
    "elu": Activation(
        _elu,
        lambda z, a: select(z > 0.0, 1.0, a + 1.0),
        "a = z if z > 0, else exp(z) − 1",
        "1 if z > 0, else a + 1",
        (-1.0, math.inf),
        "Clevert, Unterthiner and Hochreiter, 2015",
    ),
    "selu": Activation(
        _selu,
        lambda z, a: select(z > 0.0, _SELU_SCALE, a + _SELU_SCALE * _SELU_ALPHA),
        "a = 1.0507·(z if z > 0, else 1.6733·(exp(z) − 1))",
        "1.0507 if z > 0, else a + 1.7581",
        (-_SELU_SCALE * _SELU_ALPHA, math.inf),
        "Klambauer, Unterthiner, Mayr and Hochreiter, 2017",
        kinked=True,
    ),
    "gelu": Activation(
        lambda z: z * _normal_cdf(z),
        lambda z, a: _normal_cdf(z) + z * np.exp(-0.5 * z * z) * _INV_SQRT_2PI,
        "a = z·Φ(z) = z·(1 + erf(z/√2))/2",
        "Φ(z) + z·exp(−z²/2)/√(2π)",
        (-0.16997, math.inf),
        "Hendrycks and Gimpel, 2016",
    ),
    "silu": Activation(
        lambda z: z * sigmoid(z),
        _silu_slope,
        "a = z·σ(z)",
        "σ(z) + a·(1 − σ(z))",
        (-0.27847, math.inf),
        "Elfwing, Uchibe and Doya, 2017",
    ),
    "mish": Activation(
        lambda z: z * np.tanh(softplus(z)),
        _mish_slope,
        "a = z·tanh(t), t = log(1 + exp(z))",
        "tanh(t) + z·(1 − tanh²(t))·σ(z)",
        (-0.30884, math.inf),
        "Misra, 2019",
    ),
    "softplus": Activation(
        softplus,
        lambda z, a: sigmoid(z),
        "a = log(1 + exp(z))",
        "σ(z)",
        (0.0, math.inf),
        "Dugas and others, 2001",
    ),
    "softsign": Activation(
        lambda z: z / (1.0 + np.abs(z)),
        lambda z, a: 1.0 / ((1.0 + np.abs(z)) * (1.0 + np.abs(z))),
        "a = z/(1 + |z|)",
        "1/(1 + |z|)²",
        (-1.0, 1.0),
        "Bergstra and others, 2009",
    ),
    "tanh": Activation(
        lambda z: np.tanh(z),
        lambda z, a: 1.0 - a * a,
        "a = tanh(z)",
        "1 − a²",
        (-1.0, 1.0),
        "the hyperbolic tangent; LeCun, Bottou, Orr and Müller, 1998",
    ),
    "sigmoid": Activation(
        sigmoid,
        lambda z, a: a * (1.0 - a),
        "a = σ(z) = 1/(1 + exp(−z))",
        "a·(1 − a)",
        (0.0, 1.0),
        "the logistic function; Rumelhart, Hinton and Williams, 1986",
    ),
}
"""Every activation function by its name."""
