"""What else takes time on a device: until a result is back, giving it work, and copying parameters back."""

import contextlib
import dataclasses
import statistics
import time
from collections.abc import Callable, Generator
from typing import Any

from numpy.typing import NDArray

from simulator.benchmarks.apart import Keep
from simulator.benchmarks.measuring import Plan
from simulator.benchmarks.workloads import WORKLOADS
from simulator.engines import Engine, choose, devices
from simulator.engines.cuda.machine import Machine, Reading
from simulator.errors import DivergenceError, SimulatorError
from simulator.nn import parameters
from simulator.progress import Progress

CHUNK_SECONDS = 0.008
"""How long a session lets an engine work before it looks at its commands again."""

_TIMES, _MOST_ROWS = 50, 1000


@dataclasses.dataclass(frozen=True)
class DeviceCost:
    """A row of the table of costs on a device.

    Attributes
    ----------
    title, unit
        What is measured, and in what.
    workload
        Whose network and rows are used.
    once
        Measures it once, with an engine that has worked before, and the device that it works on.
    """

    title: str
    unit: str
    workload: str
    once: Callable[[Engine, str], float]


def measure(name: str, device: str, plan: Plan, keep: Keep, progress: Progress) -> dict[str, Any]:
    """Measure a cost of `DEVICE_COSTS`, the median of as many measurements as the plan has rounds.

    Raises
    ------
    SimulatorError
        When it cannot be measured.
    Cancelled
        When the progress was cancelled.
    """
    del keep  # it is done at once
    cost = DEVICE_COSTS[name]
    workload = WORKLOADS[cost.workload]
    workload = dataclasses.replace(workload, rows=min(workload.rows, _MOST_ROWS))
    network, config = workload.network, workload.config
    engine = choose("auto", network, device)(network, config, workload.data(), device)
    engine.prepare(progress)
    engine.start(parameters.start_values(network, config.seed).astype(config.dtype))
    _work(engine, 2 * engine.items)
    values: list[float] = []
    for number in range(plan.rounds):
        progress.report(number / plan.rounds, f"round {number + 1} of {plan.rounds}")
        values.append(cost.once(engine, device))
    return {"value": statistics.median(values)}


def _work(engine: Engine, items: int) -> float:
    """Do so many work items and wait for their results; return the seconds.

    Raises
    ------
    DivergenceError
        When the loss is not finite any more, since nothing would be done then.
    """
    epochs, item = divmod(engine.item + items, engine.items)
    began = time.perf_counter()
    engine.advance(engine.epoch + epochs, item, items)  # at a moment that is reached, all is done
    took = time.perf_counter() - began
    if not engine.loss_finite:
        raise DivergenceError("the loss is not finite", "Take a smaller rate.")
    return took


def _to_result(engine: Engine, device: str) -> float:
    """Return the microseconds from asking for one update to knowing its loss."""
    del device
    return 1e6 * statistics.median(_work(engine, 1) for _ in range(_TIMES))


def _chunks(engine: Engine) -> float:
    """Return the seconds of chunks as a session asks for them: for the next one while the last is still done."""
    items = max(1, round(CHUNK_SECONDS / (_work(engine, engine.items) / engine.items)))
    began = time.perf_counter()
    for _ in range(_TIMES):
        engine.advance(engine.epoch + items + 1, 0, items)
    _work(engine, 1)
    return time.perf_counter() - began


def _left_idle(engine: Engine, device: str) -> float:
    """Return the percentage of the time in which the device has nothing to do."""
    del device
    before, took = engine.device_use(), _chunks(engine)
    after = engine.device_use()
    if before is None or after is None:
        raise SimulatorError("this engine has no device whose work is timed")
    return 100.0 * (1.0 - (after.busy_seconds - before.busy_seconds) / took)


def _by_the_host(engine: Engine, device: str) -> float:
    """Return the percentage of the time in which the host does not wait for the device, but works."""
    with _waits(devices.open_machine(device)) as waits:
        took = _chunks(engine)
    return 100.0 * (1.0 - sum(waits) / took)


class _Timed(Reading):
    """A reading that notes how long it was waited for."""

    def __init__(self, reading: Reading, waits: list[float]) -> None:
        self._reading, self._waits = reading, waits

    def get(self) -> NDArray[Any]:
        began = time.perf_counter()
        try:
            return self._reading.get()
        finally:
            self._waits.append(time.perf_counter() - began)


@contextlib.contextmanager
def _waits(machine: Machine) -> Generator[list[float]]:
    """Note every wait for numbers from a device, in seconds."""
    waits: list[float] = []
    read = machine.read
    vars(machine)["read"] = lambda *asked: _Timed(read(*asked), waits)
    try:
        yield waits
    finally:
        del vars(machine)["read"]


def _copied(engine: Engine, device: str) -> float:
    """Return the microseconds of a copy of the parameters, as a snapshot has it, when the device has nothing to do."""
    del device
    began = time.perf_counter()
    for _ in range(_TIMES):
        engine.parameters()
    return 1e6 * (time.perf_counter() - began) / _TIMES


DEVICE_COSTS: dict[str, DeviceCost] = {
    "device_latency": DeviceCost(
        "from asking for one update of the penguins to its loss", "µs", "penguins", _to_result
    ),
    "device_host": DeviceCost(
        "of chunks of 8 ms of the penguins, in which the host works instead of waiting for the device",
        "%",
        "penguins",
        _by_the_host,
    ),
    "device_idle": DeviceCost(
        "of chunks of 8 ms of the penguins, in which the device has nothing to do", "%", "penguins", _left_idle
    ),
    "device_copy_penguins": DeviceCost("a copy of the penguins' parameters", "µs", "penguins", _copied),
    "device_copy_mnist": DeviceCost("a copy of a 784-256-128-10 network's parameters", "µs", "mnist", _copied),
}
"""Every cost on a device by its name."""
