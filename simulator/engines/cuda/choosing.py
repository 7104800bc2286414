"""Which path a run takes on a device: a rule over shapes alone, so that a run takes the same one again."""

from simulator.engines.cuda.large import LargePath
from simulator.engines.cuda.machine import Machine
from simulator.engines.cuda.path import Path
from simulator.engines.cuda.small import SmallPath
from simulator.engines.cuda.tiling import tiling
from simulator.spec import NetworkSpec, TrainingConfig

LARGE_WORK = 64_000_000
"""Rows × parameters of a batch from which matrix products of a library are taken even for a network whose weights fit
in a block's shared memory. Estimated from counts, not measured: the persistent kernel does about 4,000 multiplications
a cycle on 132 multiprocessors, so 3 × 64 million take about 30 µs; about as long as the 16 launches take that the large
path needs for three layers. Beyond, the library's products are several times as fast as ours."""


def path_for(machine: Machine, network: NetworkSpec, config: TrainingConfig, train_rows: int) -> type[Path]:
    """Return the way a run goes: the persistent kernel where its weights and a row fit in a block's shared memory."""
    batch = min(config.batch_size, max(train_rows, 1))
    fits = tiling(machine, network, config, train_rows, 1) is not None
    if fits and batch * network.parameter_count < LARGE_WORK:
        return SmallPath
    return LargePath
