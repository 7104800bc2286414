"""When the gradient jumps: far above what it was before, and the loss feels it."""

import math

import numpy as np

from simulator.insight.narrator.evidence import Doubles, Evidence
from simulator.insight.narrator.sentence import Sentence, number, percent

_BEFORE, _KNOWN = 20, 5
_TIMES, _HARM = 10.0, 0.25


def gradient_norm(evidence: Evidence) -> list[Sentence]:
    """Warn when the gradient of an epoch's last update is over 10 times the largest of up to 20 epochs before.

    At least 5 epochs are known before it, and it has a consequence: in this epoch or the next, the training or the test
    loss rises above the largest of those epochs, by over a quarter of the start's loss. The gradient of one batch
    varies by orders of magnitude, the more the better a network does: by itself its norm tells nothing.
    """
    norms = np.array(evidence.records["gradient_norm"], np.float64)
    if evidence.data_since:
        norms[: evidence.data_since + 1] = np.nan
    if not math.isfinite(evidence.start) or evidence.start <= 0:
        return []
    found: list[tuple[int, int, str, float, float]] = []
    for epoch in _candidates(evidence, norms):
        before = slice(max(1, epoch - _BEFORE), epoch)
        known = norms[before]
        if np.isfinite(known).sum() < _KNOWN or not norms[epoch] > _TIMES * np.nanmax(known) > 0:
            continue
        harm = _harm(evidence, before, epoch)
        if harm is not None:
            found.append((epoch, *harm))
    return [_told(evidence, *found[0], len(found))] if found else []


def _candidates(evidence: Evidence, norms: Doubles) -> list[int]:
    """Return the epochs, few of very many, that can be meant: far above each of 5 before, and a loss is high."""
    if len(norms) <= _KNOWN + 1:
        return []
    high = np.fmax(evidence.train, evidence.test) > _HARM * evidence.start
    high[:-1] |= high[1:]
    for back in range(1, _KNOWN + 1):
        high[back:] &= ~(norms[back:] <= _TIMES * norms[:-back])
    return [epoch for epoch in np.flatnonzero(high).tolist() if epoch > _KNOWN]


def _harm(evidence: Evidence, before: slice, epoch: int) -> tuple[int, str, float, float] | None:
    """Return (epoch, which loss, largest before, value) of the first loss that jumps in this epoch or the next."""
    for at in range(epoch, min(epoch + 2, len(evidence.records))):
        for which, losses in (("training", evidence.train), ("test", evidence.test)):
            known = losses[before]
            if not np.isfinite(known).any():
                continue
            usual = float(np.nanmax(known))
            if losses[at] > usual + _HARM * evidence.start:
                return at, which, usual, float(losses[at])
    return None


def _told(evidence: Evidence, epoch: int, at: int, which: str, usual: float, loss: float, times: int) -> Sentence:
    norms: Doubles = np.array(evidence.records["gradient_norm"], np.float64)
    known = norms[max(1, epoch - _BEFORE) : epoch]
    largest, typical = float(np.nanmax(known)), float(np.nanmedian(known))
    text = (
        f"The gradient jumps in epoch {epoch:,}: its norm is {number(float(norms[epoch]))}, in the {len(known)} epochs "
        f"before at most {number(largest)}; in epoch {at:,} the {which} loss is {number(loss)}, before at most "
        f"{number(usual)}."
    )
    shown = (
        (f"gradient norm of epoch {epoch}", number(float(norms[epoch]))),
        (f"median of the {len(known)} epochs before", number(typical)),
        ("largest of them", number(largest)),
        ("epochs of which this is true", f"{times:,}"),
        ("share of the start's loss that was lost", percent((loss - usual) / evidence.start)),
    )
    clipped = evidence.config.clip_norm is not None
    losses = evidence.train if which == "training" else evidence.test
    return Sentence(
        "gradient_norm", at, text, "warning", epoch, evidence=shown,
        how=" ".join((gradient_norm.__doc__ or "").split()),
        advice="Lower the learning rate." if clipped else "Clip the gradient, or lower the learning rate.",
        holds=bool(losses[-1] > usual + _HARM * evidence.start) and evidence.last - at <= _BEFORE,
    )  # fmt: skip
