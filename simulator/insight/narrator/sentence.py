"""One sentence of the narrator, and how its numbers are written."""

import dataclasses
import math

TONES = ("plain", "good", "warning", "bad")
"""How a sentence is meant, from news to trouble."""


@dataclasses.dataclass(frozen=True)
class Sentence:
    """What is said, when it became known, and why.

    Attributes
    ----------
    rule
        The name of its rule: each rule says a sentence once per stretch.
    epoch
        From which epoch on it can be said.
    text
        Plain words.
    tone
        One of `TONES`.
    about
        The epoch to look at: where it began, or where the best network was.
    neurons, edges, rows
        What to light: (layer, unit), (layer, source, target), rows of the raw table.
    evidence
        The numbers: (what, value as text) each.
    how
        How it was found, with thresholds.
    advice
        What to try; empty where there is nothing to advise.
    holds
        Whether it is trouble of the training that goes on at the end of what is known.
    unsure
        (epoch that was looked at before, epoch since when it is said to hold), where between them nobody looked.
    """

    rule: str
    epoch: int
    text: str
    tone: str = "plain"
    about: int = 0
    neurons: tuple[tuple[int, int], ...] = ()
    edges: tuple[tuple[int, int, int], ...] = ()
    rows: tuple[int, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    how: str = ""
    advice: str = ""
    holds: bool = False
    unsure: tuple[int, int] | None = None


def number(value: float) -> str:
    """Return a number to three digits: ``0.417``, ``5,250``, ``1.2e−5``."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if size == 0 or 1e-4 <= size < 1e6:
        digits = 0 if size == 0 or size >= 100 else min(6, 2 - math.floor(math.log10(size)))
        text = f"{value:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        mantissa, exponent = f"{value:.1e}".split("e")
        text = f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Return a share as ``97 %``, with a decimal where whole numbers would hide what is missing to all or none."""
    if not math.isfinite(100 * share):
        return "–"
    rounded = round(100 * share)
    exact = abs(100 * share - rounded) < 0.05
    text = f"{100 * share:.1f}" if not exact and (rounded in {0, 100} or abs(share) > 0.9) else f"{rounded}"
    return f"{text} %".replace("-", "−")


def count(n: int, one: str, many: str = "") -> str:
    """Return ``1 neuron``, ``3 neurons``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(words: tuple[str, ...], most: int = 3) -> str:
    """Return ``a, b and c``, or ``a, b, c and 4 others``."""
    if len(words) > most + 1:
        return f"{', '.join(words[:most])} and {len(words) - most:,} others"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nothing"
