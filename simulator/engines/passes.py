"""The readable truth: the forward and the backward pass of a batch as array code, for NumPy and CuPy alike.

X (batch, inputs) goes forward layer by layer, Z = A @ W + b and A = f(Z). Backwards, delta = ∂loss/∂Z of the last layer
comes from the loss; each layer's gradients are Aᵀ @ delta and the column sums of delta, and (delta @ Wᵀ)·f′(Z) is the
delta of the layer before (Rumelhart, Hinton and Williams, 1986).
"""

import dataclasses
from typing import Any

import numpy as np

from simulator.nn import choices
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.snapshot import LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig


@dataclasses.dataclass(frozen=True, eq=False)
class Forward:
    """What a forward pass leaves behind for the backward pass.

    Attributes
    ----------
    inputs
        The input matrix of every linear layer, (rows, fan_in): after dropout, and with held units at their values.
    logits
        Z of every linear layer, (rows, fan_out).
    slopes
        ∂(what the next layer sees)/∂Z of every hidden layer, (rows, units).
    outputs
        A of the last layer, (rows, outputs).
    """

    inputs: list[Any]
    logits: list[Any]
    slopes: list[Any]
    outputs: Any


def forward(
    network: NetworkSpec,
    layers: tuple[LayerParameters, ...],
    X: Any,
    kept: list[Any] | None = None,
    held: Any | None = None,
) -> Forward:
    """Send a batch through the network.

    Parameters
    ----------
    network
        Names the activations and the output link.
    layers
        The parameters, weight (fan_in, fan_out) and bias (fan_out,) each.
    X
        (rows, inputs)
    kept
        For every hidden layer the bool array (rows, units) of the neurons that dropout keeps, or None; None in all when
        evaluating.
    held
        See `EngineState.held`.
    """
    A, start = X, network.inputs
    if held is not None:
        A = np.where(np.isnan(held[:start]), A, held[:start])
    inputs, logits, slopes = [A], [], []
    for index, hidden in enumerate(network.hidden):
        activation = ACTIVATIONS[hidden.activation]
        Z = A @ layers[index].weight + layers[index].bias
        A = activation.value(Z)
        slope = activation.derivative(Z, A)
        if kept is not None and kept[index] is not None:
            scale = kept[index].astype(A.dtype) * (1.0 / (1.0 - hidden.dropout))
            A, slope = A * scale, slope * scale
        if held is not None:
            values = held[start : start + hidden.units]
            free = np.isnan(values)
            A, slope = np.where(free, A, values), np.where(free, slope, 0.0 * slope)
            start += hidden.units
        inputs.append(A)
        logits.append(Z)
        slopes.append(slope)
    Z = A @ layers[-1].weight + layers[-1].bias
    logits.append(Z)
    return Forward(inputs, logits, slopes, LINKS[network.link].apply(Z))


def backward(
    layers: tuple[LayerParameters, ...], passed: Forward, delta: Any, gradient: tuple[LayerParameters, ...]
) -> None:
    """Fill `gradient` with the derivatives of the batch's loss by every weight and bias.

    Parameters
    ----------
    layers
        The parameters that `passed` went through.
    passed
        What `forward` returned.
    delta
        ∂loss/∂Z of the last layer, (rows, outputs).
    gradient
        Where the derivatives go, in the shapes of `layers`.
    """
    for index in range(len(layers) - 1, -1, -1):
        gradient[index].weight[...] = passed.inputs[index].T @ delta
        gradient[index].bias[...] = delta.sum(axis=0)
        if index > 0:
            delta = (delta @ layers[index].weight.T) * passed.slopes[index - 1]


def evaluate(
    network: NetworkSpec,
    config: TrainingConfig,
    layers: tuple[LayerParameters, ...],
    X: Any,
    Y: Any,
    held: Any | None,
    classification: bool,
) -> tuple[float, int]:
    """Return the summed loss of the rows X (rows, inputs), Y (rows, outputs), and how many are predicted right."""
    with np.errstate(all="ignore"):  # what is not finite is looked for, not warned of
        passed = forward(network, layers, X, held=held)
        losses = choices.loss(config).rows(passed.logits[-1], passed.outputs, Y)
        return float(losses.sum(dtype=np.float64)), hits(passed.outputs, Y) if classification else 0


def norm(values: Any) -> float:
    """Return the Euclidean norm of an array; squares are made in its dtype and added up in float64."""
    return float(np.sqrt((values * values).sum(dtype=np.float64)))


def hits(A: Any, Y: Any) -> int:
    """Return for how many rows the largest output (or the side of one half, if there is one) is the target's."""
    if A.shape[1] == 1:
        return int(((A >= 0.5) == (Y >= 0.5)).sum())
    return int((A.argmax(axis=1) == Y.argmax(axis=1)).sum())
