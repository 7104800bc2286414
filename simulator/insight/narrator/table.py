"""The table of rules, and the story that they tell together."""

import dataclasses
from collections.abc import Callable

import numpy as np

from simulator.insight.narrator.evidence import Evidence
from simulator.insight.narrator.rules import bursts, changing, classes, fitting, learning, neurons, starting
from simulator.insight.narrator.sentence import Sentence

Rule = Callable[[Evidence], list[Sentence]]

RULES: dict[str, Rule] = {
    "start": starting.start,
    "few_test_rows": starting.few_test_rows,
    "unscaled_inputs": starting.unscaled_inputs,
    "twins": starting.twins,
    "branch": changing.branch,
    "settings": changing.settings,
    "first_learning": learning.first_learning,
    "slow": learning.slow,
    "solved": fitting.solved,
    "plateau": learning.plateau,
    "oscillation": learning.oscillation,
    "decayed": learning.decayed,
    "memorising": fitting.memorising,
    "dropout": fitting.dropout,
    "penalty": fitting.penalty,
    "ignored": classes.ignored,
    "majority": classes.majority,
    "ailing": neurons.ailing,
    "gradients": neurons.gradients,
    "gradient_norm": bursts.gradient_norm,
    "divergence": changing.divergence,
}
"""Every rule by its name; of sentences of the same epoch, those of an earlier row come first."""


SERIES = ("first_learning", "slow", "solved", "plateau", "oscillation", "memorising", "majority")
"""The rules that compare epochs: of other data than the last ones, they tell by themselves."""


def foremost(sentences: tuple[Sentence, ...]) -> Sentence | None:
    """Return what matters most: the worst trouble that goes on, the newest such; where there is none, the newest."""
    going_on = [each for each in sentences if each.holds and each.tone in {"warning", "bad"}]
    newest_first = reversed(going_on or sentences[-1:])
    return max(newest_first, key=lambda each: (each.tone == "bad", each.epoch), default=None)


def narrate(evidence: Evidence) -> tuple[Sentence, ...]:
    """Return all sentences in the order in which they became known."""
    with np.errstate(all="ignore"):
        found = [sentence for rule in RULES.values() for sentence in rule(evidence)]
        if evidence.data_since:
            before = evidence.until(evidence.data_since)
            present = evidence.moments[-1].data
            others = tuple(moment for moment in before.moments if moment.data != present)
            before = dataclasses.replace(before, moments=others)
            earlier = [sentence for name in SERIES for sentence in RULES[name](before)]
            found += [
                dataclasses.replace(each, text=f"Before the data changed: {each.text[0].lower()}{each.text[1:]}")
                for each in earlier
            ]
    return tuple(sorted(found, key=lambda sentence: sentence.epoch))
