import pytest
from PySide6.QtGui import QImage, QPainter

from ui import theme as themes
from ui.canvas import frame
from ui.canvas.layout import Rect
from ui.canvas.page import divide

READOUTS = (("Epoch", "60"), ("Test loss", "0.0007"), ("Test accuracy", "100.0 %"))


@pytest.mark.parametrize(
    ("size", "kept"),
    [((1200, 800), 3), ((900, 600), 3), ((640, 480), 3), ((400, 300), 2), ((260, 220), 1)],
    ids=lambda value: str(value),
)
def test_a_picture_of_any_size_says_which_epoch_it_is(qapp, monkeypatch, picture, size, kept):
    written: list[tuple[str, float, float]] = []

    def write(painter, text, x, baseline, hand, *more, **settings):
        written.append((text, x, hand.width(text)))
        return hand.width(text)

    monkeypatch.setattr(frame, "write", write)
    shown = picture(readouts=READOUTS)
    image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    frame.paint_header(painter, divide(shown, Rect(0.0, 0.0, *map(float, size))), shown, themes.DARK)
    painter.end()
    places = {text: (x, x + width) for text, x, width in written}
    assert [label for label, _ in READOUTS if label in places] == [label for label, _ in READOUTS[:kept]]
    ends = [places[each] for pair in READOUTS[:kept] for each in pair]
    assert all(0.0 <= left < right <= size[0] for left, right in ends)
