"""A small formula language over the columns of a table: read by a parser of its own, never run as program text.

Numbers (``1.5``, ``2e-3``), texts (``"Biscoe"``), names of columns (bare, or between backticks where they hold more
than letters, digits and underscores), ``+ - * / % ^``, comparisons, ``and or not in``, and the functions of
`simulator.data.formula_values.FUNCTIONS`.
"""

import dataclasses
import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data.formula_values import FUNCTIONS, Node, Value, evaluate
from simulator.errors import ConfigError

LONGEST, MOST_TOKENS, DEEPEST = 2_000, 400, 60
"""How many characters and pieces a formula may have, and how deep it may be nested."""

_EXAMPLE = 'Write it like: bill_length_mm / bill_depth_mm, or island == "Biscoe" and body_mass_g > 3000.'
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<text>\"[^\"]*\"|'[^']*')|`(?P<quoted>[^`]+)`"
    r"|(?P<name>[^\W\d]\w*)|(?P<sign>\*\*|<=|>=|==|!=|<>|[-+*/%^()<>=,≤≥≠−·×÷]))"
)
_SPELT = {"**": "^", "=": "==", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "·": "*", "×": "*", "÷": "/"}


_CONSTANTS = {"pi": np.pi}
_WORDS = frozenset({"and", "or", "not", "in"})


@dataclasses.dataclass(frozen=True)
class Token:
    """A piece of a formula.

    Attributes
    ----------
    kind
        ``"number"``, ``"text"``, ``"column"`` (between backticks), ``"name"``, ``"sign"`` or ``"end"``.
    text, place
        What it says, and where it begins, from 0.
    """

    kind: str
    text: str
    place: int


@dataclasses.dataclass(frozen=True)
class Formula:
    """A parsed formula.

    Attributes
    ----------
    text
        As it was typed.
    names
        The columns that it uses, in the order of their first appearance.
    tokens
        Its pieces, for showing it with figures in place of names.
    """

    text: str
    root: Node
    names: tuple[str, ...]
    tokens: tuple[Token, ...]

    def evaluate(self, columns: Mapping[str, Any]) -> Value:
        """Return the formula's value for every row.

        Parameters
        ----------
        columns
            Arrays or series of one length by their names: numbers (NaN where one is missing), conditions, or texts.

        Returns
        -------
        values
            float64 for numbers, bool for a condition, (rows,). NaN where a number is missing or does not exist (0/0); a
            comparison with something missing is false.

        Raises
        ------
        ConfigError
            When a column is unknown, or texts are counted with.
        """
        for name in self.names:
            if name not in columns:
                known = [str(each) for each in columns]
                near = difflib.get_close_matches(name, known, n=1)
                meant = f"Did you mean {near[0]!r}? " if near else ""
                shown = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
                raise ConfigError(f"the formula uses {name!r}, which is no column", f"{meant}There are: {shown}.")
        length = max((len(columns[name]) for name in self.names), default=1)
        with np.errstate(all="ignore"):
            found = evaluate(self.root, columns)
        if found.dtype == object:
            raise ConfigError(f"the formula {self.text!r} is a text, not a number", _EXAMPLE)
        return np.broadcast_to(found, (length,)) if found.ndim == 0 else found

    def condition(self, columns: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Return which rows meet the formula as a condition, (rows,).

        Raises
        ------
        ConfigError
            As `evaluate`; also when the formula is a number and no condition.
        """
        found = self.evaluate(columns)
        if found.dtype != bool:
            raise ConfigError(f"{self.text!r} is a number, not a condition", "Compare it with something, as > 0.")
        return found


def parse(text: str) -> Formula:
    """Read a formula.

    Raises
    ------
    ConfigError
        When it makes no sense; the message names the character.
    """
    if len(text) > LONGEST:
        raise ConfigError(f"the formula has {len(text):,} characters", f"At most {LONGEST:,} can be read.")
    tokens = _tokens(text)
    if len(tokens) > MOST_TOKENS:
        raise ConfigError(f"the formula has {len(tokens):,} pieces", f"At most {MOST_TOKENS} can be read.")
    if len(tokens) == 1:
        raise ConfigError("the formula is empty", _EXAMPLE)
    reader = _Reader(text, tokens)
    root = reader.expression(0, 0)
    reader.expect_end()
    return Formula(text, root, tuple(dict.fromkeys(_columns(root))), tuple(tokens[:-1]))


def spell(name: str) -> str:
    """Return a column's name as a formula spells it: between backticks where it must be."""
    bare = re.fullmatch(r"[^\W\d]\w*", name) is not None
    return name if bare and name not in _WORDS and name not in FUNCTIONS and name not in _CONSTANTS else f"`{name}`"


def _wrong(text: str, place: int, why: str, hint: str = "") -> ConfigError:
    return ConfigError(f"the formula {text!r} is wrong at character {place + 1}: {why}", hint or _EXAMPLE)


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            rest = text[place:].lstrip()
            at = len(text) - len(rest)
            if rest[0] in "\"'`":
                raise _wrong(text, at, "this is opened and never closed", f"Close it with another {rest[0]}.")
            raise _wrong(text, at, f"{rest[0]!r} means nothing here")
        kind = match.lastgroup or ""
        said, begins = match.group(kind), match.start(kind)
        if kind == "text":
            said = said[1:-1]
        elif kind == "quoted":
            kind, begins = "column", begins - 1
        elif kind == "sign":
            said = _SPELT.get(said, said)
        elif kind == "name" and said.lower() in _WORDS:
            kind, said = "sign", said.lower()
        found.append(Token(kind, said, begins))
        place = match.end()
    return [*found, Token("end", "", len(text))]


_BINDING = {
    "or": (1, 2), "and": (3, 4), "in": (7, 8), "==": (7, 8), "!=": (7, 8), "<": (7, 8), "<=": (7, 8), ">": (7, 8),
    ">=": (7, 8), "+": (9, 10), "-": (9, 10), "*": (11, 12), "/": (11, 12), "%": (11, 12), "^": (16, 15),
}  # fmt: skip
"""How tightly a sign binds to its left and to its right (Pratt 1973); a power binds to the right first."""

_PREFIX = {"not": 5, "-": 13, "+": 13}


class _Reader:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text, self._tokens, self._at = text, tokens, 0

    def expression(self, binding: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise _wrong(self._text, self._now.place, f"it is nested more than {DEEPEST} deep")
        left = self._first(depth)
        while self._now.kind == "sign" and self._now.text in _BINDING:
            sign = self._now
            to_left, to_right = _BINDING[sign.text]
            if to_left < binding:
                break
            if to_left == 7 and left.kind == "call" and _BINDING.get(left.value, (0,))[0] == 7 and left.place >= 0:
                raise _wrong(self._text, sign.place, "two comparisons in a row", "Join them with and: 1 < x and x < 2.")
            self._next()
            right = self._choices(depth) if sign.text == "in" else self.expression(to_right, depth + 1)
            left = Node("call", sign.text, (left, right), sign.place)
        return left

    def expect_end(self) -> None:
        if self._now.kind != "end":
            raise _wrong(self._text, self._now.place, f"{self._now.text!r} is one too many")

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._now
        self._at += 1
        return token

    def _first(self, depth: int) -> Node:
        token = self._now
        if token.kind == "end":
            raise _wrong(self._text, token.place, "something is missing at the end")
        self._next()
        if token.kind == "number":
            return Node("number", float(token.text), (), token.place)
        if token.kind in ("text", "column"):
            return Node(token.kind, token.text, (), token.place)
        if token.kind == "name":
            return self._named(token, depth)
        if token.text == "(":
            inner = self.expression(0, depth + 1)
            self._close("(", token)
            return dataclasses.replace(inner, place=-1)  # what stands in brackets may be compared again
        if token.text in _PREFIX:
            part = self.expression(_PREFIX[token.text], depth + 1)
            return Node("call", "not" if token.text == "not" else f"unary {token.text}", (part,), token.place)
        raise _wrong(self._text, token.place, f"{token.text!r} cannot stand here")

    def _named(self, token: Token, depth: int) -> Node:
        if self._now.text == "(" and self._now.kind == "sign":
            return self._call(token, depth)
        if token.text in _CONSTANTS:
            return Node("number", _CONSTANTS[token.text], (), token.place)
        return Node("column", token.text, (), token.place)

    def _call(self, token: Token, depth: int) -> Node:
        if token.text not in FUNCTIONS:
            near = difflib.get_close_matches(token.text.lower(), list(FUNCTIONS), n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            hint = f"{meant}There are: {', '.join(FUNCTIONS)}."
            raise _wrong(self._text, token.place, f"there is no function called {token.text!r}", hint)
        parts = self._listed(lambda: self.expression(0, depth + 1))
        _, fewest, most = FUNCTIONS[token.text]
        if len(parts) < fewest or (most is not None and len(parts) > most):
            wanted = f"{fewest}" if most == fewest else f"{fewest} or more"
            raise _wrong(self._text, token.place, f"{token.text} takes {wanted} arguments, not {len(parts)}")
        return Node("call", token.text, parts, token.place)

    def _choices(self, depth: int) -> Node:
        if self._now.text != "(":
            raise _wrong(self._text, self._now.place, "after in stands a list", 'As: island in ("Biscoe", "Dream").')
        place = self._now.place
        return Node("list", "in", self._listed(lambda: self.expression(9, depth + 1)), place)

    def _listed(self, one: Callable[[], Node]) -> tuple[Node, ...]:
        opened = self._next()
        parts: list[Node] = []
        while self._now.text != ")" or self._now.kind != "sign":
            parts.append(one())
            if self._now.text == "," and self._now.kind == "sign":
                self._next()
            elif self._now.text != ")":
                break
        self._close("(", opened)
        return tuple(parts)

    def _close(self, mark: str, opened: Token) -> None:
        if self._now.text != ")" or self._now.kind != "sign":
            raise _wrong(self._text, opened.place, "this bracket is never closed", "Close it with a ).")
        self._next()


def _columns(node: Node) -> list[str]:
    if node.kind == "column":
        return [node.value]
    return [name for part in node.parts for name in _columns(part)]
