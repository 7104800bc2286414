"""The names and values beside the inputs: a name is never cut for the sake of a value."""

import pytest
from PySide6.QtGui import QImage, QPainter

from ui import theme as themes
from ui.canvas import input_labels
from ui.canvas.layout import Rect
from ui.canvas.page import divide


def written(picture, size, monkeypatch) -> list[tuple[str, bool]]:
    """Return every text that is written beside the inputs, and whether it has the room that it needs."""
    found = []

    def note(_painter, text, _x, _y, style, _colour, *, align="left", room=None):
        found.append((text, room is None or style.width(text) <= room))
        return 0.0

    monkeypatch.setattr(input_labels, "write", note)
    image = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    input_labels.paint_input_labels(painter, divide(picture, Rect(0.0, 0.0, *size)), picture, themes.DARK)
    painter.end()
    return found


def test_in_a_large_canvas_names_and_values_are_whole(qapp, picture, monkeypatch):
    texts = written(picture(), (1000.0, 700.0), monkeypatch)
    assert [text for text, _ in texts[::2]] == list(picture().input_names)
    assert [text for text, _ in texts[1::2]] == list(picture().input_values)
    assert all(whole for _, whole in texts)


@pytest.mark.parametrize("size", [(420.0, 270.0), (400.0, 250.0)])
def test_where_there_is_no_room_for_both_the_values_go(qapp, picture, monkeypatch, size):
    texts = written(picture(), size, monkeypatch)
    assert [text for text, _ in texts] == list(picture().input_names)
    assert all(whole for _, whole in texts)


def test_short_names_keep_their_values_in_a_small_canvas(qapp, picture, monkeypatch):
    texts = written(picture(feature_names=("a", "b", "c", "d")), (420.0, 270.0), monkeypatch)
    assert len(texts) == 8
