import itertools

import pytest

from ui.canvas import frame, page
from ui.canvas.layout import Rect

SHAPES = [(500, 400), (600, 420), (700, 560), (900, 600), (1000, 700), (1400, 900), (2400, 1400)]
NETS = [(4, 8, 8, 3), (2, 3, 1), (4, 3), (13, 16, 3), (64, 128, 64, 10)]


@pytest.mark.parametrize("base", [13.0, 19.5], ids=["usual font", "font of 150 %"])
@pytest.mark.parametrize("sizes", NETS, ids=lambda sizes: "-".join(map(str, sizes)))
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
def test_the_strips_fill_the_rectangle_and_labels_stay_inside(qapp, picture, shape, sizes, base):
    made = page.divide(picture(sizes), Rect(0.0, 0.0, *map(float, shape)), base)
    strips = [made.header, made.captions, made.network, made.footer]
    for above, below in itertools.pairwise(strips):
        assert above.y + above.height <= below.y + 1e-6
    assert made.footer.y + made.footer.height == pytest.approx(shape[1])
    first, last = made.layout.columns[0], made.layout.columns[-1]
    assert made.labels_right <= first.x - first.radius
    assert made.labels_right - made.labels_width >= -1e-6
    assert made.bars_left >= last.x + last.radius
    assert made.bars_left + made.bars_width <= shape[0]


@pytest.mark.parametrize("room", [10.0, 40.0, 300.0])
def test_a_caption_is_shortened_to_letter_and_number(qapp, picture, room):
    made = page.divide(picture(), Rect(0.0, 0.0, 900.0, 600.0))
    style = made.hands.caption
    text = frame.shortened(picture().captions[1], style, room)
    assert text == ("Hidden 1" if style.width("Hidden 1") <= room else "H1")


def test_digits_have_equal_widths_so_that_nothing_jumps(qapp, picture):
    hands = page.divide(picture(), Rect(0.0, 0.0, 900.0, 600.0)).hands
    for style in (hands.outcome, hands.outcome_bold, hands.value, hands.detail):
        widths = [style.width(digit * 4) for digit in "0123456789"]
        assert max(widths) - min(widths) < 0.1


def test_the_layout_does_not_move_while_training_changes_the_numbers(qapp, picture):
    rect = Rect(0.0, 0.0, 1000.0, 700.0)
    one, two = page.divide(picture(seed=1), rect), page.divide(picture(seed=2), rect)
    for a, b in zip(one.layout.columns, two.layout.columns, strict=True):
        assert (a.x, a.radius, a.y.tolist()) == (b.x, b.radius, b.y.tolist())
