"""Data sets that are made, not read: points in the plane with a class or a value, which follow from a seed."""

from simulator.data.generators.shape import REACH, Shape
from simulator.data.generators.table import (
    GENERATORS,
    Generator,
    generated,
    make,
    names,
    parse,
    read,
    recall,
    shape_of,
    spell,
)

__all__ = [
    "GENERATORS",
    "REACH",
    "Generator",
    "Shape",
    "generated",
    "make",
    "names",
    "parse",
    "read",
    "recall",
    "shape_of",
    "spell",
]
