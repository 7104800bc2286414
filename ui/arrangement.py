"""How the window is arranged, as JSON values that travel in a session file; what makes no sense there is left out."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from ui.docking import Place

UNITS = ("phase", "row", "batch", "epoch")
_MOST_DOCKS = 100
_LARGEST = 2**53


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """What the window looks at; None, or nothing, stands for what is not known.

    Attributes
    ----------
    docks
        Where the open panels are.
    row
        The chosen row of the raw table, from 0.
    neuron, edge
        (layer, unit) or (layer, source, target): what is selected.
    unit
        By what Advance goes on.
    speed
        Epochs a second; 0 is as many as there are.
    sight
        The zoom, and the point of the picture in the middle of the canvas, as shares of its width and height.
    """

    docks: tuple[Place, ...] = ()
    row: int | None = None
    neuron: tuple[int, int] | None = None
    edge: tuple[int, int, int] | None = None
    unit: str = ""
    speed: int | None = None
    sight: tuple[float, float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what a session file keeps."""
        return {
            "docks": [place.to_json() for place in self.docks],
            "row": self.row,
            "neuron": None if self.neuron is None else list(self.neuron),
            "edge": None if self.edge is None else list(self.edge),
            "unit": self.unit,
            "speed": self.speed,
            "sight": None if self.sight is None else list(self.sight),
        }

    @classmethod
    def from_json(cls, layout: Mapping[str, Any]) -> "Arrangement":
        """Read what stands in a session file, whatever that is; nothing is raised."""
        neuron, edge = _counts(layout.get("neuron"), 2), _counts(layout.get("edge"), 3)
        row, speed, unit = layout.get("row"), layout.get("speed"), layout.get("unit")
        return cls(
            _docks(layout.get("docks")),
            row if _is_count(row) else None,
            None if neuron is None else (neuron[0], neuron[1]),
            None if edge is None else (edge[0], edge[1], edge[2]),
            unit if isinstance(unit, str) and unit in UNITS else "",
            speed if _is_count(speed) else None,
            _sight(layout.get("sight")),
        )

    def selected_in(self, sizes: tuple[int, ...]) -> tuple[tuple[int, int] | None, tuple[int, int, int] | None]:
        """Return the neuron and the edge, as far as a network with layers of these sizes has them."""
        neuron, edge = self.neuron, self.edge
        if neuron is not None and not (neuron[0] < len(sizes) and neuron[1] < sizes[neuron[0]]):
            neuron = None
        if edge is not None:
            layer, source, target = edge
            if not (layer + 1 < len(sizes) and source < sizes[layer] and target < sizes[layer + 1]):
                edge = None
        return neuron, edge


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _counts(value: Any, length: int) -> list[int] | None:
    return value if isinstance(value, list) and len(value) == length and all(map(_is_count, value)) else None


def _docks(value: Any) -> tuple[Place, ...]:
    found = [Place.from_json(each) for each in value[:_MOST_DOCKS]] if isinstance(value, list) else []
    return tuple(place for place in found if place is not None)


def _sight(value: Any) -> tuple[float, float, float] | None:
    if not isinstance(value, list) or len(value) != 3:
        return None
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
        return None
    zoom, x, y = value
    if not (1.0 <= zoom <= 1000.0 and 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
        return None
    return float(zoom), float(x), float(y)
