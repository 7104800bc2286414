import itertools

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from simulator.insight.health import KINDS
from ui import theme as themes
from ui.canvas.ailments import paint_badge


def _grey(kind, theme):
    image = QImage(40, 40, QImage.Format.Format_Grayscale8)
    image.fill(128)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_badge(painter, 20, 20, 12, kind, theme)
    painter.end()
    return np.array(image.constBits(), np.int64).reshape(40, -1)[:, :40]


@pytest.mark.parametrize("theme", themes.THEMES.values(), ids=lambda theme: theme.name)
def test_every_ailment_has_a_shape_of_its_own(qapp, theme):
    """Without any colour the badges differ in more places than their ink's shade could make."""
    shapes = {kind: _grey(kind, theme) for kind in KINDS}
    for one, other in itertools.combinations(shapes, 2):
        ink = [np.abs(shapes[kind] - int(shapes[kind][20, 31])) > 40 for kind in (one, other)]
        assert (ink[0] != ink[1]).sum() > 40
