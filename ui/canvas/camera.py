"""What can be pointed at, and which part of the network is seen."""

import dataclasses
from typing import NamedTuple

from PySide6.QtGui import QTransform

from ui.canvas.edges import Edge


class Neuron(NamedTuple):
    """One neuron: layer 0 holds the inputs."""

    layer: int
    unit: int


Target = Neuron | Edge
"""What a pointer can be on."""


@dataclasses.dataclass(frozen=True)
class Camera:
    """Which part of the network is seen: a point p of the page is drawn at zoom·p + (x, y)."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0

    @property
    def transform(self) -> QTransform:
        """The same as a Qt transform."""
        return QTransform(self.zoom, 0.0, 0.0, self.zoom, self.x, self.y)

    def seen(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the page is on the screen."""
        return self.zoom * x + self.x, self.zoom * y + self.y

    def page(self, x: float, y: float) -> tuple[float, float]:
        """Return which point of the page is at a place of the screen."""
        return (x - self.x) / self.zoom, (y - self.y) / self.zoom
