"""Formulas as people read them: symbols replaced by live figures, long sums shortened without losing a cent."""

import dataclasses
import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from simulator.explain.number import Figure, Number, Terms, Token

MINUS = "−"


@dataclasses.dataclass(frozen=True)
class Piece:
    """A stretch of a formula's text; where it is a figure that can be asked for in turn, the address of that number."""

    text: str
    number: Number | None = None


def figure(value: float | str, digits: int = 4) -> str:
    """Return a number as it stands in a formula, with so many digits that count; texts as they are.

    Whole numbers keep all their digits, and a power of ten appears only below 0.0001 and from a million on.
    """
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value)).replace("-", MINUS)
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    if -5 < int(power) < 6:
        mantissa, power = f"{value:.{max(0, digits - 1 - int(power))}f}", ""
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return (f"{mantissa}e{int(power)}" if power else mantissa).replace("-", MINUS)


def substitute(text: str, known: Mapping[str, Token]) -> tuple[Token, ...]:
    """Return a formula in symbols with tokens in the place of the symbols.

    A symbol is replaced only where it stands alone: the z of "zₖ" and the e of "exp" stay.
    """
    names = sorted(known, key=len, reverse=True)
    tokens: list[Token] = []
    plain, place = "", 0
    while place < len(text):
        found = next((name for name in names if _stands_at(text, name, place)), None)
        if found is None:
            plain, place = plain + text[place], place + 1
            continue
        if plain:
            tokens.append(plain)
        tokens.append(known[found])
        plain, place = "", place + len(found)
    return (*tokens, plain) if plain else tuple(tokens)


def _stands_at(text: str, name: str, place: int) -> bool:
    if not text.startswith(name, place):
        return False
    before, after = text[place - 1 : place], text[place + len(name) : place + len(name) + 1]
    return not (_goes_on(name[0]) and before.isalpha()) and not (_goes_on(name[-1]) and _goes_on(after))


def _goes_on(character: str) -> bool:
    """Whether a character belongs to a name: a letter, an index below, an accent or a prime."""
    if not character:
        return False
    is_index = "SUBSCRIPT" in unicodedata.name(character, "")
    return character.isalpha() or is_index or character in "_′" or unicodedata.combining(character) > 0


def pieces(
    tokens: Iterable[Token], shown: Callable[[Number], str], digits: int = 4, most: int = 6
) -> tuple[Piece, ...]:
    """Return tokens as text.

    Parameters
    ----------
    tokens
        Of an `Account`.
    shown
        What looks a number up and writes it.
    digits
        How many digits of the other figures count.
    most
        How many terms of a sum are shown: of a longer one the largest, the largest first, and the rest in one figure,
        so that what is written still adds up.
    """
    written: list[Piece] = []
    for token in _flat(tokens, most):
        if isinstance(token, str):
            written.append(Piece(token))
        else:
            found = figure(token.value, digits) if isinstance(token, Figure) else shown(token)
            written.append(Piece(found, token if isinstance(token, Number) else None))
    return tuple(_bracketed(written))


def numbers(tokens: Iterable[Token]) -> tuple[Number, ...]:
    """Return all numbers of tokens, each once; those of a sum in the order of its terms' sizes, the largest first."""
    found: dict[Number, None] = {}
    for token in tokens:
        if isinstance(token, Terms):
            for place in _by_size(token):
                found |= dict.fromkeys(each for each in token.make(place) if isinstance(each, Number))
        elif isinstance(token, Number):
            found[token] = None
    return tuple(found)


def _flat(tokens: Iterable[Token], most: int) -> Iterable[str | Number | Figure]:
    for token in tokens:
        if isinstance(token, Terms):
            yield from _terms(token, most)
        else:
            yield token


def _terms(terms: Terms, most: int) -> Iterable[str | Number | Figure]:
    count = len(terms.values)
    # A gap of a single term would be longer than the term.
    shown = list(range(count)) if count <= most + 1 else _by_size(terms)[:most]
    for nth, place in enumerate(shown):
        if nth:
            yield " + "
        yield from terms.make(place)
    if count == 0:
        yield "0"
    if len(shown) < count:
        rest = float(np.delete(terms.values, shown).sum())
        yield f" + … ({count - len(shown):,} smaller: "
        yield Figure(rest)
        yield ")"


def _by_size(terms: Terms) -> list[int]:
    return np.argsort(-np.abs(terms.values), kind="stable").tolist()


def _bracketed(written: list[Piece]) -> Iterable[Piece]:
    """Put negative figures in brackets wherever a sign or a power would be misread without them."""
    for nth, piece in enumerate(written):
        before = written[nth - 1].text if nth else ""
        after = written[nth + 1].text if nth + 1 < len(written) else ""
        alone = (before == "" or before.endswith(("(", "= ", ": ", "|"))) and not after.startswith(("²", "^"))
        # A figure is what can start with a minus and go on with a digit.
        if not alone and piece.text[:1] == MINUS and piece.text[1:2].isdigit():
            yield Piece("(")
            yield piece
            yield Piece(")")
        else:
            yield piece
