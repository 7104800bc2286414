"""The words for what an optimizer computes of one parameter, line by line in the field's notation.

With the step's denominator held fixed at its real new value, every step is linear in the gradient:
Δw = k·g + (what the memory adds) + (what weight decay adds). So it can be shared out among the rows that the
gradient is the sum of, with nothing left over.

A quantity goes by its symbol: w, g, η, t, the settings (`SYMBOLS`), and the memory before the update, with the index
ₜ₋₁.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from simulator.nn.optimizers import Optimizer

Known = dict[str, Any]
"""Numbers, or arrays of all parameters, by their symbols."""

SYMBOLS: dict[str, str] = {
    "learning_rate": "η₀",
    "weight_decay": "λ",
    "momentum": "μ",
    "beta1": "β₁",
    "beta2": "β₂",
    "epsilon": "ε",
    "rho": "ρ",
    "momentum_decay": "ψ",
}
"""The symbol of every setting of an optimizer that is a number."""

MEMORY: dict[str, str] = {
    "velocity": "v",
    "m": "m",
    "v": "v",
    "mean_square": "s",
    "square_sum": "s",
    "mean_square_step": "u",
    "momentum_product": "Π",
}
"""The symbol of everything that an optimizer remembers, where the optimizer has none of its own for it."""

STEP = "Δw"
BEFORE = "ₜ₋₁"


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a calculation: a symbol, the formula in symbols, and the same formula to compute with."""

    symbol: str
    text: str
    value: Callable[[Known], Any]
    meaning: str


@dataclasses.dataclass(frozen=True)
class Workings:
    """How an optimizer with certain settings gets from a gradient to a step.

    Attributes
    ----------
    lines
        In the order of calculation; the last one is the step Δw.
    response
        k = ∂Δw/∂g with the denominator held fixed.
    remembered
        What the memory adds to the step; None where it only stands in the denominator.
    decayed
        What weight decay adds to the step; None where it is off.
    remembers
        The symbol of what is remembered, by its name in the optimizer's table.
    """

    lines: tuple[Line, ...]
    response: Line
    remembered: Line | None
    decayed: Line | None
    remembers: dict[str, str]


def symbols(optimizer: Optimizer) -> dict[str, str]:
    """Return the symbols of an optimizer's settings that are numbers, by their names."""
    return {field.name: SYMBOLS[field.name] for field in dataclasses.fields(optimizer) if field.name in SYMBOLS}


def workings(
    optimizer: Optimizer,
    lines: list[Line],
    response: Line,
    remembered: Line | None = None,
    decayed: Line | None = None,
    **own: str,
) -> Workings:
    """Return an optimizer's workings; `own` gives what it remembers another symbol than `MEMORY` does."""
    if decayed is None and optimizer.weight_decay:
        decayed = Line(
            "k·λ·w", "k·λ·w", lambda k: response.value(k) * k["λ"] * k["w"], "what weight decay adds to the step"
        )
    names = (*optimizer.memory, *optimizer.scalars)
    return Workings(tuple(lines), response, remembered, decayed, {name: own.get(name, MEMORY[name]) for name in names})


def gradient(optimizer: Optimizer) -> tuple[str, list[Line]]:
    """Return the symbol of the gradient that the rule works with, and the line that makes it if there is decay."""
    if not optimizer.weight_decay:
        return "g", []
    return "g′", [Line("g′", "g + λ·w", lambda k: k["g"] + k["λ"] * k["w"], "the gradient with weight decay in it")]


def response_line(text: str, value: Callable[[Known], Any]) -> Line:
    """Return the line of k = ∂Δw/∂g."""
    return Line("k", text, value, "how far the parameter moves for each unit of gradient, the denominator held fixed")


def memory_line(text: str, value: Callable[[Known], Any]) -> Line:
    """Return the line of what the memory adds to the step."""
    return Line("memory", text, value, "what the optimizer's memory adds to the step")
