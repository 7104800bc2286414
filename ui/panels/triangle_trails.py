"""The trails of all points: an image to which every step adds lines, and which fades a little with each."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ui.theme import Theme

_LARGEST = 700
"""The longest side of the image in pixels: of a larger picture it is drawn larger, a trail may be soft."""
_STRENGTH = 110
_NEAR = 0.5
_MOST_SMOOTH, _MOST = 400, 800
"""Of more lines than the first none is smoothed, and of more than the second only some are drawn."""


class Trails:
    """An image of the size of a widget."""

    def __init__(self) -> None:
        self._image: QImage | None = None
        self._bytes: NDArray[np.uint8] | None = None
        self._scale = 1.0
        self.empty = True

    def clear(self, width: float = 0.0, height: float = 0.0) -> None:
        """Forget all trails; of a size, they begin anew in a widget of that size."""
        if width > 0.0 and height > 0.0:
            self._scale = min(1.0, _LARGEST / max(width, height))
            self._image = QImage(
                max(1, round(width * self._scale)),
                max(1, round(height * self._scale)),
                QImage.Format.Format_ARGB32_Premultiplied,
            )
            self._bytes = np.frombuffer(self._image.bits(), np.uint8)
        if self._image is not None:
            self._image.fill(0)
        self.empty = True

    def step(
        self, theme: Theme, before: NDArray[np.float64], after: NDArray[np.float64], classes: NDArray[np.int64]
    ) -> None:
        """Let the trails fade, and add the way from one place to the next, (points, 2) pixels of the widget."""
        if self._image is None or self._bytes is None:
            return
        if not self.empty:
            # One eighth less, and at least 1 less, of every channel: the order of the values stays, so does what Qt
            # asks of such an image, that no colour exceeds the opacity; and nothing stays for ever.
            self._bytes -= (self._bytes >> 3) + (self._bytes != 0)
        with np.errstate(invalid="ignore"):
            far = np.abs(after - before).max(axis=1, initial=0.0) > _NEAR
        if not far.any():
            return
        self.empty = False
        lines = int(far.sum())
        if lines > _MOST:
            far[np.flatnonzero(far)[np.arange(lines) % -(-lines // _MOST) != 0]] = False
        painter = QPainter(self._image)
        painter.scale(self._scale, self._scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, lines <= _MOST_SMOOTH)
        count = len(theme.classes)
        for nth in np.unique(classes[far] % count).tolist():
            part = far & (classes % count == nth)
            ink = QColor(theme.classes[nth])
            ink.setAlpha(_STRENGTH)
            painter.setPen(QPen(ink, 1.0))
            ends = np.concatenate([before[part], after[part]], axis=1).tolist()
            painter.drawLines([QLineF(*four) for four in ends])
        painter.end()

    def paint(self, painter: QPainter, width: float, height: float) -> None:
        """Draw the trails over a whole widget."""
        if self._image is not None and not self.empty:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(0.0, 0.0, width, height), self._image)
