"""How a raw column becomes inputs of the network and back: one frozen, fitted step a column, one class a kind."""

from collections.abc import Callable, Mapping
from typing import Any

from simulator.data.steps.category import OneHot, Ordinal
from simulator.data.steps.number import Number
from simulator.data.steps.parts import Parts
from simulator.data.steps.scaling import Scaling
from simulator.data.steps.step import Floats, Step

__all__ = ["STEPS", "Floats", "Number", "OneHot", "Ordinal", "Parts", "Scaling", "Step"]

STEPS: dict[str, Callable[[Mapping[str, Any]], Step]] = {
    "number": Number.from_json,
    "one_hot": OneHot.from_json,
    "ordinal": Ordinal.from_json,
    "parts": Parts.from_json,
    # As numbers stood in files before there was more than one way to scale them.
    "standardised": lambda value: Number.from_json(
        {**value, "scaling": {"way": "standardise", "centre": value["mean"], "scale": value["scale"]}}
    ),
    "unscaled": lambda value: Number.from_json({**value, "scaling": {"way": "none", "centre": 0.0, "scale": 1.0}}),
}
"""What reads every kind of step, by the name that stands in files."""
