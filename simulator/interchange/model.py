"""A trained network with everything that a prediction from raw rows needs, as one frozen value."""

import dataclasses
import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import CellError
from simulator.data.recipe import Recipe
from simulator.errors import ConfigError
from simulator.interchange.agreement import check_fit
from simulator.interchange.forward import BLOCK_ROWS, forward
from simulator.interchange.training_state import TrainingState
from simulator.nn import choices
from simulator.nn.parameters import layers
from simulator.progress import Progress
from simulator.snapshot import Floats, LayerParameters
from simulator.spec import NetworkSpec, TrainingConfig

SLICE_ROWS = 16 * BLOCK_ROWS
"""How many raw rows are prepared at a time, so that a large table needs little memory beside itself."""


@dataclasses.dataclass(frozen=True, eq=False)
class Model:
    """What is saved, opened and predicted with.

    Attributes
    ----------
    network, config
        What was trained, and how.
    parameters
        All weights and biases, (parameter_count,), in the order of `simulator.nn.parameters` and in the dtype
        of `config`; made read-only, after a copy if it was not.
    recipe
        How a raw table becomes inputs, and outputs become answers.
    epoch
        How many epochs were complete.
    training
        What training goes on from with the same bits; None where that is not known, as for a network of another
        program: its training begins with an empty optimizer memory. Predictions do not depend on it.

    Raises
    ------
    ConfigError
        When the parts do not fit one another.
    """

    network: NetworkSpec
    config: TrainingConfig
    parameters: Floats
    recipe: Recipe
    epoch: int = 0
    training: TrainingState | None = None

    def __post_init__(self) -> None:
        choices.check(self.network, self.config)
        check_fit(self.network, self.recipe)
        if self.parameters.shape != (self.network.parameter_count,):
            raise ConfigError(
                f"parameters of shape {self.parameters.shape} do not fit this network",
                f"It needs {self.network.parameter_count:,} numbers in one row.",
            )
        if self.parameters.dtype != self.config.dtype:
            raise ConfigError(
                f"the parameters are {self.parameters.dtype}, the number format says {self.config.dtype}",
                "Convert one to the other first.",
            )
        # An epoch taken out of an array is no int that JSON knows.
        object.__setattr__(self, "epoch", operator.index(self.epoch))
        if self.epoch < 0:
            raise ConfigError(f"a model cannot be of epoch {self.epoch}", "Epochs are counted from 0.")
        if self.parameters.flags.writeable:
            own = self.parameters.copy()
            own.flags.writeable = False
            object.__setattr__(self, "parameters", own)
        if self.training is not None:
            self.training.check(self.network, self.config)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the inputs, one a column of X."""
        return tuple(self.recipe.feature_names)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in the order of the outputs; none when a value is predicted."""
        return tuple(self.recipe.class_names)

    @property
    def layers(self) -> tuple[LayerParameters, ...]:
        """The parameters as (weight, bias) a layer: read-only views."""
        return layers(self.network, self.parameters)

    @functools.cached_property
    def _exact_layers(self) -> tuple[LayerParameters, ...]:
        return layers(self.network, self.parameters.astype(np.float64))

    def outputs(self, X: NDArray[Any], progress: Progress | None = None) -> NDArray[np.float64]:
        """Return the network's outputs for prepared rows.

        Parameters
        ----------
        X
            (rows, inputs), as `Recipe.transform` makes it.

        Returns
        -------
        (rows, outputs) float64; the same bits for a row whatever stands beside it; NaN for a row with a missing
        value.

        Raises
        ------
        ConfigError
            When X does not have the network's number of columns.
        """
        return forward(self.network, self._exact_layers, X, progress)

    def activations(self, X: NDArray[Any], layer: int, progress: Progress | None = None) -> NDArray[np.float64]:
        """Return what every unit of a layer gives on for prepared rows.

        Parameters
        ----------
        X
            (rows, inputs), as for `outputs`.
        layer
            0 for the inputs, 1 for the first hidden layer …; the last one is that of the outputs.

        Returns
        -------
        (rows, units) float64; the same bits for a row whatever stands beside it; NaN for a row with a missing value.

        Raises
        ------
        ConfigError
            When there is no such layer, or X does not have the network's number of columns.
        """
        self._check_layer(layer)
        return forward(self.network, self._exact_layers, X, progress, layer)

    def unit_names(self, layer: int) -> tuple[str, ...]:
        """Return what the units of a layer are called; the layers are counted as in `activations`.

        Raises
        ------
        ConfigError
            When there is no such layer.
        """
        self._check_layer(layer)
        if not layer:
            return self.feature_names
        if layer <= len(self.network.hidden):
            units = self.network.hidden[layer - 1].units
            return tuple(f"hidden {layer} neuron {unit}" for unit in range(1, units + 1))
        names = self.class_names or (self.recipe.target,)
        return tuple(f"output {name}" for name in names[-self.network.outputs :])  # one output: of the second class

    def _check_layer(self, layer: int) -> None:
        last = len(self.network.hidden) + 1
        if not 0 <= layer <= last:
            hint = f"Give 0 for the inputs, 1 to {last - 1} for a hidden layer, or {last} for the outputs."
            if last == 1:
                hint = "Give 0 for the inputs, or 1 for the outputs."
            raise ConfigError(f"the network has no layer {layer}", hint)

    def prepare(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """Return raw rows as the network is given them, (rows, inputs): NaN where a value is missing or infinite.

        Raises
        ------
        DatasetError
            When a column is missing or holds what the recipe cannot read.
        """
        with np.errstate(all="ignore"):  # an absurdly large number becomes infinite and is left empty
            return self.recipe.transform(table)

    def predict(self, table: pd.DataFrame, progress: Progress | None = None) -> pd.DataFrame:
        """Predict raw rows, with the preparation that the recipe holds.

        Parameters
        ----------
        table
            Raw columns, as they stand in a file; further columns and another order do no harm.
        progress
            Told how far it is; may cancel.

        Returns
        -------
        The columns ``prediction`` and ``probability_<class>``, one a class (``output_<class>`` where the output
        link is linear and the numbers are no probabilities), or ``prediction`` alone, in real units, for a
        value. The index is the table's. A row with a missing value that the recipe does not fill is left empty;
        ``attrs["unpredicted"]`` counts these, and `Recipe.missing` says which columns they lack.

        Raises
        ------
        DatasetError
            When a column is missing or holds what the recipe cannot read.
        """
        rows = len(table)
        outputs = np.empty((rows, self.network.outputs), np.float64)
        # A table without rows is prepared too: a missing column is an error all the same.
        for start in range(0, max(rows, 1), SLICE_ROWS):
            part = table.iloc[start : start + SLICE_ROWS]
            try:
                outputs[start : start + len(part)] = self.outputs(self.prepare(part))
            except CellError as error:
                raise error.later(start) from error
            if progress is not None and rows:
                done = start + len(part)
                progress.report(done / rows, f"{done:,} of {rows:,} rows predicted")
        result = self.answers(outputs, table.index)
        unpredicted = int(np.isnan(outputs).any(axis=1).sum())
        result.attrs["unpredicted"] = unpredicted
        if unpredicted and progress is not None:
            progress.report(1.0, f"{unpredicted:,} of {rows:,} rows are left empty: a value is missing in them")
        return result

    def answers(self, outputs: NDArray[np.float64], index: "pd.Index[Any] | None" = None) -> pd.DataFrame:
        """Turn outputs (rows, outputs) into the columns that `predict` describes."""
        if not self.class_names:
            with np.errstate(all="ignore"):
                values = self.recipe.value(outputs).reshape(len(outputs))
            return pd.DataFrame({"prediction": values}, index=index)
        scores = outputs
        if outputs.shape[1] == 1:
            scores = np.concatenate([1.0 - outputs, outputs], axis=1)
        what = "output" if self.network.link == "linear" else "probability"
        columns = pd.Index([f"{what}_{name}" for name in self.class_names], dtype=_texts())
        result = pd.DataFrame(scores, columns=columns, index=index)
        result.insert(0, "prediction", _winners(scores, self.class_names, result.index))
        return result


def _winners(scores: NDArray[np.float64], class_names: Sequence[str], index: "pd.Index[Any]") -> "pd.Series[str]":
    known = ~np.isnan(scores).any(axis=1)
    names = np.full(len(scores), None, dtype=object)
    names[known] = np.array(class_names, dtype=object)[scores[known].argmax(axis=1)]
    return pd.Series(names, index, dtype=_texts())


def _texts() -> "pd.StringDtype[Any]":
    """Return pandas' texts as they are without pyarrow, which refuses half a surrogate pair, as a class may hold it."""
    return pd.StringDtype("python", na_value=np.nan)
