"""What is drawn on."""

from PySide6.QtGui import QPaintEngine, QPainter

_VECTORS = {QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture}


def is_vector(painter: QPainter) -> bool:
    """Return whether a painter writes vectors: SVG or PDF."""
    engine = painter.paintEngine()
    return engine is not None and engine.type() in _VECTORS
