"""What can be said before the first update: the start weights, the data, the inputs."""

import math

import numpy as np

from simulator.insight.narrator.evidence import Evidence
from simulator.insight.narrator.sentence import Sentence, count, listed, number, percent

_SHARES, _MEAN, _MEDIAN = "the shares of the classes", "the mean", "the median"


def start(evidence: Evidence) -> list[Sentence]:
    """Compare epoch 0 with the best answer that is the same for every row.

    Untrained: the loss is at least 70 % of that answer's. Below, the weights know something already; above 1.25 times
    they are confident and wrong.
    """
    if evidence.start_facts is not None and evidence.data_since:
        evidence = evidence.until(0)
    guess, facts = evidence.facts.guess_loss, evidence.facts
    if not len(evidence.records) or not math.isfinite(guess) or guess <= 0:
        return []
    loss, accuracy = float(evidence.best_known[0]), float(evidence.accuracy[0])
    if not math.isfinite(loss):
        return []
    constant = _SHARES if facts.classes else _MEDIAN if evidence.config.loss.name == "mae" else _MEAN
    chance = f"always answering with {constant} gives {number(guess)}"
    right = f", {percent(accuracy)} of the {evidence.tested} rows are right" if math.isfinite(accuracy) else ""
    if loss < 0.7 * guess:
        text = f"These start weights know something already: {evidence.tested} loss {number(loss)}{right}; {chance}."
    elif loss <= 1.25 * guess:
        text = f"Nothing is learned yet: {evidence.tested} loss {number(loss)}{right}; {chance}."
    else:
        text = "Nothing is learned yet, and these start weights happen to be worse than guessing: "
        text += f"{evidence.tested} loss {number(loss)}{right}; {chance}."
    shown = [(f"{evidence.tested} loss at epoch 0", number(loss)), ("loss of one answer for all rows", number(guess))]
    if facts.classes:
        shown.append((f"loss of 1/{len(facts.classes)} for every class", number(math.log(len(facts.classes)))))
    if math.isfinite(accuracy):
        shown.append((f"{evidence.tested} accuracy", percent(accuracy)))
    return [Sentence("start", 0, text, evidence=tuple(shown), how=_first(start.__doc__))]


def few_test_rows(evidence: Evidence) -> list[Sentence]:
    """Warn when there are no test rows, or fewer than 30: one row is then over 3 points of accuracy."""
    rows = evidence.facts.test_rows
    if rows >= 30 or not len(evidence.records):
        return []
    shown = (("test rows", f"{rows:,}"), ("training rows", f"{evidence.facts.train_rows:,}"))
    advice = "Keep more rows for testing."
    if rows == 0:
        text = "There are no test rows: nothing tells learning from memorising."
    elif evidence.facts.classes:
        text = (
            f"There are only {count(rows, 'test row')}: one of them is {100 / rows:.0f} points of accuracy, "
            "so small differences mean nothing."
        )
    else:
        text = f"There are only {count(rows, 'test row')}: the test loss depends on a few of them."
    since = evidence.begins
    return [Sentence("few_test_rows", since, text, "warning", since, evidence=shown, how=few_test_rows.__doc__ or "",
                     advice=advice)]  # fmt: skip


def unscaled_inputs(evidence: Evidence) -> list[Sentence]:
    """Warn when a column's root mean square is above 10, or over 100 times another's that is not zero.

    Inputs of very different sizes make the loss steep along one weight and flat along another (LeCun and others, 1998).
    """
    inputs = [each for each in evidence.facts.inputs if math.isfinite(each[1])]
    sizes = np.array([size for _, size, _ in inputs])
    if not len(evidence.records) or not len(sizes) or not sizes.max() > 0:
        return []
    order = np.argsort(-sizes)
    least = float(sizes[sizes > 0].min())
    ratio, most = float(sizes.max() / least), float(sizes.max())
    pixels = len(inputs) > 100  # rare pixels of an image are small by nature
    if most <= 10 and (ratio <= 100 or pixels):
        return []
    name, _, largest = inputs[int(order[0])]
    smallest = inputs[int(np.argmin(np.where(sizes > 0, sizes, np.inf)))]
    text = f"The inputs are not scaled: {name} reaches {number(largest)}"
    text += f", {number(ratio)} times the size of {smallest[0]}." if ratio > 3 else "."
    shown = tuple((f"{inputs[int(place)][0]}, root mean square", number(float(sizes[place]))) for place in order[:5])
    places = {column: place for place, (column, _, _) in enumerate(evidence.facts.inputs)}
    return [
        Sentence(
            "unscaled_inputs", evidence.begins, text, "warning", evidence.begins,
            neurons=((0, places[name]),), evidence=shown,
            how=_first(unscaled_inputs.__doc__), advice="Standardise them when loading the data set.",
        )
    ]  # fmt: skip


def twins(evidence: Evidence) -> list[Sentence]:
    """Warn when all neurons of a hidden layer start with equal incoming and equal outgoing weights.

    Nothing tells them apart, so they get the same gradient and stay the same for ever; dropout may part them.
    """
    if not evidence.moments or evidence.moments[0].time > 0 or not evidence.moments[0].twins:
        return []
    first, last = evidence.moments[0], evidence.moments[-1]
    layers = tuple(f"hidden {layer}" for layer in first.twins)
    neurons = tuple((layer, unit) for layer in first.twins for unit in range(first.network.sizes[layer]))
    text = f"All neurons of {listed(layers)} start with the same weights: each learns what the others learn."
    shown = [("layers at epoch 0", listed(layers))]
    if last.time > 0:
        still = tuple(f"hidden {layer}" for layer in last.twins)
        shown.append((f"the same at epoch {last.time:g}", listed(still)))
    return [
        Sentence(
            "twins", 0, text, "bad", neurons=neurons, evidence=tuple(shown), how=_first(twins.__doc__),
            holds=set(first.twins) <= set(last.twins),
            advice="Choose an initializer that draws the weights at random.",
        )
    ]  # fmt: skip


def _first(text: str | None) -> str:
    """Return a docstring as one paragraph."""
    return " ".join((text or "").split())
