"""How well it does: solved, memorising, held back by a penalty or by dropout."""

import math

import numpy as np

from simulator.insight.narrator.evidence import Evidence, Examined
from simulator.insight.narrator.sentence import Sentence, count, number, percent
from simulator.insight.narrator.stretches import stretches, trailing

_STEADY = 5


def _how(text: str | None) -> str:
    return " ".join((text or "").split())


def solved(evidence: Evidence) -> list[Sentence]:
    """Say that at least 95 % of the test rows were right for 5 epochs, and at most half as many wrong as by majority.

    Of a value: the squared error explains at least 90 % of the variance (R²) for 5 epochs. Without test rows the
    training rows count. The stretch ends below 90 % (80 %).
    """
    facts, epochs = evidence.facts, len(evidence.records)
    if epochs < 2:
        return []
    if facts.classes:
        score = evidence.accuracy
        enough = max(0.95, 1 - 0.5 * (1 - facts.test_majority))
        ending = enough - 0.05
    elif evidence.config.loss.name == "mse" and facts.guess_loss > 0:
        score, enough, ending = 1 - evidence.best_known / facts.guess_loss, 0.9, 0.8
    else:
        return []
    good = score >= enough
    runs = np.zeros(epochs, np.bool_)
    if epochs >= 5:
        runs[4:] = np.lib.stride_tricks.sliding_window_view(good, 5).all(axis=1)
    runs[0] = False
    found: list[Sentence] = []
    for first, last in stretches(runs, ~(score >= ending)):
        since = first - 4
        reached = float(score[since])
        goes_on, least = last == epochs - 1, float(score[since : last + 1].min())
        over = f"since epoch {since:,}" if goes_on else f"from epoch {since:,} to {last:,}"
        share = (
            f"all {evidence.tested} rows" if least == 1 else f"at least {percent(least)} of the {evidence.tested} rows"
        )
        if facts.classes:
            text = f"Solved: {over} {share} {'are' if goes_on else 'were'} right."
            if facts.classes and facts.test_majority > 0:
                always = f"saying {facts.classes[facts.majority]} for every row"
                shown = ((f"accuracy of epoch {since}", percent(reached)), (always, percent(facts.test_majority)))
            else:
                shown = ((f"accuracy of epoch {since}", percent(reached)),)
        else:
            verb = "explains" if goes_on else "explained"
            text = (
                f"Good fit: {over} the network {verb} at least {percent(least)} of the variance of the "
                f"{evidence.tested} rows (R²)."
            )
            shown = ((f"R² of epoch {since}", number(reached)), ("loss of the mean", number(facts.guess_loss)))
        found.append(Sentence("solved", first, text, "good", since, evidence=shown, how=_how(solved.__doc__)))
    return found


def memorising(evidence: Evidence) -> list[Sentence]:
    """Say that the network memorises: its least test loss is at least 8 epochs ago, and since then one rose, one fell.

    The mean of the last 5 test losses is above the least such mean: by over 10 %, by over 3 % of the start's loss, and
    by over twice of what the test loss moves from epoch to epoch (mean of 10); and the mean of the last 5 training
    losses is below that of the 5 epochs up to the least test loss. That has to hold for 5 epochs; the stretch ends when
    the test loss comes back within 5 %, falls below its least value, or the training loss is no longer lower.
    """
    test, train = evidence.test, evidence.train
    finite = np.flatnonzero(np.isfinite(test))
    if len(test) < 12 or not len(finite):
        return []
    start, places = test[finite[0]], np.arange(len(test))
    at = np.maximum.accumulate(np.where(test <= np.fmin.accumulate(test), places, 0))
    recent, learned = trailing(test, 5), trailing(train, 5)
    with np.errstate(all="ignore"):
        least = np.fmin.accumulate(recent)
        rise = recent - least
        jumps = trailing(np.abs(np.diff(test, prepend=test[0])), 10)
        falls = learned / learned[at]
    begins = (places - at >= 8) & (rise > 0.1 * least) & (rise > 0.03 * start) & (rise > 2 * jumps) & (falls < 0.98)
    ends = ~((rise > 0.05 * least) & (rise > 0.01 * start) & (falls < 1)) | (at == places)
    found: list[Sentence] = []
    for first, last in stretches(begins, ends, least=_STEADY):
        goes_on = last == len(test) - 1
        best, top = int(at[last]), last if goes_on else first + int(np.argmax(rise[first : last + 1]))
        # The reader looks for both numbers in the curves: epochs, unless just these two are no picture of the whole.
        plain = train[top] < train[best]
        values = (test[best], test[top], train[best], train[top]) if plain else (
            recent[best], recent[top], learned[best], learned[top])  # fmt: skip
        low, high, above, below = (number(float(each)) for each in values)
        means = "" if plain else " (means of 5 epochs)"
        text = (
            f"Test loss has risen for {count(last - best, 'epoch')}, from {low} to {high}, while train loss fell from "
            f"{above} to {below}{means}: the network is memorising. Its best epoch was {best:,}."
            if goes_on else
            f"From epoch {best:,} to {top:,} test loss rose from {low} to {high}, while train loss fell from {above} "
            f"to {below}{means}: the network was memorising."
        )  # fmt: skip
        shown = (
            (f"least test loss, epoch {best}", number(float(test[best]))),
            (f"test loss, mean of 5 up to epoch {top}", number(float(recent[top]))),
            (f"training loss, mean of 5 up to epoch {best}", number(float(learned[best]))),
            (f"training loss, mean of 5 up to epoch {top}", number(float(learned[top]))),
        )
        advice = f"Stop at epoch {best:,}, or take fewer neurons, dropout, a penalty, or more rows."
        how = _how(memorising.__doc__)
        found.append(
            Sentence("memorising", first + _STEADY - 1, text, "warning", best, evidence=shown, how=how, advice=advice,
                     holds=goes_on)
        )  # fmt: skip
    return found


def dropout(evidence: Evidence) -> list[Sentence]:
    """Explain a training loss above the test loss by dropout, where the same rows without dropout have less.

    Over the last 10 epochs the mean training loss is over 5 % above the mean test loss, and the training rows looked at
    again without dropout have a loss at least 5 % lower than the recorded one. Told since the first moment from which
    that held without a break up to the last one.
    """
    dropping = [each.dropout for each in evidence.network.hidden if each.dropout > 0]
    late = [moment for moment in evidence.moments if moment.time >= 10]
    if not dropping or not late or len(evidence.records) < 11:
        return []
    trains, tests = trailing(evidence.train, 10), trailing(evidence.test, 10)
    held = 0
    for moment in reversed(late):
        train, test = float(trains[min(moment.epoch, evidence.last)]), float(tests[min(moment.epoch, evidence.last)])
        if not (train > 1.05 * test and moment.loss < 0.95 * train):
            break
        held += 1
    if not held:
        return []
    since, train, test, plain = late[-held].known, float(trains[-1]), float(tests[-1]), late[-1].loss
    text = (
        f"Train loss ({number(train)}, mean of the last 10 epochs) is above test loss ({number(test)}) because dropout "
        f"leaves neurons out while training only: without it the training rows have {number(plain)}."
    )
    shown = (
        ("training loss, mean of 10 epochs", number(train)),
        ("test loss, mean of 10 epochs", number(test)),
        ("training loss without dropout", number(plain)),
        ("dropout", " and ".join(percent(each) for each in dropping)),
    )
    return [Sentence("dropout", since, text, "plain", since, evidence=shown, how=_how(dropout.__doc__))]


def penalty(evidence: Evidence) -> list[Sentence]:
    """Warn when the penalty on the weights keeps the network from learning.

    From epoch 5 on, the data loss of the training rows is above half of that of one answer for all rows, and either
    the penalty is larger than the data loss, or it has brought the norm of all weights below a quarter of the start's.
    Told since the first moment from which that held without a break up to the last one.
    """
    guess = evidence.facts.train_guess_loss
    late = [moment for moment in evidence.moments if moment.time >= 5]
    if not late or not math.isfinite(guess):
        return []
    first = _norm(evidence.moments[0])
    held = 0
    for moment in reversed(late):
        shrunk = moment.penalty > 0 and _norm(moment) < 0.25 * first
        if not (moment.loss > 0.5 * guess and (shrunk or moment.penalty > moment.loss)):
            break
        held += 1
    if not held:
        return []
    since, now = late[-held], late[-1]
    text = (
        f"The penalty keeps the weights too small to learn: without biases their norm is {number(_norm(now))} (at the "
        f"start {number(first)}), the penalty {number(now.penalty)}, the data loss {number(now.loss)}."
    )
    shown = (
        ("l1·Σ|w| + l2/2·Σw²", number(now.penalty)),
        ("data loss of the training rows", number(now.loss)),
        ("loss of one answer for all rows", number(guess)),
        ("L1, L2", f"{number(now.config.l1)}, {number(now.config.l2)}"),
    )
    advice = "Try a penalty ten times smaller."
    how = _how(penalty.__doc__)
    return [
        Sentence(
            "penalty", since.known, text, "warning", since.known, evidence=shown, how=how, advice=advice, holds=True
        )
    ]


def _norm(moment: Examined) -> float:
    """Return the norm of all weights."""
    return math.sqrt(sum(each.weight * each.weight for each in moment.flow))
