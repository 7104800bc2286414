"""The chapters of a report that say what came of the training. No Qt."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simulator.engines.passes import forward
from simulator.insight.metrics import class_scores, confusion_matrix, mae, r2, rmse
from simulator.insight.tables import layer_names
from simulator.insight.taken import classes_of
from ui.reporting.figures import MOST_COLUMNS, drawn, figure, percent
from ui.reporting.markup import Markup, table, tag
from ui.reporting.run import Run

_MOST_NEURONS, _MOST_CLASSES = 12, 24


def curves(run: Run) -> Iterator[Markup]:
    """Yield the curves, and their figures at some epochs."""
    yield from drawn(run, "curves", "Loss and accuracy of every epoch.")
    records = run.records
    if not len(records):
        return
    places = np.unique(np.rint(np.linspace(0, len(records) - 1, min(9, len(records)))).astype(int))
    classes = bool(run.dataset.class_names)
    head = ["Epoch", "Training loss", "Test loss"]
    head += ["Training accuracy", "Test accuracy"] if classes else []
    rows = []
    for record in records[places]:
        row = [f"{int(record['epoch']):,}", figure(record["train_loss"]), figure(record["test_loss"])]
        row += [percent(record["train_accuracy"]), percent(record["test_accuracy"])] if classes else []
        rows.append(row)
    yield table("Figures along the way", head, rows)


def results(run: Run) -> Iterator[Markup]:
    """Yield how good the predictions are."""
    dataset, split = run.dataset, "test" if len(run.test) else "training"
    outputs = run.test if len(run.test) else run.train
    targets = np.asarray(dataset.Y_test if len(run.test) else dataset.Y_train, np.float64)
    if not np.isfinite(outputs).all():
        yield tag("p", "The outputs are not finite: training diverged, and there is nothing to judge.")
        return
    if not dataset.class_names:
        yield from _of_values(run)
    else:
        names = dataset.class_names
        confusion = confusion_matrix(classes_of(targets), classes_of(outputs), range(len(names)))
        yield tag("p", f"Of {confusion.sum():,} {split} rows {np.trace(confusion):,} are right: "
                       f"{percent(np.trace(confusion) / max(1, confusion.sum()))}.")  # fmt: skip
        if len(names) <= _MOST_CLASSES:
            yield _matrix(names, confusion, split)
        scores = class_scores(confusion)
        rows = [(name, percent(scores.precision[nth]), percent(scores.recall[nth]), figure(scores.f1[nth]),
                 f"{int(scores.support[nth]):,}") for nth, name in enumerate(names)]  # fmt: skip
        yield table(f"Every class in the {split} rows", ("Class", "Precision", "Recall", "F1", "Rows"), rows)
    for name, words in (
        ("map", "What the network says at every place of the plane of two features, and the rows in it."),
        ("scatter", "Predicted against true values."),
        ("weights", "The weights of the first layer as pictures."),
    ):
        yield from drawn(run, name, words)


def _matrix(names: Sequence[str], confusion: Any, split: str) -> Markup:
    """Return the confusion matrix as a table, its diagonal marked, with the sums of rows and columns."""
    columns, rows = confusion.sum(axis=0), confusion.sum(axis=1)
    largest = max(1, int(confusion.max()))
    body = []
    for nth, name in enumerate(names):
        cells = [
            tag("td", f"{int(each):,}", class_="number right" if nth == across else "number",
                style=f"--share:{int(each) / largest:.3f}")
            for across, each in enumerate(confusion[nth])
        ]  # fmt: skip
        body.append(
            tag("tr", tag("th", name, scope="row"), cells, tag("td", f"{int(rows[nth]):,}", class_="number sum"))
        )
    sums = [tag("td", f"{int(each):,}", class_="number") for each in (*columns, confusion.sum())]
    foot = tag("tr", tag("th", "Together", scope="row"), sums)
    head = tag("tr", tag("th", "True class", scope="col"), [tag("th", name, scope="col") for name in names],
               tag("th", "Together", scope="col"))  # fmt: skip
    caption = tag("caption", f"Confusion matrix of the {split} rows: true classes down, predicted ones across")
    return tag("div", tag("table", caption, tag("thead", head), tag("tbody", body), tag("tfoot", foot),
                          class_="confusion"), class_="wide")  # fmt: skip


def errors_of(run: Run) -> tuple[float, float, float]:
    """Return R², the root of the mean squared error and the mean absolute error, of the test rows if there are any."""
    outputs, targets = (run.test, run.dataset.Y_test) if len(run.test) else (run.train, run.dataset.Y_train)
    predicted, actual = (run.dataset.recipe.value(np.asarray(each, np.float64)[:, 0]) for each in (outputs, targets))
    if len(actual) < 2 or not np.isfinite(predicted).all():
        return np.nan, np.nan, np.nan
    return float(r2(actual, predicted)), float(rmse(actual, predicted)), float(mae(actual, predicted))


def _of_values(run: Run) -> Iterator[Markup]:
    score, root, mean = errors_of(run)
    target = run.dataset.recipe.target
    split = "test" if len(run.test) else "training"
    rows = [
        ("R²", figure(score), "1 would be perfect, 0 is no better than always saying the mean"),
        ("RMSE", figure(root), f"the root of the mean squared error, in the unit of {target}"),
        ("Mean absolute error", figure(mean), f"in the unit of {target}"),
    ]
    yield table(f"How far predictions are off in the {split} rows", ("Measure", "Value", "Meaning"), rows)


def example(run: Run) -> Iterator[Markup]:
    """Yield one row on its way through the network, in numbers."""
    dataset, network, row = run.dataset, run.snapshot.network, run.row
    if row is None:
        return
    places = [*dataset.train_rows.tolist(), *dataset.test_rows.tolist()]
    if row not in places:
        yield tag("p", f"Row {row + 1:,} is not used: a value is missing in it.")
        return
    place, count = places.index(row), len(dataset.X_train)
    X = np.asarray(dataset.X_train[place] if place < count else dataset.X_test[place - count], np.float64)
    with np.errstate(all="ignore"):
        passed = forward(network, run.snapshot.layers, X[None, :])
    cells = {str(name): dataset.table[name].iloc[row] for name in dataset.table.columns}  # each of its own type
    split = "training" if place < count else "test"
    yield tag("p", f"Row {row + 1:,} of the file, a {split} row. A neuron adds up what"
                   " comes to it times its weights, and its bias: z. Its function makes a of it.")  # fmt: skip
    rows: list[Sequence[Any]] = []
    for step in dataset.recipe.columns:
        cell = cells.get(step.column, "")
        for made in step.names:
            nth = list(dataset.feature_names).index(made)
            rows.append((made, cell, figure(X[nth])))
    some = "Inputs" if len(rows) <= MOST_COLUMNS else f"The first {MOST_COLUMNS} of {len(rows):,} inputs"
    yield table(some, ("Input", "In the file", "Prepared: x"), rows[:MOST_COLUMNS])
    for layer in range(len(network.hidden)):
        z, a = passed.logits[layer][0], passed.inputs[layer + 1][0]
        shown = min(_MOST_NEURONS, len(z))
        note = "" if shown == len(z) else f" (the first {shown} of {len(z):,} neurons)"
        yield table(f"Hidden layer {layer + 1}: {network.hidden[layer].activation}{note}",
                    ("Neuron", *range(1, shown + 1)),
                    [("z", *map(figure, z[:shown])), ("a", *map(figure, a[:shown]))])  # fmt: skip
    names = layer_names(dataset, network, len(network.sizes) - 1)[:_MOST_CLASSES]
    z, outputs = passed.logits[-1][0], passed.outputs[0]
    said = list(map(figure, outputs[: len(names)]))
    yield table(f"Output: {network.link}", ("Output", *names),
                [("z", *map(figure, z[: len(names)])), ("ŷ", *said)])  # fmt: skip
    true = tag("strong", str(cells[dataset.recipe.target]))
    if dataset.class_names:
        taken = dataset.class_names[int(classes_of(outputs[None, :])[0])]
        yield tag("p", "The network says ", tag("strong", taken), "; it is ", true, ".")
    else:
        value = float(dataset.recipe.value(outputs)[0])
        yield tag("p", f"In the unit of {dataset.recipe.target} that is ", tag("strong", figure(value)), "; it is ",
                  true, ".")  # fmt: skip
