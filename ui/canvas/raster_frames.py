"""Pictures of a large network's edges on their way: drawn beside the window, shown when they are finished.

Until a picture is there, the one before is shown, moved as the camera was.
"""

import concurrent.futures
import functools
import logging
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QTransform

from ui.canvas import raster_drawing
from ui.canvas.raster_drawing import Drawing
from ui.portrait import draw_part

_log = logging.getLogger(__name__)
_LOOK_MS, _PREPARING_MS = 2, 60


class Frame:
    """A finished picture.

    Attributes
    ----------
    drawing
        What it shows.
    image
        The same memory as an image.
    """

    def __init__(self, drawing: Drawing, pixels: NDArray[np.uint32]) -> None:
        self.drawing = drawing
        self._pixels = pixels  # the image owns none
        lens = drawing.lens
        self.image = QImage(
            pixels.data, lens.width, lens.height, 4 * lens.width, QImage.Format.Format_ARGB32_Premultiplied
        )
        self.image.setDevicePixelRatio(lens.ratio)

    def paint(self, painter: QPainter, wanted: Drawing, opacities: Mapping[int, float]) -> None:
        """Draw the picture through the lens that is wanted now.

        Parameters
        ----------
        painter
            In the coordinates of the widget.
        wanted
            What should be seen; it shows the same spans.
        opacities
            How far each span steps back, by its place among the parts; 1 where nothing is said.
        """
        was, now = self.drawing.lens, wanted.lens
        growth = now.zoom / was.zoom
        painter.save()
        if was != now:
            painter.setClipRect(_area(now), Qt.ClipOperation.IntersectClip)
            moved = QTransform(growth, 0.0, 0.0, growth, now.x - growth * was.x, now.y - growth * was.y)
            painter.setTransform(moved, combine=True)
        corner = QPointF(was.left / was.ratio, was.top / was.ratio)
        if not opacities:
            painter.drawImage(corner, self.image)
        else:
            self._paint_parts(painter, corner, opacities)
        painter.restore()

    def _paint_parts(self, painter: QPainter, corner: QPointF, opacities: Mapping[int, float]) -> None:
        lens = self.drawing.lens
        for place, part in enumerate(self.drawing.parts):
            bundles = self.drawing.bundles(part)
            if bundles is not None:
                painter.setOpacity(opacities.get(place, 1.0))
                source = QRectF(bundles.first, 0.0, len(bundles.along), lens.height)
                if lens.upright:
                    source = QRectF(0.0, bundles.first, lens.width, len(bundles.along))
                at = QRectF(corner + source.topLeft() / lens.ratio, source.size() / lens.ratio)
                draw_part(painter, at, self.image, source)


def _area(lens: "raster_drawing.Lens") -> QRectF:
    return QRectF(*(number / lens.ratio for number in (lens.left, lens.top, lens.width, lens.height)))


def made(drawing: Drawing) -> Frame:
    """Draw a picture now."""
    return Frame(drawing, raster_drawing.drawn(drawing))


class RasterFrames:
    """The newest picture of one widget, and the one that is drawn next.

    Parameters
    ----------
    owner
        The widget.
    arrived
        Called in the GUI thread when another picture is finished.

    Attributes
    ----------
    shown
        The newest finished one.
    """

    def __init__(self, owner: QObject, arrived: Callable[[], None]) -> None:
        self.shown: Frame | None = None
        self._arrived = arrived
        self._wanted: Drawing | None = None
        self._at_work: tuple[Drawing, concurrent.futures.Future[NDArray[np.uint32]]] | None = None
        self._clock = QTimer(owner)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._look)

    def want(self, drawing: Drawing) -> bool:
        """Ask for a picture, and return whether it is the one that is shown."""
        if self.shown is not None and drawing.same(self.shown.drawing):
            self._wanted = None
            return True
        if drawing.brief and raster_drawing.ready():  # a thread of its own would begin later than this ends
            self.shown, self._wanted, self._at_work = made(drawing), None, None
            return True
        self._wanted = drawing
        self._go_on()
        return False

    @property
    def busy(self) -> bool:
        """Whether a picture is on its way that will be drawn as soon as it can be."""
        return self._at_work is not None or (self._wanted is not None and raster_drawing.ready())

    def _go_on(self) -> None:
        """Begin with what is wanted unless something is at work."""
        if self._at_work is None and self._wanted is not None:
            if raster_drawing.ready():
                self._at_work = self._wanted, _pool().submit(raster_drawing.drawn, self._wanted)
                self._wanted = None
            elif raster_drawing.failed():
                self._wanted = None
        if self._at_work is not None:
            self._clock.start(_LOOK_MS)
        elif self._wanted is not None:
            self._clock.start(_PREPARING_MS)
        else:
            self._clock.stop()

    def _look(self) -> None:
        if self._at_work is None:
            self._go_on()
            return
        drawing, future = self._at_work
        if not future.done():
            return
        self._at_work = None
        try:
            self.shown = Frame(drawing, future.result())
        except Exception:
            _log.exception("the edges cannot be drawn")
        if drawing.same(self._wanted):
            self._wanted = None
        self._go_on()
        self._arrived()


@functools.cache
def _pool() -> concurrent.futures.ThreadPoolExecutor:
    """Return the one thread in which pictures are drawn: the other cores train, or belong to the window."""
    return concurrent.futures.ThreadPoolExecutor(1, "nodeglow-raster")
