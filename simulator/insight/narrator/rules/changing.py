"""What somebody changed, where a branch began, and why training ended in numbers that are not finite."""

import dataclasses
import math
from typing import Any

from simulator.fields import settings_of
from simulator.insight.narrator.evidence import Divergence, Evidence, Examined
from simulator.insight.narrator.sentence import Sentence, number
from simulator.spec import Rule, TrainingConfig


def branch(evidence: Evidence) -> list[Sentence]:
    """Say where this branch left another one."""
    if evidence.fork is None:
        return []
    epoch, name = evidence.fork
    text = f"This branch begins: until epoch {epoch} it shares the past of {name}."
    return [Sentence("branch", epoch, text, about=epoch, evidence=(("left", name),), how=branch.__doc__ or "")]


def settings(evidence: Evidence) -> list[Sentence]:
    """Say which settings, which network or which data differ between a moment and the one before it."""
    found: list[Sentence] = []
    for before, now in zip(evidence.moments[:-1], evidence.moments[1:], strict=True):
        changes = _changes(before, now)
        if not changes:
            continue
        text = "; ".join(f"{what}: {old} → {new}" if old else what for what, old, new in changes[:3])
        shown = tuple((what, f"{old} → {new}" if old else "changed") for what, old, new in changes)
        where = ("seen", f"between epoch {before.time:.4g} and {now.time:.4g}")
        epoch = math.floor(now.time)
        near = now.time - before.time <= 1
        when = f"at epoch {epoch}" if near else f"between epochs {before.time:.0f} and {epoch}"
        found.append(
            Sentence("settings", epoch, f"Changed {when}: {text}.", about=epoch, evidence=(*shown, where),
                     how=settings.__doc__ or "")
        )  # fmt: skip
    return found


def _changes(before: Examined, now: Examined) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if before.data != now.data:
        found.append(("the training data", "", ""))
    for field in dataclasses.fields(TrainingConfig):
        old, new = getattr(before.config, field.name), getattr(now.config, field.name)
        if old == new:
            continue
        if isinstance(old, Rule) and isinstance(new, Rule) and old.name == new.name:
            values = dict(old.settings), dict(new.settings)
            found += [
                (key.replace("_", " "), _text(values[0].get(key)), _text(values[1].get(key)))
                for key in sorted({*values[0], *values[1]})
                if values[0].get(key) != values[1].get(key)
            ]
        else:
            found.append((_labels().get(field.name, field.name.replace("_", " ")), _text(old), _text(new)))
    if before.network != now.network:
        found.append(("the network", _network(before), _network(now)))
    return found


def _network(moment: Examined) -> str:
    names = "/".join(f"{layer.activation}{f' {layer.dropout:g}' if layer.dropout else ''}" for layer in
                     moment.network.hidden)  # fmt: skip
    return f"{'-'.join(str(size) for size in moment.network.sizes)} {names}".strip()


def _labels() -> dict[str, str]:
    return {each.name: each.label.lower() for each in settings_of(TrainingConfig)}


def _text(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, Rule):
        return value.name
    if isinstance(value, bool):
        return "on" if value else "off"
    return number(float(value)) if isinstance(value, int | float) else str(value)


_CAUSES = {
    "inputs": "{culprit} reaches {size}, as the inputs are not scaled",
    "outlier": "{culprit} reaches {size} in a row that lies far from all others",
    "targets": "the targets are {size} large (root mean square), so that their errors are too",
    "link": "linear outputs are not bounded as probabilities are, and their squared error grows without end",
    "weights": "its start weights make {culprit} answer {size}, far more than what goes in",
}


def divergence(evidence: Evidence) -> list[Sentence]:
    """Say why training left the finite numbers.

    Short runs from the last sound moment are made with half the rate, a quarter and so on; the largest rate whose loss
    ends no higher than it began is the rate that holds. Inputs, targets and activations that are large by themselves
    are named as the cause.
    """
    found = evidence.divergence
    if found is None:
        return []
    shown = tuple(
        (f"rate {number(rate)}", "diverged" if not math.isfinite(end) else f"loss {number(begin)} → {number(end)}")
        for rate, begin, end in found.tried
    )
    if found.clipped:
        shown = (*shown, (f"rate {number(found.rate)}, gradient clipped at 1", "holds"))
    return [
        Sentence(
            "divergence", found.epoch, _reason(found), "bad", found.from_epoch, evidence=shown,
            how=" ".join((divergence.__doc__ or "").split()) + f" Each run: {found.epochs} epochs at most.",
            advice=advice_of(found), holds=True,
        )
    ]  # fmt: skip


def _reason(found: Divergence) -> str:
    cause = f"the loss exploded in epoch {found.epoch}"
    rate = f"learning rate {number(found.rate)}"
    if found.stable is None:
        text = f"Diverged: {cause}; no learning rate down to {number(least_rate(found))} helped"
    else:
        factor = found.rate / found.stable
        text = f"Diverged: {cause}: {rate} is about {rounded(factor)} times too high for this network"
    if found.cause in _CAUSES:
        why = _CAUSES[found.cause].format(culprit=found.culprit, size=number(found.size))
        text = f"{text}, because {why}" if found.stable else f"{text}: {why}"
    return f"{text}."


def told_of(found: Divergence) -> tuple[str, str]:
    """Return why training diverged, and what to try."""
    return _reason(found), advice_of(found)


def advice_of(found: Divergence) -> str:
    """Return what to try after a divergence."""
    words: list[str] = []
    if found.cause == "inputs":
        words.append("standardise the inputs")
    if found.cause == "outlier":
        words.append(f"leave the row out whose {found.culprit} is so far off")
    if found.cause == "targets":
        words.append("standardise the target")
    if found.cause == "link":
        words.append("choose cross-entropy with softmax outputs")
    if found.advised is not None:
        words.append(f"set the learning rate to {number(found.advised)}")
    if found.clipped:
        words.append("clip the gradient at 1")
    if not words:
        words.append("draw other start weights, or change the network")
    text = ", or ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def least_rate(found: Divergence) -> float:
    """Return the smallest rate that was tried."""
    return min((rate for rate, _, _ in found.tried), default=found.rate)


def rounded(factor: float) -> str:
    """Return a factor as people say it: ``2``, ``20``, ``500``."""
    digits = 10 ** max(0, math.floor(math.log10(max(1.0, factor))))
    return f"{round(factor / digits) * digits:,.0f}"
