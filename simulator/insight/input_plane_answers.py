"""What a network answers at every place of a plane, in float32 and in blocks that stay in the cache."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.insight.input_planes import Grid, Places
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.progress import Progress
from simulator.snapshot import LayerParameters
from simulator.spec import NetworkSpec

Singles = NDArray[np.float32]

_BLOCK = 1 << 17
"""So many numbers of a layer are worked on at a time: half a megabyte."""


def seconds_per_place(network: NetworkSpec) -> float:
    """Return about how long an answer takes on one core, from what was measured; never from a clock of now.

    The first layer is worked out by columns and rows and costs next to nothing; a product takes 0.05 ns, a neuron's
    activation 6 ns.
    """
    sizes = network.sizes
    products = sum(one * other for one, other in itertools.pairwise(sizes[1:]))
    return 1e-9 * (0.05 * products + 6.0 * sum(sizes[1:]))


def activations(
    network: NetworkSpec, layers: Sequence[LayerParameters], grid: Grid, progress: Progress | None = None
) -> list[Singles]:
    """Return what every neuron behind the inputs answers, one array (rows · columns, units) a layer.

    What is not finite stays so: a diverged network answers NaN. A cancelled job ends between two blocks.
    """
    found = [np.empty((grid.rows * grid.columns, units), np.float32) for units in network.sizes[1:]]
    for rows, parts in _blocks(network, layers, grid, progress):
        for whole, part in zip(found, parts, strict=True):
            whole[rows] = part
    return found


def outputs(
    network: NetworkSpec, layers: Sequence[LayerParameters], grid: Grid, progress: Progress | None = None
) -> Singles:
    """Return the network's outputs, (rows, columns, outputs); see `activations`."""
    found = np.empty((grid.rows * grid.columns, network.outputs), np.float32)
    for rows, parts in _blocks(network, layers, grid, progress):
        found[rows] = parts[-1]
    return found.reshape(grid.rows, grid.columns, -1)


def _blocks(network: NetworkSpec, layers: Sequence[LayerParameters], grid: Grid, progress: Progress | None) -> Any:
    """Yield (which places, the activations of each layer) for some rows of the grid at a time."""
    first = layers[0]
    W = np.asarray(first.weight, np.float64)
    everywhere = grid.base @ W + np.asarray(first.bias, np.float64)
    across = (everywhere + _product(grid.across, W)).astype(np.float32)
    down = _product(grid.down, W).astype(np.float32)
    weights = [(np.asarray(each.weight, np.float32), np.asarray(each.bias, np.float32)) for each in layers[1:]]
    functions = [ACTIVATIONS[layer.activation].value for layer in network.hidden] + [LINKS[network.link].apply]
    size = max(1, _BLOCK // (max(network.sizes[1:]) * grid.columns))
    places, values = grid.bound
    for start in range(0, grid.rows, size):
        stop = min(start + size, grid.rows)
        rows = slice(start * grid.columns, stop * grid.columns)
        with np.errstate(all="ignore"):
            Z = (across[None, :, :] + down[start:stop, None, :]).reshape(-1, across.shape[1])
            if len(places):
                Z += (values[rows] @ W[places]).astype(np.float32)
            parts = [functions[0](Z)]
            for (weight, bias), function in zip(weights, functions[1:], strict=True):
                Z = parts[-1] @ weight
                Z += bias
                parts.append(function(Z))
        yield rows, parts
        if progress is not None:
            progress.report(stop / grid.rows, "asking the network about the plane")


def _product(added: tuple[Places, NDArray[np.float64]], W: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return added[1] @ W[added[0]]
