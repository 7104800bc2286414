"""What the path for larger networks keeps beside a run: how many rows go together, and where their numbers stand."""

import dataclasses

import numpy as np

from simulator.engines.engine import EVALUATION_ROWS
from simulator.spec import NetworkSpec, TrainingConfig

TILE_THREADS, NORM_BLOCKS, _LEAST_CHUNK = 256, 256, 32  # as in large.cuh
_PIECE_BYTES = 256 << 20
_LEAST_PIECE = 64
_BLOCK_BYTES = 1 << 30
_LEAST_BLOCK = 1024
_ALIGNMENT = 256


def piece_rows(network: NetworkSpec, dtype: str) -> int:
    """Return how many rows are evaluated together: it follows from the network alone, and so do their bits."""
    number = np.dtype(dtype).itemsize * _numbers_a_row(network)
    rows = EVALUATION_ROWS
    while rows > _LEAST_PIECE and rows * number > _PIECE_BYTES:
        rows //= 2
    return rows


def block_rows(network: NetworkSpec, dtype: str) -> int:
    """Return how many rows of a batch are remembered together at most; a larger batch is done block by block.

    A multiple of what a tile has at most, so that no tile lies in two blocks.
    """
    number = np.dtype(dtype).itemsize * _numbers_a_row(network)
    return max(_LEAST_BLOCK, _BLOCK_BYTES // number // TILE_THREADS * TILE_THREADS)


def _numbers_a_row(network: NetworkSpec) -> int:
    return network.inputs + 2 * sum(layer.units for layer in network.hidden) + network.outputs


def quads(columns: int) -> int:
    """Return how many threads share a row of a tile, as `quads_of` of the kernels."""
    return min(32, 1 << max(0, (-(-columns // 4) - 1).bit_length()))


def chunks(rows: int, columns: int) -> int:
    """Return how many tiles lie above each other."""
    return -(-rows // max(_LEAST_CHUNK, TILE_THREADS // quads(columns)))


def sums(rows: int, columns: int) -> int:
    """Return how many numbers the sums of a hidden layer's chunks take, as `sums_of` of the kernels."""
    return -(-chunks(rows, columns) * columns // 4) * 4


@dataclasses.dataclass(frozen=True)
class Places:
    """Where the workspace's parts begin, counted in bytes.

    Attributes
    ----------
    inputs
        Gathered rows, (rows, inputs).
    values
        What the layer after a hidden layer sees, and then its derivatives: (rows, units) each.
    logits
        Sums and then slopes of every hidden layer, (rows, units) each; of the last layer sums and then derivatives,
        (rows of a whole batch, outputs).
    sums
        The derivatives' sums of every hidden layer's chunks, (chunks, units) each.
    found
        Losses and hits of rows, (2, rows) float64.
    parts
        Sums of squares, (NORM_BLOCKS,) float64.
    size
        How long the workspace is.
    piece, block
        How many rows are evaluated together, and how many of a batch are remembered together.
    """

    inputs: int
    values: tuple[int, ...]
    logits: tuple[int, ...]
    sums: int
    found: int
    parts: int
    size: int
    piece: int
    block: int


def places(network: NetworkSpec, config: TrainingConfig, train_rows: int, test_rows: int) -> Places:
    """Lay out the workspace of a run with so many training and test rows."""
    number = np.dtype(config.dtype).itemsize
    batch = min(config.batch_size, max(train_rows, 1))
    piece, block = piece_rows(network, config.dtype), block_rows(network, config.dtype)
    evaluated = min(piece, max(train_rows, test_rows))
    rows = max(min(batch, block), evaluated)
    units = [layer.units for layer in network.hidden]
    sizes = [
        rows * network.inputs * number,
        *(rows * each * number for each in units),
        *(rows * each * number for each in units),
        max(batch, evaluated) * network.outputs * number,  # derivatives of the whole batch, for the last biases
        sum(sums(batch, each) for each in units) * number,
        2 * 8 * max(batch, EVALUATION_ROWS),
        8 * NORM_BLOCKS,
    ]
    begins: list[int] = []
    size = 0
    for each in sizes:
        begins.append(size)
        size += -(-max(each, 1) // _ALIGNMENT) * _ALIGNMENT
    hidden = len(units)
    values, logits = tuple(begins[1 : 1 + hidden]), tuple(begins[1 + hidden : 2 + 2 * hidden])
    per_chunk, found, parts = begins[-3:]
    return Places(begins[0], values, logits, per_chunk, found, parts, size, piece, block)
