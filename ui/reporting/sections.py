"""The chapters of a report: a function each, from a run to HTML. No Qt."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.data import BUNDLED
from simulator.insight import facts
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.spec import Rule
from simulator.training.conditions import conditions, version
from ui.reporting.figures import MOST_COLUMNS, drawn, figure, percent
from ui.reporting.markup import Markup, table, tag
from ui.reporting.outcome import curves, errors_of, example, results
from ui.reporting.run import Run


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
        cards.append(("Test R²" if len(run.test) else "Training R²", figure(errors_of(run)[0])))
    cards.append(("Parameters", f"{run.snapshot.network.parameter_count:,}"))
    yield tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in cards], class_="cards")
    yield from drawn(run, "network", "The network after training, with the row that is worked out below.")


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
    more = len(rows) - MOST_COLUMNS
    yield table("Columns, their roles and their preparation", ("Column", "Role", "Input", "Preparation"),
                rows[:MOST_COLUMNS], kind="recipe")  # fmt: skip
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
    yield from drawn(run, "start", "The same network before training, with its start weights.")


def training(run: Run) -> Iterator[Markup]:
    """Yield the settings, in words and as a table, and what was changed on the way."""
    config, network = run.snapshot.config, run.snapshot.network
    batches = -(-len(run.dataset.X_train) // config.batch_size)
    rate = dict(config.optimizer.settings).get("learning_rate")
    words = [(f"In every epoch the {len(run.dataset.X_train):,} training rows are shuffled and cut into {batches:,} "
             f"batches of {config.batch_size:,}. After each batch {_name(config.optimizer)} changes every weight to "
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


def _name(rule: Rule) -> str:
    return rule.name.replace("_", " ")


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(source: str) -> str:
    """Return where something comes from without what would be taken for a link."""
    return source.replace("https://", "").replace("http://", "")
