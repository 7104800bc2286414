"""How fast the loss falls: whether it begins to, ends to, jumps, or hardly moves."""

import math

import numpy as np

from simulator.insight.narrator.evidence import Evidence
from simulator.insight.narrator.sentence import Sentence, count, number, percent
from simulator.insight.narrator.stretches import Doubles, joined, stretches, trailing

_EARLY = 10
_WINDOW = 30


def _usable(evidence: Evidence) -> bool:
    return len(evidence.records) > 1 and math.isfinite(evidence.start) and evidence.start > 0


def first_learning(evidence: Evidence) -> list[Sentence]:
    """Say when the training loss is at least 20 % below that of the first epoch for the first time."""
    if not _usable(evidence) or evidence.data_since:
        return []
    fell = evidence.train <= 0.8 * evidence.start
    if not fell.any():
        return []
    epoch = int(np.argmax(fell))
    now = float(evidence.train[epoch])
    text = (
        f"It learns: in epoch {epoch:,} the training loss is {percent(1 - now / evidence.start)} below the start "
        f"({number(evidence.start)} → {number(now)})."
    )
    began = f"training loss at epoch {evidence.first}"
    shown = ((began, number(evidence.start)), (f"training loss of epoch {epoch}", number(now)))
    return [Sentence("first_learning", epoch, text, "good", epoch, evidence=shown, how=first_learning.__doc__ or "")]


def slow(evidence: Evidence) -> list[Sentence]:
    """Look at the first 10 epochs: the training loss fell by less than 10 % of the start's.

    Where it fell in 8 of these 10 epochs, and neither equal neurons nor a gradient that vanishes explain it, the
    learning rate is likely too small; where it rose by half, too large. A loss within 3 % of that of one answer for all
    rows is told as that. Start weights whose loss is below half of that are left out.
    """
    train, guess = evidence.train, evidence.facts.train_guess_loss
    if not _usable(evidence) or len(train) <= _EARLY or not np.isfinite(train[: _EARLY + 1]).all():
        return []
    if math.isfinite(guess) and evidence.start < 0.5 * guess:
        return []
    fell = 1 - float(train[1 : _EARLY + 1].min()) / evidence.start
    if fell >= 0.1:
        return []
    downs = int((np.diff(train[: _EARLY + 1]) < 0).sum())
    rate = float(evidence.records["learning_rate"][_EARLY])
    shown = (
        ("training loss at epoch 0", number(evidence.start)),
        (f"training loss of epoch {_EARLY}", number(float(train[_EARLY]))),
        ("epochs in which it fell", f"{downs} of {_EARLY}"),
        ("learning rate", number(rate)),
    )
    now = float(train[_EARLY])
    first = evidence.moments[0] if evidence.moments else None
    blocked = first is not None and (bool(first.twins) or any(each.kind for each in first.flow))
    advice, tone = "Look at the learning rate, the inputs and the neurons.", "warning"
    if math.isfinite(guess) and abs(now / guess - 1) < 0.03:
        text = (
            f"It has learned nothing of the inputs: in epoch {_EARLY} the training loss is {number(now)}, about what "
            f"one answer for all rows gives ({number(guess)})."
        )
    elif now > 1.5 * evidence.start:
        text = (
            f"It unlearns: in {_EARLY} epochs the training loss has risen from {number(evidence.start)} to "
            f"{number(now)}; the learning rate of {number(rate)} is likely too large."
        )
        advice, tone = f"Try a rate of {number(rate / 10)}.", "bad"
    elif downs >= 8 and fell > 0 and not blocked:
        text = (
            f"It learns slowly: after {_EARLY} epochs the training loss is only {percent(fell)} lower, though it falls "
            f"steadily; the learning rate of {number(rate)} is likely too small."
        )
        advice = f"Try a rate of {number(10 * rate)}."
    else:
        text = (
            f"It hardly learns: in epoch {_EARLY} the training loss is {number(now)}, and was "
            f"{number(evidence.start)} at the start."
        )
    holds = bool(train[-1] > 0.9 * evidence.start)
    return [Sentence("slow", _EARLY, text, tone, 0, evidence=shown, how=" ".join((slow.__doc__ or "").split()),
                     advice=advice, holds=holds)]  # fmt: skip


def plateau(evidence: Evidence) -> list[Sentence]:
    """Say that progress has ended: the least training loss fell by less than 1 % of the start's loss in 30 epochs.

    The stretch ends when it falls by more than 2 % in 30 epochs. The network is stuck where the least loss is above
    three quarters of that of one answer for all rows. It has settled where it does not come back above the least loss
    either: the mean of the last 10 epochs is at most 3 % of the start's loss above it.
    """
    train, guess = evidence.train, evidence.facts.train_guess_loss
    if not _usable(evidence) or len(train) <= _WINDOW:
        return []
    best = np.fmin.accumulate(train)
    with np.errstate(all="ignore"):
        gain = np.concatenate([np.full(_WINDOW, np.inf), best[:-_WINDOW] - best[_WINDOW:]]) / evidence.start
    found: list[Sentence] = []
    for first, last in stretches(gain < 0.01, ~(gain <= 0.02)):
        since, goes_on = first - _WINDOW, last == len(train) - 1
        (early, before), (late, level) = _least(train, since), _least(train, last)
        stuck = math.isfinite(guess) and level > 0.75 * guess
        over = f"since epoch {since:,}" if goes_on else f"from epoch {since:,} to {last:,}"
        if late <= since:
            came = f"{over} no training loss {'is' if goes_on else 'was'} below {number(level)} (epoch {late:,})"
        else:
            came = (
                f"{over} the least training loss {'has come' if goes_on else 'came'} down by only "
                f"{percent((before - level) / evidence.start)} of the start's ({number(before)} in epoch {early:,} → "
                f"{number(level)} in epoch {late:,})"
            )
        if stuck:
            text = f"Stuck: {came}; one answer for all rows gives {number(guess)}."
        elif float(np.mean(train[max(since, last - 9) : last + 1])) > level + 0.03 * evidence.start:
            text = f"No progress: {came}."
        elif before - level > 0.05 * evidence.start:
            text = f"It goes slowly: {came.replace(' only', '')}."
        else:
            text = f"It {'has' if goes_on else 'had'} settled: {came}."
        shown = (
            (f"least training loss up to epoch {since}", number(before)),
            (f"least training loss up to epoch {last}", number(level)),
            (f"training loss of epoch {last}", number(float(train[last]))),
            ("training loss at the start", number(evidence.start)),
            ("training loss of one answer for all rows", number(guess)),
        )
        found.append(
            Sentence(
                "plateau", first, text, "warning" if stuck else "plain", since, evidence=shown,
                how=" ".join((plateau.__doc__ or "").split()), holds=stuck and goes_on,
                advice="Try another learning rate, more neurons, or other start weights." if stuck else "",
            )
        )  # fmt: skip
    return found


def _least(values: Doubles, until: int) -> tuple[int, float]:
    """Return where the least of the values up to a place stands, and that value."""
    place = int(np.nanargmin(values[: until + 1]))
    return place, float(values[place])


def oscillation(evidence: Evidence) -> list[Sentence]:
    """Say that the training loss jumps: over 10 epochs it turned at least 6 times and moved by over 20 % an epoch.

    What it moved in one direction on the whole does not count. Only where its mean is above a quarter of the start's
    loss (what a network that has learned does about zero is no trouble) and it made no progress of 10 % from 5 epochs
    to the next 5. With dropout, whose masks make the training loss jump, the test loss is looked at. The stretch ends
    at fewer than 4 turns or below 10 %; those are one with a pause of at most 30 epochs, or a quarter of all before it.
    """
    dropping = any(layer.dropout > 0 for layer in evidence.network.hidden)
    which, losses = ("test", evidence.test) if dropping else ("training", evidence.train)
    if not _usable(evidence) or len(losses) < 12 or np.isnan(losses).all():
        return []
    with np.errstate(all="ignore"):
        steps = np.diff(losses)
        turns = np.concatenate([[0.0, 0.0], (steps[1:] * steps[:-1] < 0).astype(np.float64)])
        turned = 9 * trailing(turns, 9)
        level = trailing(losses, 10)
        net = np.concatenate([np.zeros(10), np.abs(losses[10:] - losses[:-10])]) / 10
        moved = (trailing(np.concatenate([[0.0], np.abs(steps)]), 10) - net) / level
        before = np.concatenate([np.full(10, np.inf), trailing(losses, 5)[5:-5]])
        progress = trailing(losses, 5) < 0.9 * before
    able = (np.arange(len(losses)) >= 11) & ~progress
    high = level > 0.25 * evidence.start
    begins = able & (turned >= 5.5) & (moved > 0.2) & high
    ends = ~((turned >= 3.5) & (moved > 0.1) & high)
    found: list[Sentence] = []
    for first, last, times in joined(stretches(begins, ends), 30, 0.25):
        rate, batch = float(evidence.records["learning_rate"][last]), evidence.config.batch_size
        since = first - 10
        share = float(np.mean(np.abs(np.diff(losses[since : last + 1]))) / np.mean(losses[since : last + 1]))
        over = f"since epoch {since:,}" if last == len(losses) - 1 else f"from epoch {since:,} to {last:,}"
        again = "" if times == 1 else f", with {count(times - 1, 'pause')}"
        text = (
            f"The {which} loss jumps up and down by {percent(share)} from epoch to epoch "
            f"{over}{again}: the learning rate of {number(rate)} is likely too "
            f"large for batches of {count(batch, 'row')}."
        )
        shown = (
            ("mean step from epoch to epoch", percent(share)),
            ("turns in the first 10 epochs", f"{turned[first]:.0f}"),
            ("learning rate", number(rate)),
            ("batch size", f"{batch:,}"),
        )
        how = " ".join((oscillation.__doc__ or "").split())
        advice = f"Try a rate of {number(rate / 10)}, or larger batches."
        found.append(
            Sentence("oscillation", first, text, "warning", since, evidence=shown, how=how, advice=advice,
                     holds=last == len(losses) - 1)
        )  # fmt: skip
    return found


def decayed(evidence: Evidence) -> list[Sentence]:
    """Say that the schedule has brought the learning rate to 1 % or less of the largest that was used before."""
    rates = np.asarray(evidence.records["learning_rate"], np.float64) if len(evidence.records) else np.zeros(0)
    rates = np.where(np.isfinite(rates), rates, 0.0)
    if len(rates) < 3:
        return []
    most = np.maximum.accumulate(rates)
    # A rate that somebody set by hand is told by another rule: only what the schedule does is meant.
    if evidence.config.schedule.name == "constant":
        return []
    found: list[Sentence] = []
    for first, last in stretches(
        (rates <= 0.01 * most) & (most > 0) & (np.arange(len(rates)) > 0), rates > 0.02 * most
    ):
        text = (
            f"The schedule has brought the learning rate down to {number(float(rates[last]))}, from "
            f"{number(float(most[last]))}: little will change from here on."
        )
        shown = (
            ("largest rate", number(float(most[last]))),
            (f"rate of epoch {last}", number(float(rates[last]))),
            ("schedule", evidence.config.schedule.name),
        )
        found.append(Sentence("decayed", first, text, "plain", first, evidence=shown, how=decayed.__doc__ or ""))
    return found
