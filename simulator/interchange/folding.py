"""What is multiplied and added, number by number, before or after a layer becomes part of its weights and biases."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def put_before(weight: Floats, bias: Floats, scale: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Return float64 weights and biases of a layer that is given x·scale + shift: (x·scale + shift) @ W + b.

    Parameters
    ----------
    weight, bias
        (fan_in, fan_out) and (fan_out,).
    scale, shift
        (fan_in,), or (1,) for all alike. What overflows becomes infinite, and is refused where layers are checked.
    """
    exact = weight.astype(np.float64)
    with np.errstate(all="ignore"):
        return scale.reshape(-1, 1) * exact, bias.astype(np.float64) + np.broadcast_to(shift, (len(exact),)) @ exact


def put_after(weight: Floats, bias: Floats, scale: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Return float64 weights and biases of a layer whose sums are scaled and shifted: (x @ W + b)·scale + shift.

    Parameters are as for `put_before`, but for `scale` and `shift`: (fan_out,), or (1,) for all alike.
    """
    with np.errstate(all="ignore"):
        return weight.astype(np.float64) * scale, bias.astype(np.float64) * scale + shift


def normalising(gamma: Floats, beta: Floats, mean: Floats, variance: Floats, epsilon: float) -> tuple[Floats, Floats]:
    """Return scale and shift of a batch normalisation, y = (x − mean)/√(variance + ε)·γ + β (Ioffe and Szegedy, 2015).

    A negative variance becomes NaN, and is refused where layers are checked.
    """
    with np.errstate(all="ignore"):
        scale = gamma / np.sqrt(variance + epsilon)
        return scale, beta - mean * scale
