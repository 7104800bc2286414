"""How many threads compute, and a matrix product uses: one number at a time for the process, held where bits repeat."""

import contextlib
import os
import threading
from collections.abc import Generator

import threadpoolctl

from simulator.engines.devices import CPU
from simulator.spec import NetworkSpec, TrainingConfig

_ONE_THREAD_BATCH = 4_000_000
"""Rows times parameters of a batch, up to which one thread is fastest. A batch of this size takes about 0.2 ms, and
threads that meet four times a batch lose more by one late comer than they win."""

_turn = threading.Condition()
_holders = 0
_number = 0
_pools: threadpoolctl.ThreadpoolController | None = None


def available() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_count(network: NetworkSpec, config: TrainingConfig, device: str, spare: int = 0) -> int:
    """Return how many threads compute: one for small batches and on a GPU, else all cores but `spare`."""
    size = config.batch_size * network.parameter_count
    return max(1, available() - spare) if device == CPU and size > _ONE_THREAD_BATCH else 1


@contextlib.contextmanager
def blas_threads(number: int) -> Generator[None]:
    """Hold the number of BLAS threads while the block runs.

    The number belongs to the process, and another number gives other bits. So whoever wants another number waits until
    all who hold this one are done; whoever wants the same one goes in beside them. Not re-entrant with another number.
    """
    global _holders, _number, _pools
    with _turn:
        _turn.wait_for(lambda: _holders == 0 or _number == number)
        if _pools is None:
            # Made late: it sees only libraries that are loaded, and by now NumPy is.
            _pools = threadpoolctl.ThreadpoolController()
        _set(_pools, number)
        _number = number
        _holders += 1
    try:
        yield
    finally:
        with _turn:
            _holders -= 1
            _turn.notify_all()


def _set(pools: threadpoolctl.ThreadpoolController, number: int) -> None:
    for library in pools.lib_controllers:
        if library.user_api == "blas":
            library.set_num_threads(number)
            # From 3.7 on, threadpoolctl lets only the first thread that set a number set another one.
            release = getattr(library, "clear_controlling_thread", None)
            if release is not None:
                release()
