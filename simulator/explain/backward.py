"""The chain rule with nothing thrown away: delta of every layer and row, gradients, and each row's share of them."""

import dataclasses

import numpy as np

from simulator.engines.engine import read_only
from simulator.explain.forward import ForwardTrace
from simulator.explain.moment import Doubles, Moment
from simulator.nn import choices, parameters
from simulator.nn.links import LINKS
from simulator.nn.losses import ElementLoss
from simulator.snapshot import LayerParameters


@dataclasses.dataclass(frozen=True, eq=False)
class BackwardTrace:
    """What a backward pass computes; layers are linear layers, counted from 0.

    Attributes
    ----------
    forward
        The forward pass that it goes back through.
    of_outputs
        ∂(loss of the row)/∂ŷ, (rows, outputs); None where the loss is taken from the logits at once.
    deltas
        ∂(loss of the row)/∂Z of every layer, (rows, fan_out).
    gradient
        The mean over the rows of ∂(loss of the row)/∂w for all parameters, (parameter_count,): data loss only.
    inputs
        ∂(loss of the row)/∂x, (rows, inputs); 0 for an input that is held.
    """

    forward: ForwardTrace
    of_outputs: Doubles | None
    deltas: tuple[Doubles, ...]
    gradient: Doubles
    inputs: Doubles

    @property
    def layers(self) -> tuple[LayerParameters, ...]:
        """The gradient as dW (fan_in, fan_out) and db (fan_out,) a layer: read-only views."""
        return parameters.layers(self.forward.network, self.gradient)

    def pulls(self, layer: int) -> Doubles:
        """Return ∂(loss of the row)/∂(what layer `layer` sees), (rows, fan_in): delta @ Wᵀ."""
        return read_only(self.deltas[layer] @ self.forward.layers[layer].weight.T)

    def shares(self, layer: int, source: int | None, unit: int) -> Doubles:
        """Return what every row adds to one parameter's gradient, (rows,): they sum up to it.

        Parameters
        ----------
        layer, source, unit
            The weight from input `source` to neuron `unit` of a linear layer; no source means the neuron's bias.
        """
        delta = self.deltas[layer][:, unit]
        seen = 1.0 if source is None else self.forward.inputs[layer][:, source]
        return read_only(delta * seen / len(delta))


def back_through(forward: ForwardTrace, delta: Doubles) -> tuple[Doubles, ...]:
    """Return the deltas of all layers from that of the last one, (rows, outputs), each (rows, fan_out)."""
    deltas = [read_only(delta)]
    for index in range(len(forward.layers) - 1, 0, -1):
        deltas.append(read_only((deltas[-1] @ forward.layers[index].weight.T) * forward.slopes[index - 1]))
    return tuple(reversed(deltas))


def to_inputs(forward: ForwardTrace, first: Doubles, held: Doubles | None) -> Doubles:
    """Return the derivative by the inputs, (rows, inputs), from the first layer's delta, (rows, fan_out)."""
    pulled = first @ forward.layers[0].weight.T
    return read_only(pulled if held is None else pulled * np.isnan(held[: pulled.shape[1]]))


def backward_of(moment: Moment, forward: ForwardTrace) -> BackwardTrace:
    """Return the backward pass of a moment's batch."""
    loss, link = choices.loss(moment.config), LINKS[moment.network.link]
    Z, A, Y = forward.logits[-1], forward.outputs, moment.Y
    with np.errstate(all="ignore"):
        deltas = back_through(forward, loss.delta(Z, A, Y, link))
        of_outputs = None
        if isinstance(loss, ElementLoss) and not loss.of_logits:
            of_outputs = read_only(loss.derivative(A, Y) / Y.shape[1])
        gradient = np.empty(moment.network.parameter_count)
        for layer, seen, delta in zip(parameters.layers(moment.network, gradient), forward.inputs, deltas, strict=True):
            layer.weight[...] = seen.T @ (delta / len(Y))
            layer.bias[...] = (delta / len(Y)).sum(axis=0)
    return BackwardTrace(forward, of_outputs, deltas, read_only(gradient), to_inputs(forward, deltas[0], moment.held))
