"""A part of an update as it is seen and said; no Qt."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from ui.canvas.act import Act

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.explain import Number

GRAINS = ("neuron", "layer", "pass")
"""How finely a pass is cut into phases."""

STEPS = 7
"""How many steps the lesson has."""


@dataclasses.dataclass(frozen=True, eq=False)
class Phase:
    """A part of an update.

    Attributes
    ----------
    key
        The same for the same phase of another update: "forward 1.3".
    step
        Which of the lesson's seven steps it belongs to.
    title, text
        A few words, and one line that says in plain words and live numbers what happens.
    seconds
        How long it takes at speed 1.
    act
        What is seen, by the share of that time that has passed, 0 … 1.
    number
        What the inspector explains of it, or None.
    """

    key: str
    step: int
    title: str
    text: str
    seconds: float
    act: Callable[[float], Act]
    number: "Number | None" = None
