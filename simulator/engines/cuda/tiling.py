"""How the persistent kernel of small networks divides its work: blocks, threads, and what lies in a block's memory.

All of it follows from the shapes and the device, never from a measurement: the same run has the same bits again.
"""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.cuda.layout import Room
from simulator.engines.cuda.machine import Machine
from simulator.engines.cuda.structs import COEFFICIENTS, RUN_DTYPE, SCALARS, WHOLE, Field, struct_dtype, struct_text
from simulator.engines.engine import EVALUATION_ROWS
from simulator.nn import choices
from simulator.spec import NetworkSpec, TrainingConfig

PLAN: tuple[Field, ...] = (
    ("rows", WHOLE),  # of a tile at most
    ("share", WHOLE),  # parameters of a block at most
    ("lanes", WHOLE),  # neighbouring threads that share the outputs of a row
    ("ahead", WHOLE),  # updates whose coefficients are prepared together
    ("slices", WHOLE),  # of the blocks, whose gradients are summed up by different threads
    ("by_inputs", WHOLE),  # see `reciprocal`
    ("by_share", WHOLE),
    ("targets", WHOLE),  # where in the tile
    # where in a block's shared memory, in bytes; 0 for what is not there
    ("losses", WHOLE),
    ("rates", WHOLE),
    ("scalars", WHOLE),
    ("coefficients", WHOLE),
    ("weights", WHOLE),
    ("gradient", WHOLE),
    ("memory", WHOLE),
    ("sums", WHOLE),
    ("tile", WHOLE),
    # in the device's memory
    ("blocks", WHOLE),  # how many blocks the next three are for
    ("meeting", "unsigned long long *"),  # the counter of `meet`
    ("figures", "double *"),  # (2, blocks, 4)
    ("parts", "Number *"),  # (blocks, parameters): the blocks' gradients
)
"""A block's shared memory, and what the blocks share."""

STEP: tuple[Field, ...] = (
    ("fan_in", "int"),
    ("fan_out", "int"),
    ("activation", "int"),
    ("held", "int"),  # where in `Run.held` its neurons begin
    ("begin", "int"),  # of its parameters in the flat vector
    ("weight", "int"),  # of its parameters among the weights in shared memory: fan_in rows, then the bias
    ("pitch", "int"),  # from one of these rows to the next
    ("in", "int"),  # where in the tile: what it sees
    ("in_pitch", "int"),
    ("out", "int"),  # the activations, or the logits
    ("out_pitch", "int"),  # of these and of the next
    ("delta", "int"),  # the slopes, and then the derivatives by the logits
    ("by_out", "unsigned"),  # see `reciprocal`
    ("drops", "int"),
    ("limit", "unsigned"),  # a neuron stays whose word is not below it
    ("split", "int"),  # 2 to this power are the threads that share a sum of the forward pass,
    ("split_back", "int"),  # and of the backward pass
)
"""A linear layer, as a block has it in its shared memory."""

PLAN_DTYPE, STEP_DTYPE = struct_dtype(PLAN), struct_dtype(STEP)

ALONE, EACH = 64 << 10, 16 << 10
"""Rows × parameters of a batch up to which one block does it alone, and for which another block comes beyond.

A block has about 32 multiplications a cycle, where shared memory feeds them, so the three products of 64 Ki rows ×
parameters take about 6,000 cycles; two meetings, the sum over the blocks and fetching the weights take about as long.
"""

MOST_THREADS, FEWEST_THREADS = 256, 32
MOST_ROWS = 64
AHEAD = 32
RESERVED = 1024
"""Bytes of shared memory that the words of the kernels may have for themselves."""


def most_blocks(machine: Machine) -> int:
    """Return how many blocks can run at the same time where they wait for each other.

    The kernels promise the compiler `MOST_THREADS` threads and one block a multiprocessor, and no block has more shared
    memory than a multiprocessor; so one is always there for each.
    """
    return machine.multiprocessors if machine.cooperates else 1


def declarations() -> str:
    """Return the structs `Plan` and `Step` in C."""
    return struct_text("Plan", PLAN) + struct_text("Step", STEP)


def reciprocal(divisor: int) -> int:
    """Return the number by which a kernel divides, as the upper word of a product: 2³²/d rounded up, 0 for 1.

    The result is exact for a dividend whose product with the divisor is below 2³²: the rounding adds less than d to
    2³², and so less than 1/d to a quotient that is at least 1/d away from the next whole number.
    """
    return 0 if divisor == 1 else (1 << 32) // divisor + 1


def odd(units: int) -> int:
    """Return the pitch of a row of weights: odd, so that a column of 32 rows lies in 32 banks."""
    return units | 1


def fours(units: int) -> int:
    """Return the pitch of a row of the tile: an odd number of fours, of which each is read at once."""
    return 4 * (-(-units // 4) | 1)


@dataclasses.dataclass(frozen=True, eq=False)
class Tiling:
    """The kernel's division of a run.

    Attributes
    ----------
    blocks, threads
        Of a launch that trains.
    plan, steps
        (1,) of `PLAN_DTYPE`, without addresses in the device's memory, and (linear layers,) of `STEP_DTYPE`.
    shared
        Bytes of shared memory of a block.
    """

    blocks: int
    threads: int
    plan: NDArray[Any]
    steps: NDArray[Any]
    shared: int


def tiling(machine: Machine, network: NetworkSpec, config: TrainingConfig, train_rows: int, rows: int) -> Tiling | None:
    """Return how a run with so many training and test rows is divided; None where a block has no room for it."""
    batch = min(config.batch_size, max(train_rows, 1))
    work = batch * network.parameter_count
    blocks = 1 if work <= ALONE else max(1, min(most_blocks(machine), batch, -(-work // EACH)))
    own = -(-batch // blocks)
    wanted = min(MOST_ROWS, max(own, -(-min(rows, EVALUATION_ROWS) // blocks)))
    widest = max(own * max(network.sizes[1:]), max((fan_in + 1) * fan_out for fan_in, fan_out in network.shapes))
    threads = min(MOST_THREADS, machine.most_threads, max(FEWEST_THREADS, 1 << (widest - 1).bit_length()))
    lanes = min(32, 1 << (network.outputs - 1).bit_length())
    while lanes > 1 and own * lanes > threads:
        lanes //= 2
    for memory, gradient in ((True, blocks == 1), (False, blocks == 1), (False, False)):
        fixed, plan = _fixed(network, config, blocks, threads, memory=memory, gradient=gradient)
        row = _row_bytes(network, config.dtype)
        tile_rows = min(wanted, (machine.shared_bytes - RESERVED - fixed) // row)
        if tile_rows >= min(wanted, 8) or (tile_rows >= 1 and not (memory or gradient)):
            steps = _steps(network, plan, tile_rows, threads // min(own, tile_rows))
            plan["lanes"], plan["blocks"] = lanes, most_blocks(machine)
            return Tiling(blocks, threads, plan, steps, fixed + tile_rows * row)
    return None


def _fixed(
    network: NetworkSpec, config: TrainingConfig, blocks: int, threads: int, *, memory: bool, gradient: bool
) -> tuple[int, NDArray[Any]]:
    """Return how many bytes of shared memory a block has beside its tile of rows, and where what is."""
    size, room, plan = np.dtype(config.dtype).itemsize, Room(16), np.zeros(1, PLAN_DTYPE)
    optimizer = choices.optimizer(config)
    share = -(-network.parameter_count // blocks)
    ahead = 1 if optimizer.scalars else AHEAD
    room.take("structs", RUN_DTYPE.itemsize + PLAN_DTYPE.itemsize + STEP_DTYPE.itemsize * len(network.shapes))
    room.take("losses", 16 * MOST_ROWS)
    room.take("rates", 8 * AHEAD)
    room.take("scalars", 8 * (2 * SCALARS + 4))
    room.take("coefficients", size * COEFFICIENTS * AHEAD)
    room.take("weights", size * sum((fan_in + 1) * odd(fan_out) for fan_in, fan_out in network.shapes))
    if gradient:
        room.take("gradient", size * network.parameter_count)
    if memory:
        room.take("memory", size * share * len(optimizer.memory))
    slices = 1 if blocks == 1 else max(1, min(blocks, threads // share))
    if slices > 1:
        room.take("sums", size * share * slices)
    room.take("tile", 1)
    room.places.pop("structs")
    for name, place in room.places.items():
        plan[name] = place
    plan["share"], plan["ahead"], plan["slices"], plan["by_share"] = share, ahead, slices, reciprocal(share)
    return room.size, plan


def _row_bytes(network: NetworkSpec, dtype: str) -> int:
    """Return how many bytes of the tile a row has: inputs, targets, and values and slopes of every layer."""
    inputs, *units = network.sizes
    return np.dtype(dtype).itemsize * (fours(inputs) + network.outputs + 2 * sum(fours(each) for each in units))


def _split(threads: int, sums: int, inner: int) -> int:
    """Return the power of two threads that share each of so many sums over `inner` products, at least four of them."""
    return max(0, min(threads // sums, inner // 4, 32).bit_length() - 1)


def _steps(network: NetworkSpec, plan: NDArray[Any], rows: int, threads: int) -> NDArray[Any]:
    """Fill in where the layers are, in a tile of so many rows, each with so many threads while it is trained with."""
    steps = np.zeros(len(network.shapes), STEP_DTYPE)
    begin, weight, held, place = 0, 0, network.inputs, fours(network.inputs) * rows
    seen = 0
    for index, (fan_in, fan_out) in enumerate(network.shapes):
        pitch, wide = odd(fan_out), fours(fan_out)
        drop = network.hidden[index].dropout if index < len(network.hidden) else 0.0
        values = {
            "fan_in": fan_in, "fan_out": fan_out, "held": held, "begin": begin, "weight": weight, "pitch": pitch,
            "in": seen, "in_pitch": fours(fan_in), "out": place, "out_pitch": wide, "delta": place + wide * rows,
            "by_out": reciprocal(fan_out), "drops": drop > 0.0, "limit": int(drop * 2**32),
            "split": _split(threads, fan_out, fan_in), "split_back": _split(threads, fan_in, fan_out),
        }  # fmt: skip
        for name, value in values.items():
            steps[name][index] = value
        begin, weight, held = begin + (fan_in + 1) * fan_out, weight + (fan_in + 1) * pitch, held + fan_out
        seen, place = place, place + 2 * wide * rows
    plan["rows"], plan["targets"], plan["by_inputs"] = rows, place, reciprocal(network.inputs)
    return steps
