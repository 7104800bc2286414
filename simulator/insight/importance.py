"""How much the loss depends on a weight or neuron being there at all, to first order.

The Taylor criterion of Molchanov, Tyree, Karras, Aila and Kautz, "Pruning convolutional neural networks for resource
efficient inference" (ICLR 2017): taking a number x out, which means making it 0, changes a row's loss by about
∂L/∂x · x. Averaged over rows is the size of that, since rows that want it larger and rows that want it smaller would
cancel out.
"""

import dataclasses

import numpy as np

from simulator.engines.engine import read_only
from simulator.explain.backward import BackwardTrace
from simulator.explain.moment import Doubles


@dataclasses.dataclass(frozen=True, eq=False)
class Importance:
    """First-order importances, averaged over the rows of a batch; all are 0 or more, in units of the loss.

    Attributes
    ----------
    weights
        Of every linear layer's weights, (fan_in, fan_out): mean over the rows of |∂L/∂w · w|.
    neurons
        Of what every linear layer sees, (fan_in,): mean of |∂L/∂a · a|. The first ones are those of the inputs; the
        outputs have none, since nothing but the loss sees them.
    """

    weights: tuple[Doubles, ...]
    neurons: tuple[Doubles, ...]


def first_order(backward: BackwardTrace) -> Importance:
    """Return the importances of a network's weights and neurons for the rows of a backward pass.

    A row's derivative by a weight is δ·a, so that the mean of |δ·a·w| is |w| times a product of matrices.
    """
    forward = backward.forward
    weights, neurons = [], []
    with np.errstate(all="ignore"):
        for index, (seen, delta) in enumerate(zip(forward.inputs, backward.deltas, strict=True)):
            sizes = np.abs(seen).T @ np.abs(delta) / len(delta)
            weights.append(read_only(sizes * np.abs(forward.layers[index].weight)))
            neurons.append(read_only(np.abs(seen * backward.pulls(index)).mean(axis=0)))
    return Importance(tuple(weights), tuple(neurons))
