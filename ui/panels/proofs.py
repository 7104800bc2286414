"""What a check of one gradient says in the inspector. No Qt."""

import math

from simulator.explain import Explanation, figure
from simulator.explain.check import Check, check
from simulator.progress import Progress
from ui.asking import Account
from ui.panels.drawings import batch_name
from ui.panels.inspection import BATCH, ROW, Segment, Subject, ancestry_of

_DIGITS = 7


def explanation_of(account: Account, subject: Subject, turn: str = "") -> Explanation:
    """Return the traces of the batch that a subject's gradient belongs to; `turn` is that of its page."""
    rows = turn or (BATCH if subject.rows == ROW else subject.rows)
    return ancestry_of(account, Subject(subject.number, rows)).explanation


def checked(explanation: Explanation, place: int, _progress: Progress | None = None) -> tuple[Segment, ...]:
    """Check the gradient of one weight or bias, and return what was found, in words."""
    found = check(explanation, place)
    said = (
        f"Checked in {batch_name(explanation.moment)}: explained {figure(found.explained, _DIGITS)}, measured "
        f"{figure(found.measured, _DIGITS)} by a move of ±{figure(found.step, 2)}, difference "
        f"{figure(abs(found.explained - found.measured), 2)}: "
    )
    return Segment(said), Segment(verdict(found), strong=True)


def verdict(found: Check) -> str:
    """Return whether both agree, in words."""
    if not math.isfinite(found.explained + found.measured):
        return "the numbers are not finite, so that nothing can be measured."
    if found.agrees:
        return "they agree."
    if found.kinked:
        return "a kink of a function lies between both sides, so that they may differ."
    return "they differ."
