"""Which marks stand in the numbers of a column: evidence is weighed, and what stays in doubt is not guessed."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable

from simulator.data.cells import MISSING_AMONG_NUMBERS, THOUSANDS

ENOUGH = 5
"""As many cells with a mark as this, beside whole numbers below a thousand, say that it stands between thousands."""

_SIGNS = {sign: mark for mark, signs in THOUSANDS.items() for sign in signs}
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d*([.,])\d+|\d+([.,]))(?:[eE][+-]?\d+)?", re.ASCII)
_NEUTRAL = re.compile(r"[+-]?(\d+[eE][+-]?\d+|inf(inity)?)", re.ASCII | re.IGNORECASE)
_GROUPS = re.compile(rf"[+-]?[1-9]\d{{0,2}}([{''.join(_SIGNS)}])\d{{3}}(\1\d{{3}})*(?:([.,])\d*)?", re.ASCII)
_OTHER = {".": ",", ",": "."}


def looks_numeric(text: str) -> bool:
    """Whether a cell holds a number, whatever its marks mean."""
    text = text.strip().replace("\u2212", "-")
    return any(pattern.fullmatch(text) for pattern in (_WHOLE, _DECIMAL, _GROUPS, _NEUTRAL))


@dataclasses.dataclass
class Tally:
    """What the cells of one column or table say about the marks in its numbers.

    Attributes
    ----------
    cells
        How many cells hold something.
    others
        How many of them are no number.
    small, large
        How many are whole numbers below a thousand, or others without any mark.
    decimals
        How many cells hold a mark that must be a decimal one.
    thousands
        How many hold a mark that must stand between thousands: twice in a number, before a decimal mark, or of a kind
        that stands nowhere else.
    doubtful
        How many hold a point or comma that can be either: "1,234".
    doubtful_one
        The first of these, by its mark.
    digits
        How many digits the longest whole number has.
    """

    cells: int = 0
    others: int = 0
    small: int = 0
    large: int = 0
    digits: int = 0
    decimals: "Counter[str]" = dataclasses.field(default_factory=lambda: Counter[str]())
    thousands: "Counter[str]" = dataclasses.field(default_factory=lambda: Counter[str]())
    doubtful: "Counter[str]" = dataclasses.field(default_factory=lambda: Counter[str]())
    doubtful_one: dict[str, str] = dataclasses.field(default_factory=lambda: dict[str, str]())

    def add(self, text: str) -> None:
        """Count a cell."""
        text = text.strip().replace("\u2212", "-")
        if text.lower() in MISSING_AMONG_NUMBERS:
            return
        self.cells += 1
        if _WHOLE.fullmatch(text):
            digits = len(text.lstrip("+-"))
            small = digits < 4
            self.digits = max(self.digits, digits)
            self.small, self.large = self.small + small, self.large + (not small)
        elif found := _GROUPS.fullmatch(text):
            whole = text[: found.start(3)] if found[3] else text
            if len(whole) > self.digits:  # to count is dear
                self.digits = max(self.digits, sum(map(str.isdigit, whole)))
            self._add_grouped(text, _SIGNS[found[1]], found[2] is not None, found[3])
        elif found := _DECIMAL.fullmatch(text):
            self.decimals[found[1] or found[2]] += 1
        elif not _NEUTRAL.fullmatch(text):
            self.others += 1

    def update(self, other: "Tally") -> None:
        """Add what another one counted; the whole numbers are left out, for they tell of one column only."""
        self.decimals.update(other.decimals)
        self.thousands.update(other.thousands)
        self.doubtful.update(other.doubtful)

    def _add_grouped(self, text: str, mark: str, twice: bool, decimal: str | None) -> None:
        if decimal == mark:  # 1,234,567, is nothing known
            self.others += 1
        elif decimal is not None:
            self.thousands[mark] += 1
            self.decimals[decimal] += 1
        elif twice or mark not in _OTHER:
            self.thousands[mark] += 1
        else:
            self.doubtful[mark] += 1
            self.doubtful_one.setdefault(mark, text)


def tally(texts: Iterable[str], most_others: int | None = None) -> Tally:
    """Count what cells say, up to a number of cells that are no number."""
    found = Tally()
    for text in texts:
        found.add(text)
        if most_others is not None and found.others > most_others:
            break
    return found


def decimal_of(found: Tally, decimal: str | None, thousands: str | None) -> str:
    """Return the decimal mark of a table: what was decided, or what more cells are sure of, or a point."""
    if decimal is not None:
        return decimal
    if thousands in _OTHER:
        return _OTHER[thousands]
    votes = {mark: found.decimals[mark] + found.thousands[_OTHER[mark]] for mark in _OTHER}
    if thousands is not None:  # neither a point nor a comma stands between thousands: all of them are decimal marks
        votes = {mark: votes[mark] + found.doubtful[mark] for mark in votes}
    return "," if votes[","] > votes["."] else "."


def thousands_of(found: Tally, decimal: str) -> str:
    """Return the thousands mark that the cells are sure of; empty where there is none."""
    sure = [(count, mark) for mark, count in found.thousands.items() if mark != decimal]
    return max(sure)[1] if sure else ""


def column_mark(found: Tally, decimal: str, known: str, decimal_is_sure: bool) -> tuple[str, bool]:
    """Judge a column whose cells are all numbers.

    Parameters
    ----------
    found
        What its cells say.
    decimal
        The table's decimal mark.
    known
        The table's thousands mark as far as it is known; empty otherwise.
    decimal_is_sure
        Whether other cells of the table show the decimal mark beyond doubt.

    Returns
    -------
    thousands
        The mark between its thousands; empty where there is none.
    clear
        Whether the cells leave no doubt about what they mean.
    """
    other = _OTHER[decimal]
    mark = thousands_of(found, decimal)
    if mark:
        clear = found.doubtful[other] == 0 or mark == other
        return mark, clear and found.decimals[other] == 0 and found.thousands.keys() <= {mark}
    if found.thousands[decimal]:  # the table's decimal mark stands between thousands here
        return "", False
    if not found.doubtful[other]:
        return "", True
    if found.decimals[other]:  # it is a decimal mark in this column, unless the table's own stands here too
        return "", not found.decimals[decimal] and not found.doubtful[decimal]
    if known == other or found.decimals[decimal]:
        return other, True
    counted = decimal_is_sure and found.small and not found.large and found.doubtful[other] >= ENOUGH
    return (other, True) if counted else ("", False)
