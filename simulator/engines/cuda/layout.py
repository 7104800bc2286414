"""Where everything of a run lies on a device, how many bytes that takes, and what is written there."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.cuda.limits import readable
from simulator.engines.cuda.machine import Block, Machine
from simulator.engines.cuda.structs import (
    COEFFICIENTS,
    FIGURES,
    IS_FROZEN,
    IS_WEIGHT,
    LAYER_DTYPE,
    MOMENT_DTYPE,
    RUN_DTYPE,
)
from simulator.engines.definitions import chosen
from simulator.engines.engine import EVALUATION_ROWS, TrainingData
from simulator.errors import DeviceMemoryError
from simulator.nn import choices, parameters
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig

_ALIGNMENT = 256
_ORDER_BYTES = 4 << 20
_MOST_SLOTS = 256


def slots(train_rows: int) -> int:
    """Return for how many epochs row orders have room: a launch spans that many at most."""
    return min(_MOST_SLOTS, max(2, _ORDER_BYTES // (4 * max(train_rows, 1))))


@dataclasses.dataclass(frozen=True)
class Need:
    """Bytes of a device's memory that a run needs.

    Attributes
    ----------
    data
        The prepared rows.
    numbers
        Parameters, gradient, the optimizer's memory, row orders, and what describes the run.
    work
        What its path over the kernels keeps beside these.
    """

    data: int
    numbers: int
    work: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.data + self.numbers + self.work


class Room:
    """Hands out places one behind the other, each a multiple of the alignment.

    Attributes
    ----------
    places
        Where each thing begins, in bytes.
    size
        Bytes of all that was taken.
    """

    def __init__(self, alignment: int = _ALIGNMENT) -> None:
        self._alignment = alignment
        self.places: dict[str, int] = {}
        self.size = 0

    def take(self, name: str, size: int) -> None:
        """Take so many bytes, at least one."""
        self.places[name] = self.size
        self.size += -(-max(size, 1) // self._alignment) * self._alignment


def _rows_room(network: NetworkSpec, dtype: str, train_rows: int, test_rows: int) -> Room:
    room, size = Room(), np.dtype(dtype).itemsize
    for split, rows in (("", train_rows), ("_test", test_rows)):
        room.take("X" + split, rows * network.inputs * size)
        room.take("Y" + split, rows * network.outputs * size)
    return room


def _run_room(network: NetworkSpec, config: TrainingConfig, train_rows: int) -> Room:
    room, size, count = Room(), np.dtype(config.dtype).itemsize, network.parameter_count
    names, places = len(choices.optimizer(config).memory), slots(train_rows)
    room.take("run", RUN_DTYPE.itemsize)
    room.take("layer", LAYER_DTYPE.itemsize * len(network.shapes))
    room.take("weights", count * size)
    room.take("gradient", count * size)
    room.take("memory", names * count * size)
    room.take("marks", count)
    room.take("held", units(network) * size)
    room.take("orders", 4 * places * train_rows)
    room.take("records", 8 * FIGURES * places)
    room.take("result", 16)
    room.take("coefficients", 8 * COEFFICIENTS)
    return room


def units(network: NetworkSpec) -> int:
    """Return how many units can be held: inputs and hidden neurons."""
    return network.inputs + sum(layer.units for layer in network.hidden)


def bytes_needed(network: NetworkSpec, config: TrainingConfig, train_rows: int, test_rows: int) -> Need:
    """Return what a run takes of a device's memory, without the workspace of its path."""
    data = _rows_room(network, config.dtype, train_rows, test_rows).size
    return Need(data, _run_room(network, config, train_rows).size)


class DeviceRows:
    """The prepared rows on a device.

    Parameters
    ----------
    machine
        Where they go.
    network, dtype
        How many numbers a row has, and their format.
    data
        The rows on the host.

    Raises
    ------
    DeviceMemoryError
        When there is no room for them.
    """

    def __init__(self, machine: Machine, network: NetworkSpec, dtype: str, data: TrainingData) -> None:
        room = _rows_room(network, dtype, data.rows("train"), data.rows("test"))
        total = machine.memory().total
        if room.size > total:
            raise DeviceMemoryError(
                f"the data are larger than the memory of {machine.device.title}: "
                f"{readable(room.size)}, and it has {readable(total)}",
                "Train on the CPU, or take fewer rows or columns.",
                room.size,
                total,
            )
        self.block = machine.allocate(room.size)
        self.addresses = {name: self.block.address + place for name, place in room.places.items()}
        sets = {"X": data.X_train, "Y": data.Y_train, "X_test": data.X_test, "Y_test": data.Y_test}
        for name, values in sets.items():
            if values.size:
                machine.write(self.addresses[name], np.ascontiguousarray(values, dtype=dtype))


class Layout:
    """A run's numbers on a device; the rows lie elsewhere, and so does the workspace of a path.

    Parameters
    ----------
    machine
        The device.
    network, config
        Of the run.
    data, rows
        The rows on the host, and on the device.

    Attributes
    ----------
    run
        (1,) of `RUN_DTYPE`: the host's copy of the struct; what the kernels change of it is old here.
    layers
        (linear layers,) of `LAYER_DTYPE`.
    address
        Where the struct is on the device.
    slots
        For how many epochs there is room.
    """

    def __init__(
        self, machine: Machine, network: NetworkSpec, config: TrainingConfig, data: TrainingData, rows: DeviceRows
    ) -> None:
        self._machine = machine
        self._room = _run_room(network, config, data.rows("train"))
        self._block: Block = machine.allocate(self._room.size)
        self.run, self.layers = np.zeros(1, RUN_DTYPE), np.zeros(len(network.shapes), LAYER_DTYPE)
        self.describe(network, config, data, rows)

    def fits(self, network: NetworkSpec, config: TrainingConfig, train_rows: int) -> bool:
        """Whether a run with these settings has the same places."""
        other = _run_room(network, config, train_rows)
        return other.places == self._room.places and other.size == self._room.size

    def describe(self, network: NetworkSpec, config: TrainingConfig, data: TrainingData, rows: DeviceRows) -> None:
        """Fill the host's structs with settings; `send` brings them to the device."""
        run, choice = self.run[0], chosen(network, config)
        train_rows, test_rows = data.rows("train"), data.rows("test")
        self.network, self.config = network, config
        self.slots = slots(train_rows)
        # A batch size is bounded by nothing, and a kernel's sums of whole numbers by 2⁶³.
        batch_size = min(config.batch_size, max(train_rows, 1))
        batches = -(-train_rows // batch_size)
        values: dict[str, Any] = {
            "layers": len(network.shapes), "inputs": network.inputs, "outputs": network.outputs,
            "parameters": network.parameter_count, "names": len(choices.optimizer(config).memory),
            "train_rows": train_rows, "test_rows": test_rows, "batch_size": batch_size,
            "evaluation_rows": EVALUATION_ROWS, "batches": batches, "items": batches + -(-test_rows // EVALUATION_ROWS),
            "slots": self.slots, "head": choice.head, "update": choice.update, "factor": choice.factor,
            "classes": data.classification, "drops": any(layer.dropout for layer in network.hidden),
            "seed_low": config.seed & 0xFFFFFFFF, "seed_high": config.seed >> 32,
            "rate": choices.optimizer(config).learning_rate, "l1": config.l1, "l2": config.l2,
            "clip": config.clip_norm or 0.0,
        }  # fmt: skip
        for name, value in (values | rows.addresses).items():
            run[name] = value
        for name in ("loss_settings", "update_settings", "factor_settings"):
            numbers: tuple[float, ...] = getattr(choice, name)
            run[name][: len(numbers)] = numbers
        for name in self._room.places:
            if name != "run":
                run[name] = self.at(name)
        self._describe_layers(network, choice.activations)

    def _describe_layers(self, network: NetworkSpec, activations: tuple[int, ...]) -> None:
        begin, held = 0, network.inputs
        for index, (row, (fan_in, fan_out)) in enumerate(zip(self.layers, network.shapes, strict=True)):
            hidden = index < len(network.hidden)
            row["fan_in"], row["fan_out"], row["held"] = fan_in, fan_out, held
            row["weight"], row["bias"] = begin, begin + fan_in * fan_out
            row["activation"] = activations[index] if hidden else -1
            row["rate"] = network.hidden[index].dropout if hidden else 0.0
            begin, held = begin + fan_in * fan_out + fan_out, held + fan_out

    @property
    def address(self) -> int:
        """Where the struct `Run` is."""
        return self.at("run")

    @property
    def size(self) -> int:
        """How many bytes of the device it has."""
        return self._block.size

    def at(self, name: str) -> int:
        """Return where something begins: a name of an address in `Run`, or "run"."""
        return self._block.address + self._room.places[name]

    def send(self) -> None:
        """Bring the settings and the layers to the device; the moment there stays as it is."""
        begin = MOMENT_DTYPE.itemsize
        self._machine.write(self.address + begin, self.run.view(np.uint8)[begin:])
        self._machine.write(self.at("layer"), self.layers.view(np.uint8))

    def mark(self, frozen: NDArray[np.bool_] | None) -> None:
        """Send what every parameter is, and let these stay as they are; `send` follows."""
        marks = parameters.weight_places(self.network).astype(np.uint8) * np.uint8(IS_WEIGHT)
        if frozen is not None:
            marks |= frozen.astype(np.uint8) * np.uint8(IS_FROZEN)
        self.run["freezes"] = frozen is not None
        self._machine.write(self.at("marks"), marks)

    def hold(self, held: Floats | None) -> None:
        """Hold inputs and neurons at values; NaN where they are free; `send` follows."""
        self.run["holds"] = held is not None
        if held is not None:
            self._machine.write(self.at("held"), np.ascontiguousarray(held, dtype=self.config.dtype))
