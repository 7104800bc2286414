"""What every engine offers: one run's parameters and memory, worked on in small items that can be stopped between."""

import abc
import dataclasses
import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from simulator.engines.cuda.machine import MemoryUse
from simulator.errors import ConfigError
from simulator.nn import choices
from simulator.progress import Progress
from simulator.snapshot import RECORD, Floats
from simulator.spec import NetworkSpec, TrainingConfig

EVALUATION_ROWS = 4096
"""How many rows are evaluated at a time. Fixed, since another number gives other bits."""

LAST_EPOCH = 2**62
"""A kernel counts with 64 bits, and would count ten million years to here."""


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingData:
    """The prepared rows, on the host.

    Attributes
    ----------
    X_train, Y_train, X_test, Y_test
        (rows, inputs) and (rows, outputs), float32 or float64; the test sets may have no rows.
    classification
        Whether targets are classes, so that an accuracy exists.
    order
        (epochs, train rows): the row order of every epoch, repeated from the start when it ends, in place of the one
        drawn from the seed; to repeat another program's run.
    """

    X_train: Floats
    Y_train: Floats
    X_test: Floats
    Y_test: Floats
    classification: bool
    order: NDArray[np.int64] | None = None

    def rows(self, split: str) -> int:
        """Return how many rows the split ("train" or "test") has."""
        return len(self.X_train if split == "train" else self.X_test)

    def records(self, first: int, figures: NDArray[np.float64]) -> NDArray[Any]:
        """Return the records of epochs.

        Parameters
        ----------
        first
            How many epochs were complete before them.
        figures
            (epochs, 7): the summed loss and the rows predicted right, on training rows and on test rows, then the
            learning rate, the norm of the gradient and that of the parameters (see `simulator.snapshot.RECORD`).
        """
        rows = np.empty(len(figures), dtype=RECORD)
        train_rows, test_rows = self.rows("train"), self.rows("test") or np.nan
        right = 1.0 if self.classification else np.nan
        rows["epoch"] = np.arange(first + 1, first + 1 + len(figures))
        rows["train_loss"], rows["test_loss"] = figures[:, 0] / train_rows, figures[:, 2] / test_rows
        rows["train_accuracy"] = right * figures[:, 1] / train_rows
        rows["test_accuracy"] = right * figures[:, 3] / test_rows
        rows["learning_rate"], rows["gradient_norm"], rows["weight_norm"] = figures[:, 4:].T
        return rows

    def check_order(self) -> None:
        """Check the row order, if one is given: a kernel would read whatever stands at a row that does not exist.

        Raises
        ------
        ConfigError
            When it does not fit the training rows.
        """
        given, rows = self.order, self.rows("train")
        if given is None:
            return
        if given.shape[1:] != (rows,) or (given.size and not 0 <= given.min() <= given.max() < rows):
            raise ConfigError(
                f"a row order of the shape {given.shape} does not fit {rows} rows",
                "Give the numbers 0 to rows − 1, a row an epoch.",
            )


@dataclasses.dataclass(frozen=True, eq=False)
class EngineState:
    """All that a run needs to go on with the same bits: read-only host arrays.

    Attributes
    ----------
    epoch
        How many epochs are complete.
    item
        How many work items of the next epoch are done: first its batches, then its blocks of test rows.
    updates
        How many updates the optimizer has made since its memory was empty.
    parameters
        (parameter_count,), in the run's dtype.
    memory
        (names of the optimizer's memory, parameter_count), in the run's dtype.
    scalars
        The optimizer's memory that all parameters share, float64.
    sums
        The unfinished epoch's loss and rows predicted right, on training rows and on test rows: (4,), float64.
    learning_rate
        The rate of the last update.
    frozen
        (parameter_count,) bool: parameters that no update changes; None for none.
    held
        (inputs + hidden neurons,) in the run's dtype: the value a unit is held at (0 mutes it), NaN where it is free;
        None for none.
    gradient_norm
        The norm of the last gradient that ended an epoch's batches (see `RECORD`), which waits for the epoch's record;
        NaN where there was none, and in files from before it was kept.
    """

    epoch: int
    item: int
    updates: int
    parameters: Floats
    memory: Floats
    scalars: NDArray[np.float64]
    sums: NDArray[np.float64]
    learning_rate: float
    frozen: NDArray[np.bool_] | None = None
    held: Floats | None = None
    gradient_norm: float = math.nan

    @classmethod
    def first(
        cls, config: TrainingConfig, values: Floats, frozen: NDArray[np.bool_] | None, held: Floats | None
    ) -> "EngineState":
        """Return where a run with these parameters begins."""
        memory, scalars = _empty_memory(config, values.size)
        return cls(0, 0, 0, values, memory, scalars, np.zeros(4), 0.0, frozen, held)

    def forgetting(self, config: TrainingConfig) -> "EngineState":
        """Return the same with the empty memory of the optimizer of these settings."""
        memory, scalars = _empty_memory(config, self.parameters.size)
        return dataclasses.replace(self, updates=0, memory=memory, scalars=scalars)


def _empty_memory(config: TrainingConfig, count: int) -> tuple[Floats, NDArray[np.float64]]:
    optimizer = choices.optimizer(config)
    scalars = np.array([*optimizer.scalars.values()], dtype=np.float64)
    return np.zeros((len(optimizer.memory), count), dtype=config.dtype), scalars


@dataclasses.dataclass(frozen=True)
class DeviceUse:
    """How an engine uses the device that it computes on.

    Attributes
    ----------
    busy_seconds
        How long the device has worked for it, by the device's own clock, as far as is known without waiting; it only
        grows, so that two readings give the share of the time between them.
    memory
        Of the device's memory.
    """

    busy_seconds: float
    memory: MemoryUse


class Engine(abc.ABC):
    """Runs batches of one network on one data set.

    An epoch is a row of work items: its batches, then its test rows in blocks. Same data, seed, engine, dtype, device
    and number of BLAS threads: the same bits, however the items are divided into calls.

    Parameters
    ----------
    network, config
        What is trained, and how; already checked by `simulator.nn.choices.check`.
    data
        The prepared rows.
    device
        A name that `simulator.engines.devices.resolve` returned.
    threads
        How many threads it works with.
    """

    name: ClassVar[str]
    runs_on: ClassVar[tuple[str, ...]] = ("cpu",)

    epoch: int
    item: int
    updates: int

    _config: TrainingConfig
    _data: TrainingData
    _loss_finite: bool

    @abc.abstractmethod
    def __init__(
        self, network: NetworkSpec, config: TrainingConfig, data: TrainingData, device: str, threads: int = 1
    ) -> None: ...

    @property
    def blas_threads(self) -> int:
        """How many BLAS threads whoever calls the engine holds for it (see `threads.blas_threads`)."""
        return 1

    @property
    def ready(self) -> bool:
        """Whether `advance` can begin at once; False while something is being prepared for it in the background."""
        return True

    @property
    def preparing(self) -> str:
        """What is being prepared for it in the background, in words for a status bar; empty when nothing is."""
        return ""

    def prepare(self, progress: Progress) -> None:  # noqa: B027 - most engines have nothing to wait for
        """Wait until the engine is ready.

        Raises
        ------
        Cancelled
            When the progress was cancelled; the preparation goes on in the background.
        """

    def device_use(self) -> DeviceUse | None:
        """Return how the device is used, without waiting; None on the processor, which has no memory of its own."""
        return None

    @property
    def batches(self) -> int:
        """How many batches an epoch has."""
        return -(-self._data.rows("train") // self._config.batch_size)

    @property
    def items(self) -> int:
        """How many work items an epoch has."""
        return self.batches + -(-self._data.rows("test") // EVALUATION_ROWS)

    @abc.abstractmethod
    def start(self, values: Floats) -> None:
        """Begin at epoch 0 with these parameters, (parameter_count,), and an empty memory."""

    @abc.abstractmethod
    def configure(self, network: NetworkSpec, config: TrainingConfig, data: TrainingData | None = None) -> None:
        """Go on with other settings from the next update, and with other rows where `data` is given.

        The shapes, seed and dtype must stay, and how many numbers a row has; the batch size and the rows may change
        only where no item of an epoch is done. Another optimizer starts with an empty memory.
        """

    @abc.abstractmethod
    def state(self) -> EngineState:
        """Return a copy of everything the run needs to go on."""

    @abc.abstractmethod
    def parameters(self) -> Floats:
        """Return a read-only copy of the flat parameter vector, (parameter_count,), on the host."""

    @abc.abstractmethod
    def restore(self, state: EngineState) -> None:
        """Go back (or forward) to a state."""

    @abc.abstractmethod
    def advance(self, epoch: int, item: int, limit: int) -> NDArray[Any]:
        """Work on, up to the moment (epoch, item) or for `limit` items, whichever comes first.

        Stops before an update whose loss is not finite; `loss_finite` is False from then on. An engine whose device
        works on its own may return while the last part of the work is still being done, if no epoch ends in that part
        and the moment is not reached in it; then `epoch`, `item`, `updates` and `loss_finite` are as if it went well
        until the next call, or `state`, `finite` or `parameters`, which are exact.

        Returns
        -------
        NDArray
            A row of `simulator.snapshot.RECORD` for every epoch that was completed, oldest first.
        """

    @property
    def loss_finite(self) -> bool:
        """Whether the last batch's loss was a finite number; False stops the engine until `restore` or `start`."""
        return self._loss_finite

    @property
    @abc.abstractmethod
    def finite(self) -> bool:
        """Whether that loss, all parameters and the optimizer's memory are finite; this reads all of them."""

    @property
    def seen_finite(self) -> bool | None:
        """What the device itself saw of `finite` at the end of the last work that was heard of, without waiting.

        None for an engine whose device does not look by itself: then it is asked for `finite`.
        """
        return None

    @abc.abstractmethod
    def evaluate(self, split: str, first: int, last: int) -> tuple[float, int]:
        """Return the summed loss of rows first … last − 1 of "train" or "test", and how many are predicted right."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array itself, closed for writing."""
    array.flags.writeable = False
    return array
