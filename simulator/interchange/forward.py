"""The one forward pass for predictions: a row's outputs do not depend on the rows beside it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.threads import blas_threads
from simulator.errors import ConfigError
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.progress import Progress
from simulator.snapshot import LayerParameters
from simulator.spec import NetworkSpec

BLOCK_ROWS = 1024


def forward(
    network: NetworkSpec,
    layers: tuple[LayerParameters, ...],
    X: NDArray[Any],
    progress: Progress | None = None,
) -> NDArray[np.float64]:
    """Return the outputs of a network without dropout.

    Every block has exactly 1,024 rows, the last one filled up with zeros, and BLAS runs on one thread: so
    each matrix product has the same shape and its sums the same order, whatever is predicted together.

    Parameters
    ----------
    network
        Whose activations and link are used.
    layers
        Its parameters in float64.
    X
        (rows, inputs), any numeric dtype; calculated in float64.
    progress
        Told after every block; a cancelled job stops there.

    Returns
    -------
    (rows, outputs) float64. A row with a missing or infinite input is NaN throughout.

    Raises
    ------
    ConfigError
        When X does not have the network's number of columns.
    """
    if X.ndim != 2 or X.shape[1] != network.inputs:
        raise ConfigError(
            f"rows of shape {X.shape} do not fit a network with {network.inputs} inputs",
            f"Give an array of shape (rows, {network.inputs}).",
        )
    rows = len(X)
    outputs = np.empty((rows, network.outputs), np.float64)
    block = np.zeros((BLOCK_ROWS, network.inputs), np.float64)
    for start in range(0, rows, BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, rows)
        filled = stop - start
        block[:filled] = X[start:stop]
        block[filled:] = 0.0
        unusable = ~np.isfinite(block).all(axis=1)
        block[unusable] = 0.0
        # Held for one block only, so that training with more threads goes on in between. An activation may
        # overflow on its way to a limit (exp of a large number): the result is right, or infinite, without a
        # warning.
        with blas_threads(1), np.errstate(all="ignore"):
            A = _block(network, layers, block)
        A[unusable] = np.nan
        outputs[start:stop] = A[:filled]
        if progress is not None:
            progress.report(stop / rows, f"{stop:,} of {rows:,} rows")
    return outputs


def _block(
    network: NetworkSpec, layers: tuple[LayerParameters, ...], block: NDArray[np.float64]
) -> NDArray[np.float64]:
    A: NDArray[np.float64] = block
    for spec, layer in zip(network.hidden, layers[:-1], strict=True):
        Z = np.matmul(A, layer.weight)
        Z += layer.bias
        A = ACTIVATIONS[spec.activation].value(Z)
    Z = np.matmul(A, layers[-1].weight)
    Z += layers[-1].bias
    return LINKS[network.link].apply(Z)
