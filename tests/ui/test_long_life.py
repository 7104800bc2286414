"""What shows only after a while: references, sizes, fonts."""

import gc
import sys

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel

from ui import theme as themes


def test_the_count_of_references_to_none_does_not_fall_over_1000_updates(guest):
    label, view, bars = QLabel(), guest.window.canvas, guest.window.panels["output"].bars
    picture = view.picture
    gc.collect()  # what other tests have left would go meanwhile, with its references
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
        view.set_picture(picture)
        bars.update()
        if number % 50 == 0:
            QApplication.processEvents()
    # Some references come and go with what runs beside; a broken binding loses one an update.
    assert sys.getrefcount(None) > before - 200


@pytest.mark.parametrize("size", [(1400, 900), (1000, 700), (700, 500)], ids=lambda size: f"{size[0]} by {size[1]}")
@pytest.mark.parametrize("scale", [1.0, 1.5], ids=lambda scale: f"font {scale:.0%}")
def test_the_bar_fits_and_no_number_is_cut_off(make_window, size, scale):
    app = QApplication.instance()
    app.setProperty("desktop_pixel_size", 13.0 * scale)
    app.setProperty("theme", None)
    try:
        guest = make_window()
        window = guest.window
        window.resize(*size)
        guest.advance_to(12)
        guest.pass_time(0.1)
        assert (window.width(), window.height()) == size
        for name in ("epoch", "train_loss", "test_loss"):
            number = guest.find(f"readout.{name}", QLabel)
            assert number.isVisible()
            assert number.fontMetrics().horizontalAdvance(number.text()) <= number.width()
            place = number.mapTo(window, number.rect().topRight())
            assert place.x() <= window.width()
    finally:
        app.setProperty("desktop_pixel_size", None)
        app.setProperty("theme", None)


def test_the_window_uses_the_bundled_font(guest):
    assert guest.window.font().family() == themes.FONT_FAMILY
    assert guest.find("readout.epoch", QLabel).font().weight() == QFont.Weight.DemiBold
