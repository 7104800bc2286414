"""What is drawn on."""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QRadialGradient

_RINGS = 12

_VECTORS = {QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture}


def is_vector(painter: QPainter) -> bool:
    """Return whether a painter writes vectors: SVG or PDF."""
    engine = painter.paintEngine()
    return engine is not None and engine.type() in _VECTORS


def paint_glow(
    painter: QPainter, rgb: tuple[int, int, int], x: float, y: float, reach: float, fades: list[tuple[float, float]]
) -> None:
    """Draw a glow around a point.

    Parameters
    ----------
    rgb
        Its colour.
    reach
        Where it ends, in pixels from the point.
    fades
        How opaque it is at shares of its reach, from 0 to 1, both in [0, 1].
    """
    painter.setPen(Qt.PenStyle.NoPen)
    engine = painter.paintEngine()
    if engine is None or engine.type() != QPaintEngine.Type.Pdf:
        gradient = QRadialGradient(x, y, reach)
        for share, alpha in fades:
            gradient.setColorAt(share, _translucent(rgb, alpha))
        painter.setBrush(gradient)
        painter.drawEllipse(QPointF(x, y), reach, reach)
        return
    # Qt's PDF has no gradients that fade: discs upon discs, each of which adds what the one below it lacks.
    shares, alphas = zip(*fades, strict=True)
    first = max(share for share, alpha in fades if alpha == max(alphas))
    below = 0.0
    for share in np.linspace(1.0, first, _RINGS, endpoint=False):
        alpha = float(np.interp(share - 0.5 * (1.0 - first) / _RINGS, shares, alphas))
        if alpha > below:
            painter.setBrush(_translucent(rgb, 1.0 - (1.0 - alpha) / (1.0 - below)))
            painter.drawEllipse(QPointF(x, y), reach * share, reach * share)
            below = alpha


def _translucent(rgb: tuple[int, int, int], alpha: float) -> QColor:
    colour = QColor(*rgb)
    colour.setAlphaF(alpha)
    return colour
