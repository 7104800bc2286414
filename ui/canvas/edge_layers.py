"""Edges that were drawn before and have not changed since: they are copied, which costs less than drawing them."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

from ui.portrait import portrayed

_MOST = 3


@dataclasses.dataclass(eq=False)
class _Layer:
    """What was drawn last under a key: which arrays it showed, and its copy, made when it is drawn a second time."""

    numbers: tuple[Any, ...]
    copy: QPixmap | None = None


class EdgeLayers:
    """A few copies, each for one way of drawing; a training network is drawn anew in every frame, and never copied."""

    def __init__(self) -> None:
        self._layers: dict[object, _Layer] = {}

    def paint(
        self,
        painter: QPainter,
        area: QRectF,
        key: object,
        numbers: Sequence[Any],
        draw: Callable[[QPainter], None],
        base: QTransform,
    ) -> None:
        """Draw edges, or copy them where the same arrays were drawn in the same way before.

        Parameters
        ----------
        painter
            As `draw` wants it, on a raster device.
        area
            What the edges do not leave, in the coordinates of `base`.
        key
            Everything that the picture follows from but the numbers.
        numbers
            The arrays that are shown. They count as the same ones while they are the same objects: nobody writes into
            an array of a picture.
        draw
            Draws the edges with the painter that it is given, in the coordinates of `base`.
        base
            The painter's transform before the network's own.
        """
        if portrayed() is not None:
            draw(painter)
            return
        known = self._layers.pop(key, None)
        if known is None or any(one is not other for one, other in zip(known.numbers, numbers, strict=True)):
            self._layers[key] = _Layer(tuple(numbers))
            while len(self._layers) > _MOST:
                self._layers.pop(next(iter(self._layers)))
            draw(painter)
            return
        self._layers[key] = known
        box = QRect(
            math.floor(area.x()), math.floor(area.y()), math.ceil(area.width()) + 1, math.ceil(area.height()) + 1
        )
        if known.copy is None:
            known.copy = _drawn(box, painter.device().devicePixelRatioF(), draw)
        painter.save()
        painter.setTransform(base)
        painter.drawPixmap(box.topLeft(), known.copy)
        painter.restore()


def _drawn(box: QRect, ratio: float, draw: Callable[[QPainter], None]) -> QPixmap:
    pixmap = QPixmap(math.ceil(box.width() * ratio), math.ceil(box.height() * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.translate(-box.x(), -box.y())
    draw(painter)
    painter.end()
    return pixmap
