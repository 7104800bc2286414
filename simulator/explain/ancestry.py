"""The ancestry of a number: what it is, the formula it comes from with the live figures, and the numbers in that."""

import dataclasses
import functools
import re

from simulator.data import Dataset
from simulator.explain import formula
from simulator.explain.addresses import Names, check, row_name
from simulator.explain.explanation import Explanation
from simulator.explain.formula import Piece
from simulator.explain.kinds import KINDS
from simulator.explain.number import Account, Kind, Number, Scene
from simulator.explain.places import place_of
from simulator.tables import look_up

_EXACT = 15
_WEIGHT = re.compile(r"(?<![a-z])w(?![a-z])")
_MOVERS = {"memory": "the optimizer's memory", "penalty": "the penalty", "decay": "weight decay"}


@dataclasses.dataclass(frozen=True)
class Mover:
    """Somebody who moved a parameter: a name, the share of the step Δw, and its address."""

    name: str
    value: float
    number: Number


class Ancestry:
    """Walks from any number of an update back to the row and column of the file that it comes from.

    Parameters
    ----------
    explanation
        The traces of a moment.
    dataset
        Where the moment's rows come from. Without it the way back ends at the inputs, and inputs and outputs are
        numbered instead of named.
    given
        What a row that is in no table is called, where it is the only one.

    Every method raises `ConfigError` for an address that points at nothing.
    """

    def __init__(self, explanation: Explanation, dataset: Dataset | None = None, given: str = "the given row") -> None:
        self._scene = Scene(explanation, dataset, given)
        self._account = functools.lru_cache(maxsize=4096)(self._account_of)
        self._kind = functools.lru_cache(maxsize=65536)(self._kind_of)

    @property
    def explanation(self) -> Explanation:
        """The traces that it walks in."""
        return self._scene.explanation

    def value(self, number: Number) -> float | str:
        """Return the number itself; a text for a cell of the file that holds one."""
        return self._kind(number).value(self._scene, number)

    def figure(self, number: Number, digits: int = 4) -> str:
        """Return the number as it stands in a formula."""
        # A cell of the file is not rounded: it stands there so.
        return formula.figure(self.value(number), _EXACT if number.kind == "cell" else digits)

    def symbol(self, number: Number) -> str:
        """Return the field's symbol for it, as "z", "ŷ" or "δ"."""
        kind = self._kind(number)
        return self._of_parameter(number, kind.symbol.format_map(Names(self._scene, number)))

    def label(self, number: Number) -> str:
        """Return what it is called, as in "z of hidden 1, neuron 3, row 153"."""
        return self._kind(number).label.format_map(Names(self._scene, number))

    def meaning(self, number: Number) -> str:
        """Return one plain sentence about numbers of its kind."""
        return self._kind(number).meaning

    def rule(self, number: Number) -> str:
        """Return the formula in symbols; "" where nothing is calculated."""
        return self._of_parameter(number, self._account(number).rule)

    def pieces(self, number: Number, digits: int = 4, most: int = 6) -> tuple[Piece, ...]:
        """Return the formula with the live figures, in pieces; a figure that has an ancestry knows its address.

        Parameters
        ----------
        digits
            How many digits of a figure count.
        most
            How many terms of a long sum are shown; the others are one figure, so that the line still adds up.
        """
        shown = functools.partial(self.figure, digits=digits)
        account, own = self._account(number), Piece(self.figure(number, digits))
        written = [Piece(f"{self.symbol(number)} = ")]
        live = formula.pieces(account.tokens, shown, digits, most)
        if [piece.text for piece in live] == [own.text]:
            written += live  # another number as it is: said once
        else:
            written += [*live, Piece(" = "), own] if live else [own]
        if account.where:
            written += [Piece(", "), *formula.pieces(account.where, shown, digits, most)]
        if account.remark:
            written.append(Piece(f" ({account.remark})"))
        return tuple(written)

    def formula(self, number: Number, digits: int = 4, most: int = 6) -> str:
        """Return the same as plain text: "z = 0.81·1.12 + (−0.62)·0.40 + 0.10 = 0.7592"."""
        return "".join(piece.text for piece in self.pieces(number, digits, most))

    def parents(self, number: Number) -> list[tuple[str, Number]]:
        """Return the numbers that it comes from, each with its label; those of a sum in the order of its terms' sizes.

        A cell of the file, a weight before the update, and a setting have none.
        """
        account = self._account(number)
        found = dict.fromkeys((*formula.numbers((*account.tokens, *account.where)), *account.also))
        return [(self.label(parent), parent) for parent in found]

    def movers(self, parameter: Number) -> list[Mover]:
        """Return who moved a weight or a bias, the largest share first; the shares sum up to the step Δw.

        Parameters
        ----------
        parameter
            Any address with the layer, unit and source of the weight or bias.

        Returns
        -------
        Every row of the batch; the optimizer's memory, the penalty and weight decay where they have a share.
        """
        layer, unit, source = parameter.layer, parameter.unit, parameter.source
        explanation = self.explanation
        parts = explanation.update.parts(place_of(explanation.moment.network, layer, source, unit))
        found = [
            Mover(row_name(self._scene, row), value, Number("row_part", layer, unit, row, source))
            for row, value in enumerate(parts.rows.tolist())
        ]
        named = {"memory": parts.memory, "penalty": parts.penalty, "decay": parts.decay}
        for name, value in named.items():
            if value:
                found.append(Mover(_MOVERS[name], value, Number(f"{name}_part", layer, unit, source=source)))
        return sorted(found, key=lambda mover: -abs(mover.value))

    def _of_parameter(self, number: Number, text: str) -> str:
        """Return a text about a parameter, w, as it reads for the one that is meant: b for a bias."""
        is_bias = number.source is None and "source" in self._kind(number).needs
        return _WEIGHT.sub("b", text) if is_bias else text

    def _kind_of(self, number: Number) -> Kind:
        kind = look_up(KINDS, number.kind, "kind of number")
        check(self._scene, kind, number)
        return kind

    def _account_of(self, number: Number) -> Account:
        return self._kind(number).account(self._scene, number)
