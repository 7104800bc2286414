"""What the edges of one frame follow from, and how wide they are."""

import dataclasses
import functools
import math

from PySide6.QtCore import QRectF

from ui.canvas import edges
from ui.canvas.crossing import EVERYWHERE, Window
from ui.canvas.edges import EdgeGeometry
from ui.canvas.look import Look
from ui.canvas.page import Page
from ui.canvas.picture import Picture

_NORMAL_RADIUS = 20.0
_FEW_EDGES = 130.0
_RADIUS_OF_CELLS = 6.0

Numbers = tuple[float, float, float]
"""Zoom, x and y of the camera."""


@dataclasses.dataclass(frozen=True, eq=False)
class Sheet:
    """What the edges of one frame follow from."""

    page: Page
    geometry: EdgeGeometry
    picture: Picture
    look: Look
    camera: Numbers

    @property
    def strip(self) -> QRectF:
        """What the edges do not leave, as it is seen."""
        return QRectF(*self.page.strip())

    @property
    def window(self) -> Window:
        """The part of the layout that is seen."""
        zoom, x, y = self.camera
        if self.camera == (1.0, 0.0, 0.0):
            return EVERYWHERE
        strip = self.strip
        corners = (
            ((strip.left() - x) / zoom, (strip.top() - y) / zoom),
            ((strip.right() - x) / zoom, (strip.bottom() - y) / zoom),
        )
        return Window(*(number for corner in corners for number in self.page.at(*corner)))

    @property
    def crowded(self) -> bool:
        """Whether there are so many edges that their width is meant as it is seen, and not magnified by the camera."""
        return self.page.layout.edge_count > edges.CURVES.most

    @functools.cached_property
    def thickness(self) -> float:
        """How wide edges are: less between small neurons and where many edges cross.

        Of a large network one sees as much as of a small one when one comes closer.
        """
        layout = self.page.layout
        count = max(1, layout.edge_count)
        radius = min(_RADIUS_OF_CELLS if column.celled else column.radius for column in layout.columns)
        if self.crowded:
            zoom = 2.0 ** (0.25 * math.floor(4.0 * math.log2(max(1.0, self.camera[0]))))
            radius, count = radius * zoom, count / zoom**2
        crowd = min(1.0, (_FEW_EDGES / count) ** 0.5)
        wide = crowd * min(1.0, radius / _NORMAL_RADIUS) ** 0.5 * max(1.0, radius / 25.0)
        return round(min(1.5, max(0.3, wide)), 2)
