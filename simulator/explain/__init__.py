"""The ancestry of a number: the traces of one update, and the way back from every number in them."""

from simulator.explain.ancestry import Ancestry, Mover
from simulator.explain.explanation import Explanation, explain
from simulator.explain.formula import Piece, figure
from simulator.explain.kinds import KINDS
from simulator.explain.moment import Moment, moment_of
from simulator.explain.number import Number
from simulator.explain.places import address_of, place_of

__all__ = [
    "KINDS",
    "Ancestry",
    "Explanation",
    "Moment",
    "Mover",
    "Number",
    "Piece",
    "address_of",
    "explain",
    "figure",
    "moment_of",
    "place_of",
]
