"""Training on a CUDA device: data and numbers live there, work is given ahead, and the host hardly ever waits."""

import collections
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines import devices, preparing
from simulator.engines.cuda.machine import Mark
from simulator.engines.engine import (
    EVALUATION_ROWS,
    LAST_EPOCH,
    DeviceUse,
    Engine,
    EngineState,
    TrainingData,
    read_only,
)
from simulator.errors import DeviceMemoryError
from simulator.nn import choices, parameters
from simulator.progress import Progress
from simulator.snapshot import RECORD, Floats
from simulator.spec import NetworkSpec, TrainingConfig

if TYPE_CHECKING:
    from simulator.engines.cuda.layout import DeviceRows
    from simulator.engines.cuda.residence import Given, Residence

COMPILING = "compiling the CUDA kernels – once on this machine, about half a minute"
_LOOK_SECONDS = 0.1
_MOST_ITEMS = 50_000
"""Items that are given at once: what takes longer than some seconds is ended by systems that draw with the device."""


class CudaEngine(Engine):
    """Gives work items to a device, which does them one after the other while the host goes on.

    `advance` comes back while the last part of what it gave is still being done, so that the device never waits for the
    host: it waits for the first half of its items, or, where an epoch ended in them, for that epoch's record. So the
    time between two returns is the time of about a call's items. A loss that is not finite stops the device itself,
    which leaves all later work undone; `epoch`, `item`, `updates` and `loss_finite` are put right when the host hears
    of it: at the latest in the next call. `state`, `finite` and `parameters` are exact.

    Where a change of the settings or the rows finds no room on the device, the run stays there as it was; should even
    that be impossible, the engine keeps its state on the host, from where another engine can go on.
    """

    name = "cuda"
    runs_on = ("cuda",)

    def __init__(
        self, network: NetworkSpec, config: TrainingConfig, data: TrainingData, device: str, threads: int = 1
    ) -> None:
        preparing.request(self.name, config.dtype)
        self._machine = devices.open_machine(device)
        self._machine.ready(config.dtype)  # asking begins to compile
        self._frozen: NDArray[np.bool_] | None = None
        self._held: Floats | None = None
        self._given: collections.deque[Given] = collections.deque()
        self._marks: collections.deque[tuple[Mark, Mark]] = collections.deque()
        self._busy_seconds = 0.0
        self._parked: EngineState | None = None
        self._there: Residence | None = self._moved_in(network, config, data)
        self._set(network, config, data)
        self.start(parameters.start_values(network, config.seed))

    # -- preparation --------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        return self._machine.ready(self._config.dtype) and preparing.ready(self.name, self._config.dtype)

    @property
    def preparing(self) -> str:
        return "" if self.ready else COMPILING

    def prepare(self, progress: Progress) -> None:
        while not self.ready:
            progress.report(None, COMPILING)
            time.sleep(_LOOK_SECONDS)
        self._machine.load(self._config.dtype)  # and hear why they could not be compiled

    def device_use(self) -> DeviceUse:
        self._count_busy()
        return DeviceUse(self._busy_seconds, self._machine.memory())

    def _count_busy(self) -> None:
        while self._marks and self._marks[0][1].done:
            begin, end = self._marks.popleft()
            self._busy_seconds += end.seconds_since(begin)

    # -- settings and states ------------------------------------------------------------------------------------

    def start(self, values: Floats) -> None:
        self.restore(EngineState.first(self._config, values, self._frozen, self._held))

    def configure(self, network: NetworkSpec, config: TrainingConfig, data: TrainingData | None = None) -> None:
        self._settle()
        finite, other_rule = self._loss_finite, config.optimizer.name != self._config.optimizer.name
        stays = data is None and self._there is not None and self._there.takes(network, config)
        if stays and not other_rule:
            self._set(network, config, self._data)
            return
        state = self.state()
        if not stays:
            self._move(state, network, config, self._data if data is None else data)
        self._set(network, config, self._data if data is None else data)
        if other_rule:
            state = state.forgetting(config)
        self.restore(state)
        self._loss_finite = finite

    def _move(self, state: EngineState, network: NetworkSpec, config: TrainingConfig, data: TrainingData) -> None:
        """Find room for other shapes, and give up that of before."""
        before, self._parked = self._there, state
        rows = before.rows if before is not None and data is self._data else None
        refused = self._try(network, config, data, rows)
        if refused is not None:  # there may be no room for both at the same time
            before = rows = self._there = None
            refused = self._try(network, config, data)
            if refused is not None:
                finite = self._loss_finite
                if self._try(self._network, self._config, self._data) is None:
                    self.restore(state)
                    self._loss_finite = finite
                raise refused
        self._parked = None

    def _try(
        self, network: NetworkSpec, config: TrainingConfig, data: TrainingData, rows: "DeviceRows | None" = None
    ) -> DeviceMemoryError | None:
        """Move the run there if it has room, or return why not: an error that refers to nothing on the device."""
        try:
            self._there = self._moved_in(network, config, data, rows)
        except DeviceMemoryError as error:
            return DeviceMemoryError(error.message, error.hint, error.needed, error.free)
        return None

    def _moved_in(
        self, network: NetworkSpec, config: TrainingConfig, data: TrainingData, rows: "DeviceRows | None" = None
    ) -> "Residence":
        from simulator.engines.cuda.residence import Residence  # what is for devices alone need not be there before

        return Residence(self._machine, network, config, data, rows)

    def state(self) -> EngineState:
        if self._there is None:
            assert self._parked is not None
            return self._parked
        numbers = self._there.numbers()
        weights, memory = (reading.get() for reading in numbers)
        self._settle()
        moment = self._there.moment
        return EngineState(
            self.epoch,
            self.item,
            self.updates,
            read_only(weights),
            read_only(memory),
            read_only(moment["scalars"][: len(self._optimizer.scalars)].copy()),
            read_only(moment["sums"].copy()),
            float(moment["learning_rate"]),
            self._frozen,
            self._held,
            float(moment["gradient_norm"]),
        )

    def parameters(self) -> Floats:
        if self._there is None:
            return self.state().parameters
        found = read_only(self._there.weights().get())
        self._settle()
        return found

    def restore(self, state: EngineState) -> None:
        self._given.clear()
        self.epoch, self.item, self.updates = state.epoch, state.item, state.updates
        self._frozen = None if state.frozen is None else read_only(state.frozen.copy())
        self._held = None if state.held is None else read_only(state.held.astype(self._config.dtype))
        self._loss_finite = True
        if self._there is None:
            self._parked = state
        else:
            self._there.put(state, self._frozen, self._held)

    @property
    def finite(self) -> bool:
        if self._there is None:
            state = self.state()
            numbers = state.parameters, state.memory, state.scalars
            return self._loss_finite and all(bool(np.isfinite(each).all()) for each in numbers)
        look = self._there.look()
        self._settle()
        self._there.heard(look)
        return self._loss_finite and self._there.seen_finite

    @property
    def seen_finite(self) -> bool | None:
        return None if self._there is None else self._loss_finite and self._there.seen_finite

    # -- work ---------------------------------------------------------------------------------------------------

    def advance(self, epoch: int, item: int, limit: int) -> NDArray[Any]:
        items = self.items
        left = (min(epoch, LAST_EPOCH) - self.epoch) * items + min(item, items) - self.item
        count = min(limit, left)
        found: list[NDArray[Any]] = []
        if count <= 0 or not self._loss_finite:
            return np.zeros(0, dtype=RECORD)
        ended = (self.item + count) // items
        # Where an epoch ends, its record is waited for while what follows is done; else the first half is.
        pieces = [ended * items - self.item] if ended else [-(-count // 2)]
        pieces += [count - pieces[0]]
        for piece in pieces:
            while piece and self._loss_finite:
                done = min(piece, self._on_device.slots * items - self.item, _MOST_ITEMS)
                self._give(done)
                self._hear(found, 1)
                piece -= done
        if count == left or (ended and not pieces[-1]):
            self._hear(found, 0)
        self._count_busy()
        return np.concatenate(found) if found else np.zeros(0, dtype=RECORD)

    def evaluate(self, split: str, first: int, last: int) -> tuple[float, int]:
        blocks = range(first, last, EVALUATION_ROWS)
        path = self._on_device.path
        readings = [path.evaluate(split, begin, min(EVALUATION_ROWS, last - begin)) for begin in blocks]
        found = np.zeros(2)
        for reading in readings:
            found += reading.get()
        return float(found[0]), int(found[1])

    @property
    def _on_device(self) -> "Residence":
        if self._there is None:
            raise DeviceMemoryError(
                f"the run has no room on {self._machine.device.title} any more",
                "Go on on the CPU: its state is kept.",
            )
        return self._there

    def _give(self, count: int) -> None:
        """Give the device so many items, and go on as if all went well."""
        there = self._on_device
        there.make_ready(self.epoch, self.item, count)  # the host's work, while the device may have none
        begin = self._machine.mark()
        self._given.append(there.give(self.epoch, self.item, count))
        self._marks.append((begin, self._machine.mark()))
        epochs, item = divmod(self.item + count, self.items)
        self.updates += epochs * self.batches + min(item, self.batches) - min(self.item, self.batches)
        self.epoch, self.item = self.epoch + epochs, item

    def _hear(self, found: list[NDArray[Any]], outstanding: int) -> None:
        """Wait for what was given, up to so many of the last pieces; where the device stopped, these do nothing."""
        while len(self._given) > outstanding:
            given = self._given.popleft()
            moment = self._on_device.heard(given.moment)
            if moment["stopped"]:
                self._given.clear()
                self._loss_finite = False
                self.epoch, self.item, self.updates = (int(moment[name]) for name in ("epoch", "item", "updates"))
            figures = given.figures(int(moment["epoch"]))
            if len(figures):
                found.append(self._data.records(given.epoch, figures))

    def _settle(self) -> None:
        """Wait for all that was given; no epoch ends in what was left open."""
        if self._there is not None:
            self._hear([], 0)

    def _set(self, network: NetworkSpec, config: TrainingConfig, data: TrainingData) -> None:
        self._network, self._config, self._data = network, config, data
        self._optimizer = choices.optimizer(config)
        if self._there is not None:
            self._there.describe(network, config)
