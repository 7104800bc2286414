"""What turns the last layer's logits into the network's outputs."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.nn.scalar import sigmoid


@dataclasses.dataclass(frozen=True)
class Link:
    """A row of the table of output links.

    Attributes
    ----------
    apply
        Logits Z (rows, outputs) to outputs A of the same shape.
    pull_back
        From A and G = ∂loss/∂A to ∂loss/∂Z, all (rows, outputs).
    formula
        The same in the field's notation.
    """

    apply: Callable[[Any], Any]
    pull_back: Callable[[Any, Any], Any]
    formula: str


def log_softmax(Z: Any) -> Any:
    """Return the logarithms of the softmax of every row, (rows, outputs), without overflow."""
    shifted = Z - Z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _softmax(Z: Any) -> Any:
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


LINKS: dict[str, Link] = {
    "softmax": Link(
        _softmax,
        lambda A, G: A * (G - (G * A).sum(axis=1, keepdims=True)),
        "ŷₖ = exp(zₖ) / Σⱼ exp(zⱼ)",
    ),
    "sigmoid": Link(sigmoid, lambda A, G: G * A * (1.0 - A), "ŷ = σ(z) = 1/(1 + exp(−z))"),
    "linear": Link(lambda Z: Z * 1.0, lambda A, G: G * 1.0, "ŷ = z"),
}
"""Every output link by its name."""
