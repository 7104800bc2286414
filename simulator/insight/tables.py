"""All the numbers behind the views as tables, to be taken elsewhere: pure functions that yield rows, names first.

Numbers keep all their digits; rows of the data set are counted from 1 as they stand in its table, layers and neurons
from 1 as they are drawn.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.dataset import Dataset
from simulator.engines.passes import forward
from simulator.errors import ConfigError
from simulator.explain import Explanation, Moment, explain
from simulator.insight.taken import classes_of, taken_for
from simulator.snapshot import Snapshot
from simulator.spec import NetworkSpec

Row = Sequence[Any]
Doubles = NDArray[np.float64]

SPLITS = {"all": "All rows", "train": "Training rows", "test": "Test rows"}
_BLOCK = 1_000_000
"""So many numbers go through the network at once, about."""


@dataclasses.dataclass(frozen=True, eq=False)
class Told:
    """What tables are made of.

    Attributes
    ----------
    dataset, snapshot
        The data and the network of one moment.
    branches
        The name of every branch and its rows of `RECORD`, from epoch 0.
    moment
        What the next update follows from; None where that is not known.
    layer
        Whose activations: 0 the inputs, 1 the first hidden layer, … the last the outputs.
    split
        A key of `SPLITS`.
    raw
        Whether predictions have the columns of the file beside them.
    """

    dataset: Dataset
    snapshot: Snapshot
    branches: tuple[tuple[str, NDArray[Any]], ...] = ()
    moment: Moment | None = None
    layer: int = 1
    split: str = "all"
    raw: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """A row of `TABLES`: a title, one sentence, what makes the rows, and the fields of `Told` that can be chosen."""

    title: str
    help: str
    rows: Callable[[Told], Iterator[Row]]
    options: tuple[str, ...] = ()


def curves(told: Told) -> Iterator[Row]:
    """Yield the scalars of every epoch of every branch; what is not known is left empty."""
    fields = tuple(told.branches[0][1].dtype.names or ()) if told.branches else ("epoch",)
    others = fields[1:]
    yield "epoch", "branch", *others
    for name, records in told.branches:
        for record in records:
            yield int(record["epoch"]), name, *(_known(record[field]) for field in others)


def activations(told: Told) -> Iterator[Row]:
    """Yield what every neuron of a layer answers to every row, with the row's number, its split and its target.

    Raises
    ------
    ConfigError
        When the network has no such layer.
    """
    network = told.snapshot.network
    if not 0 <= told.layer < len(network.sizes):
        raise ConfigError(f"there is no layer {told.layer}", f"0 are the inputs, {len(network.sizes) - 1} the outputs.")
    names = layer_names(told.dataset, network, told.layer)
    yield "row", "split", _true(told.dataset), *names
    for places, split, X in _blocks(told):
        with np.errstate(all="ignore"):
            passed = forward(network, told.snapshot.layers, X)
        answers = passed.outputs if told.layer == len(network.sizes) - 1 else passed.inputs[told.layer]
        truth = _truth(told.dataset, places)
        for row, value, line in zip(places.tolist(), truth, answers.tolist(), strict=True):
            yield row + 1, split, value, *line


def predictions(told: Told) -> Iterator[Row]:
    """Yield what the network says about every row: a class with the probability of each, or a value and its error."""
    dataset, network = told.dataset, told.snapshot.network
    frame = dataset.table
    raw = [str(name) for name in frame.columns] if told.raw else []
    head = ["row", "split", *raw]
    if dataset.class_names:
        head += [_true(dataset), "prediction", *(f"probability_{name}" for name in dataset.class_names)]
    else:
        head += [_true(dataset), "prediction", "error"]
    yield head
    for places, split, X in _blocks(told):
        with np.errstate(all="ignore"):
            outputs = np.asarray(forward(network, told.snapshot.layers, X).outputs, np.float64)
        cells = frame.iloc[places].to_numpy(dtype=object) if told.raw else np.empty((len(places), 0), object)
        truth = _truth(dataset, places)
        if dataset.class_names:
            names, taken = dataset.class_names, taken_for(outputs)[0].tolist()
            shares = outputs if outputs.shape[1] > 1 else np.concatenate([1.0 - outputs, outputs], axis=1)
            said = (
                [names[each] if each >= 0 else "", *line] for each, line in zip(taken, shares.tolist(), strict=True)
            )
        else:
            values = dataset.recipe.value(outputs[:, 0]).tolist()
            said = ([value, value - float(true)] for value, true in zip(values, truth, strict=True))
        for row, line, true, answer in zip(places.tolist(), cells.tolist(), truth, said, strict=True):
            yield row + 1, split, *map(_plain, line), true, *answer


def step_rows(told: Told) -> Iterator[Row]:
    """Yield the rows of the next update's batch: x, z and a of every layer, the output, the loss, every delta."""
    explanation, network = _explanation(told), told.snapshot.network
    passed, back, moment = explanation.forward, explanation.backward, explanation.moment
    names = [layer_names(told.dataset, network, layer) for layer in range(len(network.sizes))]
    last = len(names) - 1
    head: list[str] = ["row", *(f"x.{name}" for name in names[0])]
    columns: list[Doubles] = [passed.inputs[0]]
    for layer in range(1, last):
        head += [f"z{layer}.{name}" for name in names[layer]] + [f"a{layer}.{name}" for name in names[layer]]
        columns += [passed.logits[layer - 1], passed.inputs[layer]]
    for what, values in (("z", passed.logits[-1]), ("y_hat", passed.outputs), ("y", np.asarray(moment.Y, np.float64))):
        head += (
            [f"{what}.{name}" for name in names[last]]
            if values.shape[1] == len(names[last])
            else [f"{what}.{place + 1}" for place in range(values.shape[1])]
        )
        columns.append(values)
    head.append("loss")
    columns.append(explanation.loss.rows[:, None])
    for layer in range(1, last + 1):
        head += [f"delta{layer}.{name}" for name in names[layer]]
        columns.append(back.deltas[layer - 1])
    yield head
    rows = told.dataset.train_rows if moment.split == "train" else told.dataset.test_rows
    for place, line in zip(moment.rows.tolist(), np.concatenate(columns, axis=1).tolist(), strict=True):
        yield int(rows[place]) + 1 if 0 <= place < len(rows) else "", *line


def step_parameters(told: Told) -> Iterator[Row]:
    """Yield every weight and bias with what the next update does to it.

    The gradient is the mean over the batch's rows of the data loss; the penalty's slope is added to it, and clipping
    multiplies both, to what the optimizer takes.
    """
    update = _explanation(told).update
    network, moment = told.snapshot.network, update.moment
    yield (
        "parameter", "layer", "from", "to", "value", "gradient", "penalty", "taken_by_the_optimizer", "update",
        "new_value",
    )  # fmt: skip
    columns = (moment.parameters, update.backward.gradient, update.penalty, update.gradient, update.step,
               update.parameters)  # fmt: skip
    numbers = np.stack([np.asarray(each, np.float64) for each in columns], axis=1)
    place = 0
    for layer, (fan_in, fan_out) in enumerate(network.shapes):
        sources, targets = (layer_names(told.dataset, network, each) for each in (layer, layer + 1))
        for source in range(fan_in + 1):
            kind = "weight" if source < fan_in else "bias"
            origin = sources[source] if source < fan_in else ""
            for target, line in zip(targets, numbers[place : place + fan_out].tolist(), strict=True):
                yield kind, layer + 1, origin, target, *line
            place += fan_out


TABLES: Mapping[str, Table] = {
    "curves": Table("Curves", "Loss, accuracy and norms of every epoch, all branches", curves),
    "activations": Table(
        "Activations", "What every neuron of a layer answers to every row", activations, ("layer", "split")
    ),
    "predictions": Table(
        "Predictions", "What the network says about every row, beside what is true", predictions, ("split", "raw")
    ),
    "step_rows": Table("The next update, row by row", "x, z, a, ŷ, y, loss and δ of every row of the batch", step_rows),
    "step_parameters": Table(
        "The next update, weight by weight", "Gradient, update and new value of every weight and bias", step_parameters
    ),
}
"""What can be taken elsewhere, by its name."""


def layer_names(dataset: Dataset, network: NetworkSpec, layer: int) -> list[str]:
    """Return what the neurons of a layer are called: columns, classes or the target, and numbers between them."""
    count, last = network.sizes[layer], len(network.sizes) - 1
    known: Iterable[str] = ()
    if layer == 0:
        known = dataset.feature_names
    elif layer == last:
        known = dataset.class_names or (dataset.recipe.target,)
        if dataset.class_names and count == 1:
            known = dataset.class_names[1:]
    found = [str(name) for name in known]
    return found if len(found) == count else [str(unit + 1) for unit in range(count)]


def _explanation(told: Told) -> Explanation:
    if told.moment is None:
        raise ConfigError("the next update is not known", "Wait until the network is loaded.")
    return explain(told.moment)


def _blocks(told: Told) -> Iterator[tuple[NDArray[np.int64], str, Doubles]]:
    """Yield rows of the wanted split: where they stand in the table, "train" or "test", and their inputs."""
    dataset = told.dataset
    if told.split not in SPLITS:
        raise ConfigError(f"there are no {told.split!r} rows", f"There are: {', '.join(SPLITS)}.")
    size = max(1, _BLOCK // max(told.snapshot.network.sizes))
    for split, rows, X in (
        ("train", dataset.train_rows, dataset.X_train),
        ("test", dataset.test_rows, dataset.X_test),
    ):
        if told.split in ("all", split):
            for start in range(0, len(rows), size):
                part = slice(start, start + size)
                yield rows[part], split, np.asarray(X[part], np.float64)


def _true(dataset: Dataset) -> str:
    """Return what the column of the true classes or values is called."""
    return f"true_{dataset.recipe.target}"


def _truth(dataset: Dataset, places: NDArray[np.int64]) -> list[Any]:
    """Return the true class or value of rows of the table."""
    train, test = len(dataset.train_rows), len(dataset.test_rows)
    targets = np.concatenate([dataset.Y_train, dataset.Y_test]) if train + test else dataset.Y_train
    where = np.zeros(
        int(max(np.max(dataset.train_rows, initial=0), np.max(dataset.test_rows, initial=0))) + 1, np.int64
    )
    where[dataset.train_rows], where[dataset.test_rows] = np.arange(train), train + np.arange(test)
    found = np.asarray(targets[where[places]], np.float64)
    if not dataset.class_names:
        return dataset.recipe.value(found[:, 0]).tolist()
    return [dataset.class_names[each] for each in classes_of(found).tolist()]


def _known(value: Any) -> Any:
    number = float(value)
    return "" if np.isnan(number) else number


def _plain(value: Any) -> Any:
    """Return a cell of the file as it is written: nothing where it is missing."""
    return "" if value is None or value != value else value
