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
_BLOCK_BYTES = 2**28
"""What the widest layer of a block takes at most: a million neurons are more than there is memory for 1,024 rows."""


def forward(
    network: NetworkSpec,
    layers: tuple[LayerParameters, ...],
    X: NDArray[Any],
    progress: Progress | None = None,
    depth: int | None = None,
) -> NDArray[np.float64]:
    """Return the outputs of a network without dropout, or what one of its layers gives on.

    Every block of a network has the same number of rows (see `block_rows`), the last one filled up with zeros, and
    BLAS runs on one thread: so each matrix product has the same shape and its sums the same order, whatever is
    predicted together.

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
    depth
        How many layers are gone through: 0 gives the inputs back, None goes to the outputs.

    Returns
    -------
    (rows, outputs) float64, or (rows, units) of the last layer that was gone through. A row with a missing or infinite
    input is NaN throughout.

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
    depth = len(layers) if depth is None else depth
    outputs = np.empty((rows, layers[depth - 1].bias.size if depth else network.inputs), np.float64)
    together = block_rows(network)
    block = np.zeros((together, network.inputs), np.float64)
    for start in range(0, rows, together):
        stop = min(start + together, rows)
        filled = stop - start
        block[:filled] = X[start:stop]
        block[filled:] = 0.0
        unusable = ~np.isfinite(block).all(axis=1)
        block[unusable] = 0.0
        # Held for one block only, so that training with more threads goes on in between. An activation may
        # overflow on its way to a limit (exp of a large number): the result is right, or infinite, without a
        # warning.
        with blas_threads(1), np.errstate(all="ignore"):
            A = _block(network, layers[:depth], block)
        A[unusable] = np.nan
        outputs[start:stop] = A[:filled]
        if progress is not None:
            progress.report(stop / rows, f"{stop:,} of {rows:,} rows")
    return outputs


def block_rows(network: NetworkSpec) -> int:
    """Return how many rows are calculated together: 1,024, and fewer where a layer is wider than 32,768 neurons.

    It depends on the network alone, so that the bits of a row's outputs do, too.
    """
    fitting = _BLOCK_BYTES // (8 * max(network.sizes))
    return BLOCK_ROWS if fitting >= BLOCK_ROWS else max(1, 1 << fitting.bit_length() - 1)


def _block(
    network: NetworkSpec, layers: tuple[LayerParameters, ...], block: NDArray[np.float64]
) -> NDArray[np.float64]:
    functions = [*(ACTIVATIONS[spec.activation].value for spec in network.hidden), LINKS[network.link].apply]
    A: NDArray[np.float64] = block
    for apply, layer in zip(functions, layers, strict=False):  # fewer layers where somebody wants a hidden one
        Z = np.matmul(A, layer.weight)
        Z += layer.bias
        A = apply(Z)
    return A
