"""Which classes are said: one only, some never, or no better than the most frequent one."""

import numpy as np

from simulator.insight.narrator.evidence import Evidence, Examined
from simulator.insight.narrator.sentence import Sentence, count, listed, percent
from simulator.insight.narrator.stretches import stretches

_FROM, _FOR = 3, 3


def _how(text: str | None) -> str:
    return " ".join((text or "").split())


def _runs(moments: list[Examined], holds: list[bool]) -> list[tuple[Examined, Examined]]:
    """Return the first and last moment of every run that goes on for 3 epochs at least after epoch 3."""
    inside = np.array(holds, np.bool_)
    runs = [(moments[first], moments[last]) for first, last in stretches(inside, ~inside)]
    return [(first, last) for first, last in runs if last.time - max(first.time, _FROM) >= _FOR]


def ignored(evidence: Evidence) -> list[Sentence]:
    """Say which classes with at least 5 training rows were never said of one, for 3 epochs from epoch 3 on.

    Where a single class is said of every row, that is told instead.
    """
    classes, counts = evidence.facts.classes, evidence.facts.train_counts
    moments = [moment for moment in evidence.moments if len(moment.predicted) == len(classes) > 1]
    if not moments:
        return []
    found: list[Sentence] = []
    alone = [sum(each > 0 for each in moment.predicted) == 1 for moment in moments]
    for place, name in enumerate(classes):
        holds = [single and moment.predicted[place] > 0 for single, moment in zip(alone, moments, strict=True)]
        for first, last in _runs(moments, holds):
            verb = "says" if last is evidence.moments[-1] else "said"
            text = f"It {verb} {name} for every {_row(last)}{_when(first, last, evidence)}."
            found.append(_told("one_class", first, last, text, evidence, tuple(range(len(classes))), ignored.__doc__))
    never = [
        tuple(place for place, n in enumerate(moment.predicted) if n == 0 and counts[place] >= 5) for moment in moments
    ]
    for missing in sorted({each for each in never if each}):
        holds = [each == missing and not single for each, single in zip(never, alone, strict=True)]
        for first, last in _runs(moments, holds):
            names = listed(tuple(classes[place] for place in missing))
            verb = "says" if last is evidence.moments[-1] else "said"
            text = f"It {verb} {names} for no {_row(last)}{_when(first, last, evidence)}."
            found.append(_told("ignored", first, last, text, evidence, missing, ignored.__doc__))
    return found


def _row(moment: Examined) -> str:
    return "training row" if moment.health.whole else f"row of the {moment.health.rows:,} that were looked at"


def _when(first: Examined, last: Examined, evidence: Evidence) -> str:
    if last is evidence.moments[-1]:
        return f" {evidence.since(first)}"
    return f" from epoch {first.known:,} to {last.known:,}"


def _told(
    rule: str, first: Examined, last: Examined, text: str, evidence: Evidence, classes: tuple[int, ...],
    how: str | None,
) -> Sentence:  # fmt: skip
    facts, outputs = evidence.facts, len(last.network.sizes) - 1
    shown = tuple(
        (name, f"{count(facts.train_counts[place], 'row')}, said {count(last.predicted[place], 'time')}")
        for place, name in enumerate(facts.classes[:12])
    )
    rows = tuple(row for place in classes for row in facts.class_rows[place]) if len(facts.class_rows) > 0 else ()
    neurons = tuple((outputs, place) for place in classes if place < last.network.outputs > 1)
    return Sentence(
        rule, max(first.known, _FROM) + _FOR, text, "warning", first.known, neurons,
        rows=rows, evidence=shown, how=_how(how), holds=last is evidence.moments[-1],
        unsure=evidence.unsure(first) if last is evidence.moments[-1] else None,
        advice="Train longer, balance the classes, or look at the learning rate.",
    )  # fmt: skip


def majority(evidence: Evidence) -> list[Sentence]:
    """Compare the accuracy with always saying the most frequent class, where that has at least 60 % of the rows.

    From epoch 5 on: the accuracy is less than a quarter of the way from that baseline to 100 %. The stretch ends at a
    third of the way.
    """
    facts, scores = evidence.facts, evidence.accuracy
    base = facts.test_majority
    if base < 0.6 or base >= 1 or len(scores) < 6 or not facts.classes:
        return []
    way = (scores - base) / (1 - base)
    begins = (np.arange(len(scores)) >= 5) & (way < 0.25)
    found: list[Sentence] = []
    for first, last in stretches(begins, ~(way < 1 / 3), least=3):
        goes_on = last == len(scores) - 1
        text = (
            f"{percent(float(scores[last]))} of the {evidence.tested} rows are right in epoch {last:,}, but always "
            f"saying {facts.classes[facts.majority]} gets {percent(base)}."
        )
        shown = (
            (f"{evidence.tested} accuracy of epoch {last}", percent(float(scores[last]))),
            (f"share of {facts.classes[facts.majority]}", percent(base)),
        )
        found.append(
            Sentence(
                "majority", first, text, "warning", first, evidence=shown, how=_how(majority.__doc__), holds=goes_on,
                advice="Look at the recall of each class, not at the accuracy.",
            )
        )  # fmt: skip
    return found
