"""The chapters of a report: a function each, from a run to HTML. No Qt."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.data import BUNDLED
from simulator.engines.passes import forward
from simulator.insight import facts
from simulator.insight.metrics import class_scores, confusion_matrix, mae, r2, rmse
from simulator.insight.tables import layer_names
from simulator.insight.taken import classes_of
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.spec import Rule
from simulator.training.conditions import conditions, version
from ui.reporting.markup import Markup, inline, table, tag
from ui.reporting.run import Run

_MOST_NEURONS, _MOST_CLASSES, _MOST_COLUMNS = 12, 24, 40


def figure(value: Any, digits: int = 4) -> str:
    """Return a number with so many digits that count, and a real minus."""
    number = float(value)
    if np.isnan(number):
        return "–"
    return f"{number:,.{digits}g}".replace("-", "−")


def percent(share: Any) -> str:
    """Return a share as percent."""
    return "–" if np.isnan(float(share)) else f"{100.0 * float(share):.1f} %"


def summary(run: Run) -> Iterator[Markup]:
    """Yield what matters in a few figures."""
    record, dataset = run.snapshot.record, run.dataset
    cards = [("Epochs", f"{run.snapshot.epoch:,}"), ("Training loss", figure(record.train_loss))]
    if not np.isnan(record.test_loss):
        cards.append(("Test loss", figure(record.test_loss)))
    if dataset.class_names:
        tested = not np.isnan(record.test_accuracy)
        share = record.test_accuracy if tested else record.train_accuracy
        cards.append(("Test accuracy" if tested else "Training accuracy", percent(share)))
    else:
        cards.append(("Test R²" if len(run.test) else "Training R²", figure(_values(run)[0])))
    cards.append(("Parameters", f"{run.snapshot.network.parameter_count:,}"))
    yield tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in cards], class_="cards")
    yield from _drawn(run, "network", "The network after training, with the row that is worked out below.")


def data(run: Run) -> Iterator[Markup]:
    """Yield what the network learnt from, and what happened on the way from the file."""
    dataset = run.dataset
    known = BUNDLED.get(dataset.name)
    report = dataset.report
    lines: list[Sequence[Any]] = [("Name", run.title)]
    if known is not None:
        lines += [("About", known.description), ("Source", _plain(known.source)), ("Licence", _plain(known.licence))]
    if dataset.path is not None and known is None:
        lines.append(("File", dataset.path.name))
    train, test = len(dataset.train_rows), len(dataset.test_rows)
    unused = max(0, report.rows - train - test)
    lines += [
        ("Rows", f"{report.rows:,}: {train:,} for training, {test:,} for testing, {unused:,} not used"),
        ("Columns", f"{len(dataset.table.columns):,}"),
        ("Target", f"{dataset.recipe.target}: " + (
            f"{len(dataset.class_names)} classes" if dataset.class_names else "a value")),
    ]  # fmt: skip
    yield table("The data set", ("What", "Value"), lines, kind="facts")
    yield tag("h3", "What was recognised, dropped and filled")
    yield tag("ul", [tag("li", each) for each in report.sentences])
    yield tag("h3", "How every column becomes inputs")
    rows = [(name, role, tag("code", made) if made else "", tag("code", how) if how else "–")
            for name, role, made, how in facts.column_rows(dataset)]  # fmt: skip
    more = len(rows) - _MOST_COLUMNS
    yield table("Columns, their roles and their preparation", ("Column", "Role", "Input", "Preparation"),
                rows[:_MOST_COLUMNS], kind="recipe")  # fmt: skip
    if more > 0:
        yield tag("p", f"{more:,} more columns are prepared in the same way.", class_="quiet")


def architecture(run: Run) -> Iterator[Markup]:
    """Yield the layers, their parameters and functions."""
    network = run.snapshot.network
    rows = [(name.capitalize(), f"{units:,}", function, figure(dropped) if dropped != "" else "", f"{weights:,}",
             f"{biases:,}", f"{both:,}")
            for name, units, function, dropped, weights, biases, both in facts.layer_rows(network)]  # fmt: skip
    total = network.parameter_count
    rows.append(("Together", "", "", "", f"{sum(a * b for a, b in network.shapes):,}",
                 f"{sum(b for _, b in network.shapes):,}", f"{total:,}"))  # fmt: skip
    heads = ("Layer", "Neurons", "Function", "Dropout", "Weights", "Biases", "Parameters")
    yield table("Layers and their parameters", heads, rows, kind="total")
    formulas = {name: ACTIVATIONS[name].formula for name in dict.fromkeys(each.activation for each in network.hidden)
                if hasattr(ACTIVATIONS[name], "formula")}  # fmt: skip
    if formulas:
        yield tag("p", "Activation: ", [[tag("code", text), " "] for text in formulas.values()])
    yield from _drawn(run, "start", "The same network before training, with its start weights.")


def training(run: Run) -> Iterator[Markup]:
    """Yield the settings, in words and as a table, and what was changed on the way."""
    config, network = run.snapshot.config, run.snapshot.network
    batches, over = -(-len(run.dataset.X_train) // config.batch_size), len(run.dataset.X_train) % config.batch_size
    last = f", the last of {over:,}" if over and batches > 1 else ""
    rate = dict(config.optimizer.settings).get("learning_rate")
    words = [(f"In every epoch the {len(run.dataset.X_train):,} training rows are shuffled and cut into {batches:,} "
             f"{'batch' if batches == 1 else 'batches'} of {over if batches == 1 and over else config.batch_size:,}"
             f"{last}. After each batch {_name(config.optimizer)} changes every weight to "
             f"lower the {_name(config.loss)}")]  # fmt: skip
    words.append(f", with a learning rate of {rate:g}" if rate is not None else "")
    words.append("." if config.schedule.name == "constant" else f" that follows the schedule {_name(config.schedule)}.")
    if config.l1 or config.l2:
        words.append(f" Penalties keep weights small (l1 {config.l1:g}, l2 {config.l2:g}).")
    if config.clip_norm is not None:
        words.append(f" Gradients longer than {config.clip_norm:g} are shortened to that.")
    words.append(f" Start weights, row order and dropout follow from the seed {config.seed}.")
    yield tag("p", "".join(words))
    formula = getattr(LOSSES.get(config.loss.name), "formula", "")
    if formula:
        yield tag("p", "Loss: ", tag("code", formula))
    rows = [(label, _setting(value)) for label, value in facts.setting_rows(config, network)]
    yield table("Settings", ("Setting", "Value"), rows, kind="facts")
    yield from _changes(run)


def _changes(run: Run) -> Iterator[Markup]:
    changes = run.changes
    if len(changes) > 1:
        rows: list[Sequence[Any]] = []
        for before, after in itertools.pairwise(changes):
            old, new = ({name: value for name, value in facts.setting_rows(each.config, each.network)}  # noqa: C416
                        for each in (before, after))  # fmt: skip
            said = [f"{name}: {_setting(old.get(name, '–'))} → {_setting(new[name])}"
                    for name in new if new[name] != old.get(name)]  # fmt: skip
            if before.network.hidden != after.network.hidden:
                said.append("Hidden layers: " + " → ".join(
                    "–".join(f"{layer.units} {layer.activation}" for layer in each.network.hidden) or "none"
                    for each in (before, after)))  # fmt: skip
            if before.dataset is not after.dataset:
                said.append("Other data")
            rows.append((f"{after.epoch:,}", "; ".join(said) or "Nothing that holds here"))
        yield table("What was changed on the way", ("From epoch", "Change"), rows)
    others = [each for each in run.session.branches if each.number != run.session.current]
    if others:
        rows = [(each.name, f"{each.end[0]:,}", "–" if each.parent is None else f"{each.fork[0]:,}") for each in others]
        yield table("Other branches of the timeline", ("Branch", "Epochs", "Left its parent at epoch"), rows)


def curves(run: Run) -> Iterator[Markup]:
    """Yield the curves, and their figures at some epochs."""
    yield from _drawn(run, "curves", "Loss and accuracy of every epoch.")
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
        yield from _drawn(run, name, words)


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


def _values(run: Run) -> tuple[float, float, float]:
    """Return R², the root of the mean squared error and the mean absolute error, of the test rows if there are any."""
    outputs, targets = (run.test, run.dataset.Y_test) if len(run.test) else (run.train, run.dataset.Y_train)
    predicted, actual = (run.dataset.recipe.value(np.asarray(each, np.float64)[:, 0]) for each in (outputs, targets))
    if len(actual) < 2 or not np.isfinite(predicted).all():
        return np.nan, np.nan, np.nan
    return float(r2(actual, predicted)), float(rmse(actual, predicted)), float(mae(actual, predicted))


def _of_values(run: Run) -> Iterator[Markup]:
    score, root, mean = _values(run)
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
    some = "Inputs" if len(rows) <= _MOST_COLUMNS else f"The first {_MOST_COLUMNS} of {len(rows):,} inputs"
    yield table(some, ("Input", "In the file", "Prepared: x"), rows[:_MOST_COLUMNS])
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


def repeating(run: Run) -> Iterator[Markup]:
    """Yield how the run is repeated, and under which conditions it was made."""
    found = run.repeat
    yield tag("p", "This command trains the same network on the same data, without a window:")
    yield tag("pre", tag("code", str(found)))
    if found.caveats:
        yield tag("p", "What it does not say:")
        yield tag("ul", [tag("li", each) for each in found.caveats])
    else:
        words = ("On the same machine, with the same versions, the same numbers come out; elsewhere they may differ by"
                 " rounding.")  # fmt: skip
        yield tag("p", words, class_="quiet")
    session = run.session
    made = conditions(session.engine, session.device, run.snapshot.config.dtype, session.threads)
    rows = [("Nodeglow", version("nodeglow") or "–"), ("seed", str(run.snapshot.config.seed)), *made.items()]
    yield table("Versions and conditions", ("What", "Value"),
                [(name[:1].upper() + name[1:], value) for name, value in rows], kind="facts")  # fmt: skip


SECTIONS: Mapping[str, Callable[[Run], Iterator[Markup]]] = {
    "Summary": summary,
    "Data": data,
    "Network": architecture,
    "Training": training,
    "Curves": curves,
    "Results": results,
    "One row, worked out": example,
    "How to repeat it": repeating,
}
"""The chapters by their headings, in their order."""


def _drawn(run: Run, name: str, words: str) -> Iterator[Markup]:
    """Yield a picture with its caption, if there is one."""
    found = run.drawings.get(name)
    if found is not None:
        both = [tag("div", inline(svg, f"{name}-{kind}", found.alt), class_=kind)
                for kind, svg in (("light", found.light), ("dark", found.dark)) if svg]  # fmt: skip
        yield tag("figure", both, tag("figcaption", words))


def _name(rule: Rule) -> str:
    return rule.name.replace("_", " ")


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(source: str) -> str:
    """Return where something comes from without what would be taken for a link."""
    return source.replace("https://", "").replace("http://", "")
