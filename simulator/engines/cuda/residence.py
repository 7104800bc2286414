"""A run's place on a device: its rows, its numbers and its path; whatever is asked of it is given in order."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.cuda import limits
from simulator.engines.cuda.choosing import path_for
from simulator.engines.cuda.layout import DeviceRows, Layout, bytes_needed
from simulator.engines.cuda.machine import Machine, Reading
from simulator.engines.cuda.orders import Orders
from simulator.engines.cuda.structs import FIGURES, MOMENT_DTYPE
from simulator.engines.engine import EngineState, TrainingData
from simulator.errors import DeviceMemoryError
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig

_LOOK_THREADS = 256  # as in finite.cuh
_OTHERS = int((MOMENT_DTYPE.fields or {})["others"][1])


@dataclasses.dataclass(frozen=True)
class Given:
    """A piece of work on its way.

    Attributes
    ----------
    epoch
        The one in which it begins.
    moment
        Where the run stands after it, and whether its numbers are finite.
    records
        Figures of the epochs that end in it, (epochs, FIGURES) in one or two parts.
    """

    epoch: int
    moment: Reading
    records: tuple[Reading, ...]

    def figures(self, end: int) -> NDArray[np.float64]:
        """Return the figures of the epochs before `end`, (epochs, FIGURES)."""
        if not self.records:
            return np.zeros((0, FIGURES))
        return np.concatenate([reading.get() for reading in self.records])[: max(0, end - self.epoch)]


class Residence:
    """Where a run is on a device.

    Parameters
    ----------
    machine
        The device.
    network, config, data
        Of the run.
    rows
        The data's rows, if they are on the device.

    Attributes
    ----------
    moment
        Of `MOMENT_DTYPE`: where the run stood when that was last heard, or where it was put. The device looks at all
        numbers after every piece of work, which costs it some microseconds of some milliseconds; so nobody has to keep
        it waiting to ask whether they are finite.
    path
        How its items are given.

    Raises
    ------
    DeviceMemoryError
        When there is no room for it.
    """

    moment: Any

    def __init__(
        self,
        machine: Machine,
        network: NetworkSpec,
        config: TrainingConfig,
        data: TrainingData,
        rows: DeviceRows | None = None,
    ) -> None:
        data.check_order()
        self._machine, self._data, self._config = machine, data, config
        self._kind = path_for(machine, network, config, data.rows("train"))
        train_rows, test_rows = data.rows("train"), data.rows("test")
        need = bytes_needed(network, config, train_rows, test_rows)
        work = self._kind.work_bytes(machine, network, config, train_rows, test_rows)
        held = machine.memory().held
        try:
            self.rows = DeviceRows(machine, network, config.dtype, data) if rows is None else rows
            self._layout = Layout(machine, network, config, data, self.rows)
            self.path = self._kind(machine, self._layout, self.rows)
        except DeviceMemoryError as error:
            if need.data > machine.memory().total:
                raise
            free = error.free + machine.memory().held - held
            raise limits.no_room(need.total + work, need.data, free, machine) from error
        self._orders = Orders(data, config.seed, config.dtype)
        self._drawn = np.full(self._layout.slots, -1, dtype=np.int64)
        self._layout.send()

    @property
    def slots(self) -> int:
        """How many epochs a piece of work may span."""
        return self._layout.slots

    def takes(self, network: NetworkSpec, config: TrainingConfig) -> bool:
        """Whether these settings change no place and no shape."""
        rows = self._data.rows("train")
        return (
            network.shapes == self._layout.network.shapes
            and config.batch_size == self._config.batch_size
            and self._layout.fits(network, config, rows)
        )

    def describe(self, network: NetworkSpec, config: TrainingConfig) -> None:
        """Let other settings hold from what is given next."""
        if config.seed != self._config.seed:
            self._orders = Orders(self._data, config.seed, config.dtype)
            self._drawn[:] = -1
        self._config = config
        self._layout.describe(network, config, self._data, self.rows)
        self.path.changed()
        self._layout.send()

    def put(self, state: EngineState, frozen: NDArray[np.bool_] | None, held: Floats | None) -> None:
        """Bring a state there."""
        layout, machine = self._layout, self._machine
        moment = np.zeros(1, MOMENT_DTYPE)
        for name in ("epoch", "item", "updates", "learning_rate", "gradient_norm", "sums"):
            moment[name] = getattr(state, name)
        moment["scalars"][0, : len(state.scalars)] = state.scalars
        machine.write(layout.address, moment.view(np.uint8))
        for name, values in (("weights", state.parameters), ("memory", state.memory)):
            if values.size:
                machine.write(layout.at(name), np.ascontiguousarray(values, dtype=self._config.dtype))
        layout.mark(frozen)
        layout.hold(held)
        layout.send()
        self.moment = moment[0]

    def numbers(self) -> tuple[Reading, Reading]:
        """Begin to read the parameters and the optimizer's memory."""
        run = self._layout.run[0]
        shape = int(run["names"]), int(run["parameters"])
        return self.weights(), self._machine.read(self._layout.at("memory"), self._config.dtype, shape)

    def weights(self) -> Reading:
        """Begin to read the parameters."""
        return self._machine.read(
            self._layout.at("weights"), self._config.dtype, (int(self._layout.run["parameters"][0]),)
        )

    def look(self) -> Reading:
        """Look whether all parameters and all memory are finite, and begin to read `MOMENT_DTYPE` with the answer."""
        layout, machine, run = self._layout, self._machine, self._layout.run[0]
        numbers = (1 + int(run["names"])) * int(run["parameters"])
        blocks = min(2 * machine.multiprocessors, -(-numbers // _LOOK_THREADS))
        machine.clear(layout.address + _OTHERS, 8)
        machine.launch("look_for_others", self._config.dtype, blocks, _LOOK_THREADS, [layout.address])
        return machine.read(layout.address, np.uint8, (MOMENT_DTYPE.itemsize,))

    def make_ready(self, epoch: int, item: int, count: int) -> None:
        """Bring the row orders there that items from a moment on need, in `slots` epochs at most; `give` follows."""
        self._write_orders(epoch, epoch + (item + count - 1) // int(self._layout.run["items"][0]))

    def give(self, epoch: int, item: int, count: int) -> Given:
        """Give items from a moment on, for which `make_ready` was called."""
        layout, items = self._layout, int(self._layout.run["items"][0])
        self.path.give(item, count)
        records: list[Reading] = []
        first, last = epoch, epoch + (item + count) // items
        while first < last:
            slot = first % layout.slots
            epochs = min(last - first, layout.slots - slot)
            place = layout.at("records") + 8 * FIGURES * slot
            records.append(self._machine.read(place, np.float64, (epochs, FIGURES)))
            first += epochs
        return Given(epoch, self.look(), tuple(records))

    def heard(self, look: Reading) -> Any:
        """Wait for what a look found, and return where the run stands then, of `MOMENT_DTYPE`."""
        self.moment = look.get().view(MOMENT_DTYPE)[0]
        return self.moment

    @property
    def seen_finite(self) -> bool:
        """Whether all parameters and all memory were finite at that moment."""
        return not self.moment["others"] and bool(np.isfinite(self.moment["scalars"]).all())

    def _write_orders(self, first: int, last: int) -> None:
        """Bring the row orders of epochs first … last to their slots, where they are not there."""
        epochs = np.arange(first, last + 1)
        missing = epochs[self._drawn[epochs % self.slots] != epochs]
        if not missing.size:
            return
        begin, rows = int(missing[0]), self._data.rows("train")
        found = self._orders.draw(begin, last + 1 - begin)
        while begin <= last:
            slot = begin % self.slots
            count = min(last + 1 - begin, self.slots - slot)
            self._machine.write(self._layout.at("orders") + 4 * rows * slot, found[:count])
            self._drawn[slot : slot + count] = np.arange(begin, begin + count)
            found, begin = found[count:], begin + count
