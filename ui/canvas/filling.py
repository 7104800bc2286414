"""A neuron's sum that fills term by term, as a card: what is in, what it makes so far. Plain values, no Qt."""

import math

import numpy as np

from ui.canvas.act import Filling, Term
from ui.canvas.cards import Card, CardRow, number
from ui.canvas.picture import Picture, grouped

MOST_TERMS = 7


def running_sum(filling: Filling) -> float:
    """Return what has been added up so far, the part of the term that is just coming in included."""
    parts = _parts(filling)
    with np.errstate(all="ignore"):
        return float(sum(part * term.value for part, term in zip(parts, filling.terms, strict=True) if part > 0.0))


def filling_card(picture: Picture, filling: Filling, most: int = MOST_TERMS) -> Card:
    """Return the card at this instant: rows that are not in yet have a name and no number.

    It has the same rows at every instant: the strongest terms in the order in which they come, the sum of the others,
    and the last term, the bias.

    Parameters
    ----------
    picture, filling
        Whose neuron, and what.
    most
        How many terms have a row of their own.
    """
    *terms, last = filling.terms
    sizes = np.nan_to_num([abs(term.value) for term in terms], nan=0.0)
    most = most if len(terms) > most + 1 else len(terms)
    strongest = set(np.argsort(-sizes, kind="stable")[:most].tolist())
    peak = max([0.0, *(abs(term.value) for term in filling.terms if math.isfinite(term.value))])
    parts = _parts(filling)
    rows = [_row(terms[place], parts[place], peak) for place in range(len(terms)) if place in strongest]
    others = [place for place in range(len(terms)) if place not in strongest]
    if others:
        with np.errstate(all="ignore"):
            so_far = float(sum(parts[place] * terms[place].value for place in others if parts[place] > 0.0))
        begun = any(parts[place] > 0.0 for place in others)
        label = f"{grouped(len(others))} others"
        rows.append(CardRow(label, "", number(so_far) if begun else "", _share(so_far, peak)))
    rows.append(_row(last, parts[-1], peak))
    done = filling.share >= 1.0
    result = number(filling.result) if done and filling.result is not None else ""
    results = [("z" if done else "z so far", number(running_sum(filling)))]
    if filling.function:
        results.append((filling.function, result))
    title = picture.name(filling.layer, filling.unit)
    caption = picture.captions[filling.layer].title
    if title.startswith(f"{caption}, "):
        title = f"Neuron {filling.unit + 1}"
    return Card(
        title,
        f"{caption}, {picture.functions[filling.layer - 1]}" if filling.layer else caption,
        tuple(rows),
        tuple(results),
    )


def _parts(filling: Filling) -> list[float]:
    """Return how much of every term is in, 0 … 1."""
    reached = min(1.0, max(0.0, filling.share)) * len(filling.terms)
    return [min(1.0, max(0.0, reached - place)) for place in range(len(filling.terms))]


def _row(term: Term, part: float, peak: float) -> CardRow:
    if part <= 0.0:
        return CardRow(term.name, "", "", 0.0)
    return CardRow(term.name, term.product, number(term.value), part * _share(term.value, peak))


def _share(value: float, peak: float) -> float:
    return max(-1.0, min(1.0, value / peak)) if peak > 0.0 and math.isfinite(value) else 0.0
