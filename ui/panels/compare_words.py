"""What is written about two moments of training: figures, settings that differ, weights that changed most."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from simulator.fields import settings_of
from simulator.insight.taken import classes_of
from simulator.nn.choices import CHOICES
from simulator.progress import Progress
from simulator.spec import NetworkSpec, Rule, TrainingConfig
from ui.canvas.cards import number
from ui.canvas.picture import Picture, grouped, percent_text, value_text
from ui.forms import number_text

_ROWS = 4096
_RULES = {"loss": "Loss", "optimizer": "Optimizer", "schedule": "Schedule"}


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of the table.

    Attributes
    ----------
    what
        What is compared; a heading has nothing beside it.
    then, now
        Its two values.
    edge
        The weight that it is about, (layer, source, target), or None.
    tip
        More about it.
    """

    what: str
    then: str = ""
    now: str = ""
    edge: tuple[int, int, int] | None = None
    tip: str = ""


@dataclasses.dataclass(frozen=True)
class Answers:
    """How differently two networks answer the same rows.

    Attributes
    ----------
    rows, which
        How many rows were asked, and which: "test" or "training".
    differing
        How many of them are given another class; None when a value is predicted.
    spread
        The root mean square of the difference of predicted values, in real units; None for classes.
    """

    rows: int
    which: str
    differing: int | None
    spread: float | None


def answers(then: Any, now: Any, dataset: Any, then_dataset: Any, progress: Progress) -> Answers:
    """Send the test rows, or without any the training rows, through two networks; perhaps beside the window.

    The rows are those of `dataset`; a network that was trained on data prepared otherwise is given them so.
    """
    from ui.selection import prepared_with

    tested = bool(len(dataset.X_test))
    which, X, rows = ("test", dataset.X_test, dataset.test_rows) if tested else (
        "training", dataset.X_train, dataset.train_rows)  # fmt: skip
    classes = bool(dataset.class_names)
    differing, squares, asked = 0, 0.0, 0
    for first in range(0, len(X), _ROWS):
        progress.report(first / len(X), "comparing")
        block = np.asarray(X[first : first + _ROWS])
        earlier = prepared_with(then_dataset, dataset, rows[first : first + _ROWS], block)
        whole = np.isfinite(earlier).all(axis=1)  # another recipe may not know what to do with a cell
        one, other = _outputs(then, earlier[whole]), _outputs(now, block[whole])
        asked += len(one)
        if classes:
            differing += int(np.count_nonzero(classes_of(one) != classes_of(other)))
        else:
            with np.errstate(all="ignore"):
                gap = np.asarray(dataset.recipe.value(other)) - np.asarray(then_dataset.recipe.value(one))
                squares += float((gap**2).sum())
    spread = None if classes else float(np.sqrt(squares / max(1, asked)))
    return Answers(asked, which, differing if classes else None, spread)


def _outputs(snapshot: Any, X: Any) -> Any:
    from simulator.engines.passes import forward

    with np.errstate(all="ignore"):
        return forward(snapshot.network, snapshot.layers, X).outputs


# -- lines ----------------------------------------------------------------------------------------------------------


def figures(then: Any, now: Any, pictures: tuple[Picture, Picture], row: str, given: Answers | None) -> list[Line]:
    """Return the lines about losses, updates and answers.

    Parameters
    ----------
    then, now
        Snapshots.
    pictures
        How they are drawn, with the shown row.
    row
        What the shown row is called.
    given
        How differently they answer; None while that is not known.
    """
    one, other = then.record, now.record
    lines = [Line("Updates", grouped(then.way), grouped(now.way), tip="Updates since the start weights")]
    if then.branch == now.branch:
        between = now.way - then.way
        lines.append(Line("Between them", "", grouped(abs(between)) + (" back" if between < 0 else "")))
    for what, name in (("Training loss", "train_loss"), ("Test loss", "test_loss")):
        if not (np.isnan(getattr(one, name)) and np.isnan(getattr(other, name))):
            tip = "Of the last whole epoch"
            lines.append(Line(what, _loss(getattr(one, name)), _loss(getattr(other, name)), tip=tip))
    accuracy = [record.test_accuracy for record in (one, other)]
    if not np.isnan(accuracy).all():
        before, after = (percent_text(each) for each in accuracy)
        lines.append(Line("Test accuracy", before, after, tip="Of the last whole epoch"))
    before, after = (said(picture) for picture in pictures)
    if before or after:
        lines.append(Line(row, before, after, tip="What the network says about the shown row"))
    if given is not None:
        lines.append(answered(given, pictures[1]))
    return lines


def answered(given: Answers, picture: Picture) -> Line:
    """Return the line about the rows that are answered differently."""
    what = f"{given.which.capitalize()} rows"
    if given.differing is not None:
        share = percent_text(given.differing / max(1, given.rows))
        text = f"{grouped(given.differing)} of {grouped(given.rows)} differ"
        return Line(what, "", text, tip=f"{text}: {share} are given another class")
    unit = picture.value_text.rsplit(" ", 1)[1] if " " in picture.value_text else ""
    text = f"± {value_text(given.spread or 0.0, unit)}"
    return Line(what, "", text, tip=f"Root mean square of ŷ now − ŷ then over {grouped(given.rows)} {given.which} rows")


def said(picture: Picture) -> str:
    """Return what a network says about the shown row; nothing without a row."""
    if picture.probabilities and picture.predicted is not None:
        name = picture.output_names[picture.predicted]
        return f"{name}{' · ' if name[-1:].isdigit() else ' '}{percent_text(picture.probabilities[picture.predicted])}"
    return picture.value_text


def settings(then: Any, now: Any) -> list[Line]:
    """Return the settings that differ between two snapshots."""
    return [*_config_lines(then.config, now.config), *_network_lines(then.network, now.network)]


def _config_lines(then: TrainingConfig, now: TrainingConfig) -> Iterator[Line]:
    for name, label in _RULES.items():
        yield from _rule_lines(name, label, getattr(then, name), getattr(now, name))
    for setting in settings_of(TrainingConfig):
        one, other = getattr(then, setting.name), getattr(now, setting.name)
        if one != other:
            yield Line(setting.label, _value(one), _value(other), tip=setting.help)


def _rule_lines(table: str, label: str, then: Rule, now: Rule) -> Iterator[Line]:
    if then.name != now.name:
        yield Line(label, then.name, now.name)
    one, other = _all(table, then), _all(table, now)
    for name in dict.fromkeys([*one, *other]):
        title = next(values[name][0] for values in (one, other) if name in values)
        left, right = (values[name][1] if name in values else "–" for values in (one, other))
        if left != right and (then.name == now.name or (name in one and name in other)):
            yield Line(title, left, right)


def _all(table: str, rule: Rule) -> dict[str, tuple[str, str]]:
    """Return the label and the value of every setting of a rule."""
    given = dict(rule.settings)
    return {
        setting.name: (setting.label, _value(given.get(setting.name, setting.default)))
        for setting in settings_of(CHOICES[table][rule.name])
    }


def _network_lines(then: NetworkSpec, now: NetworkSpec) -> Iterator[Line]:
    for nth, (one, other) in enumerate(zip(then.hidden, now.hidden, strict=True), 1):
        if one.activation != other.activation:
            yield Line(f"Hidden {nth}", one.activation, other.activation, tip=f"Activation of hidden layer {nth}")
        if one.dropout != other.dropout:
            yield Line(f"Dropout {nth}", _value(one.dropout), _value(other.dropout), tip=f"Of hidden layer {nth}")
    for label, name in (("Output link", "link"), ("Initializer", "initializer")):
        if getattr(then, name) != getattr(now, name):
            yield Line(label, getattr(then, name), getattr(now, name))


def _loss(value: float) -> str:
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 else number(value)


def _value(value: Any) -> str:
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str) else number_text(value).replace("-", "−")


def weight_line(then: Picture, now: Picture, edge: tuple[int, int, int]) -> Line:
    """Return the line of one weight."""
    layer, source, target = edge
    one, other = (float(picture.weights[layer][source, target]) for picture in (then, now))
    names = f"{now.name(layer, source)} → {now.name(layer + 1, target)}"
    tip = f"{names}\nw = {number(one)} then, {number(other)} now: {signed(other - one)}"
    return Line(
        f"{_short(now, layer, source)} → {_short(now, layer + 1, target)}", number(one), number(other), edge, tip
    )


def pointed_text(then: Picture, now: Picture, neuron: Any, edge: Any) -> str:
    """Return a sentence about what a pointer is on; nothing where there is nothing to compare."""
    sizes = now.sizes
    if edge is not None:
        layer, source, target = edge
        if layer < len(sizes) - 1 and source < sizes[layer] and target < sizes[layer + 1]:
            return weight_line(then, now, edge).tip.replace("\n", ":  ")
    if neuron is not None and 0 < neuron[0] < len(sizes) and neuron[1] < sizes[neuron[0]]:
        layer, unit = neuron
        told = bool(then.activations and now.activations)
        pair = [picture.activations[layer] if told else picture.biases[layer - 1] for picture in (then, now)]
        one, other = (float(values[unit]) for values in pair)
        letter = "a" if told else "b"
        return f"{now.name(layer, unit)}:  {letter} = {number(one)} then, {number(other)} now: {signed(other - one)}"
    return ""


def signed(value: float) -> str:
    """Return a number with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def _short(picture: Picture, layer: int, unit: int) -> str:
    """Return a neuron's name as far as a narrow column has room: a column, a class, or H1·3."""
    name, title = picture.name(layer, unit), picture.captions[layer].title
    if not name.startswith(f"{title}, "):
        return name
    return f"{title[0]}{title.split()[-1] if ' ' in title else ''}·{unit + 1}"


def about(snapshot: Any, picture: Picture) -> tuple[str, ...]:
    """Return the figures that stand above a picture, the most important first."""
    record = snapshot.record
    loss = ("test loss", record.test_loss) if not np.isnan(record.test_loss) else ("loss", record.train_loss)
    parts = [f"{loss[0]} {_loss(loss[1])}"]
    if not np.isnan(record.test_accuracy):
        parts.append(percent_text(record.test_accuracy))
    if said(picture):
        parts.append(f"says {said(picture)}")
    return tuple(parts)
