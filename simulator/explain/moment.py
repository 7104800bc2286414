"""The moment before an update: everything that the update follows from, as one frozen value."""

import dataclasses
import functools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.data import Dataset
from simulator.engines.engine import EngineState, TrainingData, read_only
from simulator.errors import ConfigError
from simulator.nn import parameters, random
from simulator.snapshot import Floats, LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig

Doubles = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Moment:
    """A batch that is about to run, with the network and the optimizer that it will meet; all arrays are read-only.

    Attributes
    ----------
    network, config
        What is trained, and how; `config.dtype` is the number format of the run, all arrays here are float64.
    parameters
        All weights and biases before the update, (parameter_count,), in the order of `simulator.nn.parameters`.
    memory
        What the optimizer remembers of every parameter, (names of its memory, parameter_count).
    scalars
        What it remembers once for all parameters, (names of its scalars,).
    updates
        How many updates it has made since its memory was empty.
    epoch
        How many epochs are complete.
    batch, batches
        The batch in the epoch that has begun, from 0, and how many batches that epoch has.
    first
        The place of the batch's first row in the epoch's order.
    rows
        The numbers of the batch's rows among the rows of `split`, (rows,); −1 for a row that is in no table.
    X, Y
        (rows, inputs) and (rows, outputs).
    classification
        Whether the targets are classes.
    frozen, held
        As in `simulator.engines.EngineState`.
    split
        "train" or "test": which rows `rows` counts.
    dropping
        Whether dropout leaves neurons out, as it does in training.
    """

    network: NetworkSpec
    config: TrainingConfig
    parameters: Doubles
    memory: Doubles
    scalars: Doubles
    updates: int
    epoch: int
    batch: int
    batches: int
    first: int
    rows: NDArray[np.int64]
    X: Doubles
    Y: Doubles
    classification: bool
    frozen: NDArray[np.bool_] | None = None
    held: Doubles | None = None
    split: str = "train"
    dropping: bool = True

    @property
    def layers(self) -> tuple[LayerParameters, ...]:
        """The parameters as weight (fan_in, fan_out) and bias (fan_out,) a layer: read-only views."""
        return parameters.layers(self.network, self.parameters)

    @functools.cached_property
    def kept(self) -> list[NDArray[np.bool_] | None] | None:
        """For every hidden layer which neurons dropout keeps, (rows, units), or None; None in all where it is off."""
        hidden = self.network.hidden
        if not self.dropping or not any(layer.dropout for layer in hidden):
            return None
        seed, epoch, rows = self.config.seed, self.epoch + 1, len(self.X)
        return [
            random.kept(seed, epoch, self.first, rows, index, layer.units, layer.dropout) if layer.dropout else None
            for index, layer in enumerate(hidden)
        ]

    def showing(
        self, X: ArrayLike, Y: ArrayLike | None = None, rows: ArrayLike | None = None, split: str = "train"
    ) -> "Moment":
        """Return the same moment with other rows in place of the batch, and without dropout, as when predicting.

        Parameters
        ----------
        X, Y
            (rows, inputs) and (rows, outputs), or with two columns where one output is the probability of the second
            class; no Y where the target is unknown, which makes the losses NaN.
        rows, split
            Which rows of the training or test set these are; None for rows that are in no table.

        Raises
        ------
        ConfigError
            When they do not fit the network or one another.
        """
        inputs, outputs = self.network.inputs, self.network.outputs
        shown = np.atleast_2d(np.array(X, dtype=np.float64))
        wanted = np.full((len(shown), outputs), np.nan) if Y is None else np.atleast_2d(np.array(Y, dtype=np.float64))
        if outputs == 1 and wanted.shape[1] == 2:
            wanted = wanted[:, 1:].copy()
        numbers = np.full(len(shown), -1) if rows is None else np.atleast_1d(np.array(rows, dtype=np.int64))
        if shown.shape[1:] != (inputs,) or wanted.shape != (len(shown), outputs) or len(numbers) != len(shown):
            raise ConfigError(
                f"rows of the shapes {shown.shape}, {wanted.shape} and {numbers.shape} do not fit this network",
                f"Give {inputs} inputs, {outputs} outputs and one number a row.",
            )
        arrays = {"X": read_only(shown), "Y": read_only(wanted), "rows": read_only(numbers)}
        return dataclasses.replace(self, first=0, split=split, dropping=False, **arrays)

    def showing_row(self, dataset: Dataset, row: int) -> "Moment":
        """Return the same moment with one row of the raw table, counted from 0, in place of the batch (see `showing`).

        Raises
        ------
        ConfigError
            When the row does not exist, or is not used because a value is missing in it.
        """
        sides = (
            ("train", dataset.train_rows, dataset.X_train, dataset.Y_train),
            ("test", dataset.test_rows, dataset.X_test, dataset.Y_test),
        )
        for split, numbers, X, Y in sides:
            place = int(np.searchsorted(numbers, row))
            if place < len(numbers) and numbers[place] == row:
                return self.showing(X[[place]], Y[[place]], [place], split)
        raise ConfigError(f"row {row + 1} of the table is not used", "Choose a training row or a test row.")


def moment_of(
    network: NetworkSpec,
    config: TrainingConfig,
    state: EngineState,
    data: TrainingData,
    batch: int | None = None,
) -> Moment:
    """Return the moment before a batch runs.

    Parameters
    ----------
    network, config, data
        What runs; `config.batch_size` is that of the epoch that has begun.
    state
        Where the engine stands. One whose batches are all done stands before the next epoch's first.
    batch
        Another batch of that epoch, from 0, as it would run with the present parameters.

    Raises
    ------
    ConfigError
        When the epoch has no such batch.
    """
    rows = data.rows("train")
    batches = -(-rows // config.batch_size)
    epoch, item = (state.epoch, state.item) if state.item < batches else (state.epoch + 1, 0)
    number = item if batch is None else batch
    if not 0 <= number < batches:
        raise ConfigError(f"the epoch has no batch {number}", f"Its batches are counted from 0 to {batches - 1}.")
    first = number * config.batch_size
    chosen = epoch_order(config, data, epoch)[first : first + config.batch_size]
    return Moment(
        network,
        config,
        _double(state.parameters),
        _double(state.memory),
        _double(state.scalars),
        state.updates,
        epoch,
        number,
        batches,
        first,
        read_only(chosen.copy()),
        _double(data.X_train[chosen]),
        _double(data.Y_train[chosen]),
        data.classification,
        state.frozen,
        None if state.held is None else _double(state.held),
    )


def epoch_order(config: TrainingConfig, data: TrainingData, epoch: int) -> NDArray[np.int64]:
    """Return the order of the training rows in the epoch after `epoch` complete ones, (rows,)."""
    if data.order is not None:
        return data.order[epoch % len(data.order)]
    return random.permutation(config.seed, random.ORDER, epoch + 1, data.rows("train"))


def _double(values: Floats) -> Doubles:
    return read_only(np.array(values, dtype=np.float64))
