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
        over = f"since epoch {since}" if last == epochs - 1 else f"from epoch {since} to {last}"
        if facts.classes:
            text = (
                f"Solved: {over} at least {percent(float(score[since : last + 1].min()))} of the "
                f"{evidence.tested} rows are right."
            )
            if facts.classes and facts.test_majority > 0:
                always = f"saying {facts.classes[facts.majority]} for every row"
                shown = ((f"accuracy of epoch {since}", percent(reached)), (always, percent(facts.test_majority)))
            else:
                shown = ((f"accuracy of epoch {since}", percent(reached)),)
        else:
            text = (
                f"Good fit: {over} the network explains at least "
                f"{percent(float(score[since : last + 1].min()))} of the variance of the {evidence.tested} rows (R²)."
            )
            shown = ((f"R² of epoch {since}", number(reached)), ("loss of the mean", number(facts.guess_loss)))
        found.append(Sentence("solved", first, text, "good", since, evidence=shown, how=_how(solved.__doc__)))
    return found


def memorising(evidence: Evidence) -> list[Sentence]:
    """Say that the network memorises: its least test loss is at least 8 epochs ago, and since then one rose, one fell.

    The mean of the last 5 test losses is over 10 % and over 2 % of the start's loss above the least one, while the mean
    of the last 5 training losses is below that of the 5 epochs up to the least test loss. That has to hold for
    5 epochs; the stretch ends when the test loss comes back within 5 %.
    """
    test, train = evidence.test, evidence.train
    finite = np.flatnonzero(np.isfinite(test))
    if len(test) < 12 or not len(finite):
        return []
    start = test[finite[0]]
    least = np.fmin.accumulate(test)
    at = np.maximum.accumulate(np.where(test <= least, np.arange(len(test)), 0))
    recent, learned = trailing(test, 5), trailing(train, 5)
    with np.errstate(all="ignore"):
        rise = recent - least
        falls = learned < 0.98 * learned[at]
    begins = (np.arange(len(test)) - at >= 8) & (rise > 0.1 * least) & (rise > 0.02 * start) & falls
    ends = ~((rise > 0.05 * least) & (rise > 0.01 * start))
    found: list[Sentence] = []
    for first, last in stretches(begins, ends, least=_STEADY):
        best = int(at[last])
        if last == len(test) - 1:
            top = last
            text = f"Test loss has risen for {count(last - best, 'epoch')} ({number(float(test[best]))} → "
            text += f"{number(float(recent[last]))}) while train loss falls: the network is memorising. "
            text += f"Its best epoch was {best}."
        else:
            top = first + int(np.argmax(rise[first : last + 1]))
            text = f"From epoch {best} to {top} test loss rose ({number(float(test[best]))} → "
            text += f"{number(float(recent[top]))}) while train loss fell: the network was memorising."
        shown = (
            (f"least test loss, epoch {best}", number(float(test[best]))),
            (f"test loss, mean of 5 up to epoch {top}", number(float(recent[top]))),
            (f"training loss, mean of 5 up to epoch {best}", number(float(learned[best]))),
            (f"training loss, mean of 5 up to epoch {top}", number(float(learned[top]))),
        )
        advice = f"Stop at epoch {best}, or take fewer neurons, dropout, a penalty, or more rows."
        how = _how(memorising.__doc__)
        found.append(
            Sentence("memorising", first + _STEADY - 1, text, "warning", best, evidence=shown, how=how, advice=advice)
        )
    return found


def dropout(evidence: Evidence) -> list[Sentence]:
    """Explain a training loss above the test loss by dropout, where the same rows without dropout have less.

    Over the last 10 epochs the mean training loss is over 5 % above the mean test loss, and the training rows looked at
    again without dropout have a loss at least 5 % lower than the recorded one.
    """
    dropping = [each.dropout for each in evidence.network.hidden if each.dropout > 0]
    if not dropping or not evidence.moments or len(evidence.records) < 11:
        return []
    train, test = float(evidence.train[-10:].mean()), float(evidence.test[-10:].mean())
    plain = evidence.moments[-1].loss
    if not (train > 1.05 * test and plain < 0.95 * train):
        return []
    text = (
        f"Train loss ({number(train)}) is above test loss ({number(test)}) because dropout leaves neurons out while "
        f"training only: without it the training rows have {number(plain)}."
    )
    shown = (
        ("training loss, mean of 10 epochs", number(train)),
        ("test loss, mean of 10 epochs", number(test)),
        ("training loss without dropout", number(plain)),
        ("dropout", " and ".join(percent(each) for each in dropping)),
    )
    return [Sentence("dropout", 10, text, "plain", evidence.last, evidence=shown, how=_how(dropout.__doc__))]


def penalty(evidence: Evidence) -> list[Sentence]:
    """Warn when the penalty on the weights keeps the network from learning.

    From epoch 5 on, the data loss is above half of that of one answer for all rows, and either the penalty is larger
    than the data loss, or it has brought the norm of all weights below a quarter of the start's. Told since the first
    moment from which that held without a break up to the last one.
    """
    guess = evidence.facts.guess_loss
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
        f"The penalty keeps the weights too small to learn: their norm is {number(_norm(now))} (at the start "
        f"{number(first)}), the penalty {number(now.penalty)}, the data loss {number(now.loss)}."
    )
    shown = (
        ("l1·Σ|w| + l2/2·Σw²", number(now.penalty)),
        ("data loss of the training rows", number(now.loss)),
        ("loss of one answer for all rows", number(guess)),
        ("L1, L2", f"{number(now.config.l1)}, {number(now.config.l2)}"),
    )
    advice = "Try a penalty ten times smaller."
    how = _how(penalty.__doc__)
    return [Sentence("penalty", since.epoch, text, "warning", since.epoch, evidence=shown, how=how, advice=advice)]


def _norm(moment: Examined) -> float:
    """Return the norm of all weights."""
    return math.sqrt(sum(each.weight * each.weight for each in moment.flow))
