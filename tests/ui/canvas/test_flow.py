import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from ui import theme as themes
from ui.canvas import flow
from ui.canvas.act import Act, Flow
from ui.canvas.layout import Rect, arrange, bernstein
from ui.canvas.look import Look
from ui.canvas.scene import Scene

LAYOUT = arrange((4, 8, 3), Rect(0.0, 0.0, 900.0, 500.0))
VALUES = np.linspace(-1.0, 1.0, 32).reshape(4, 8)


def painted(picture, theme=themes.DARK, *, dashed=False):
    scene = Scene(theme)
    scene.picture, scene.look = picture, Look(dashed=dashed)
    image = QImage(1000, 700, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    scene.paint(painter, QRectF(0, 0, 1000, 700))
    painter.end()
    return image, scene.page(Rect(0.0, 0.0, 1000.0, 700.0), 13.0)[0]


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_a_dot_is_where_the_share_says_on_the_curve_of_its_edge(share, backward):
    found = flow.dots(LAYOUT, Flow(0, VALUES, share, backward=backward))
    span = LAYOUT.spans[0]
    for x, y, edge, way in zip(found.x, found.y, found.edges, flow.ways(found.edges, share), strict=True):
        weights = bernstein(1.0 - way if backward else way)
        ends = np.array([span.start[edge], span.start[edge], span.end[edge], span.end[edge]])
        assert (x, y) == pytest.approx((weights @ span.x, weights @ ends))


@pytest.mark.parametrize(
    ("share", "backward", "end"), [(0.0, False, 0), (1.0, False, 3), (0.0, True, 3), (1.0, True, 0)]
)
def test_all_signals_begin_and_end_together(share, backward, end):
    found = flow.dots(LAYOUT, Flow(0, VALUES, share, backward=backward))
    np.testing.assert_allclose(found.x, LAYOUT.spans[0].x[end])


def test_on_the_way_nobody_turns_back():
    edges = np.arange(32)
    steps = np.stack([flow.ways(edges, share) for share in np.linspace(0.0, 1.0, 50)])
    assert (np.diff(steps, axis=0) >= 0.0).all()


def test_a_dot_is_as_strong_as_what_it_carries_and_the_weak_ones_have_none():
    values = np.zeros((4, 8))
    values[1, 2], values[3, 7], values[0, 0] = -2.0, 1.0, 0.02
    found = flow.dots(LAYOUT, Flow(0, values, 0.5))
    assert found.strength.tolist() == [0.5, 1.0]
    assert found.positive.tolist() == [True, False]


def test_with_a_unit_only_its_edges_carry_signals():
    found = flow.dots(LAYOUT, Flow(0, np.ones((4, 8)), 0.5, unit=5))
    assert set(LAYOUT.spans[0].columns[found.edges]) == {5}
    assert len(found.edges) == 4


def test_of_very_many_edges_the_strongest_have_dots():
    layout = arrange((60, 60), Rect(0.0, 0.0, 900.0, 2000.0))
    values = np.arange(1.0, 3601.0).reshape(60, 60)
    found = flow.dots(layout, Flow(0, values, 0.5))
    assert len(found.edges) == flow.MOST
    assert found.strength.min() >= 1.0 - flow.MOST / 3600 - 1e-9


def test_what_is_not_finite_does_not_stop_the_others():
    values = np.ones((4, 8))
    values[0, 0], values[1, 1] = np.nan, -np.inf
    found = flow.dots(LAYOUT, Flow(0, values, 0.5))
    assert len(found.edges) == 31
    assert np.isfinite(found.strength).all()


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("sign", "backward"), [(1.0, False), (-1.0, False), (1.0, True), (-1.0, True)])
def test_a_signal_has_the_colour_of_its_sign_on_its_way(qapp, picture, with_weights, theme, sign, backward):
    made = with_weights(picture(), [np.zeros_like(weight) for weight in picture().weights])
    values = np.zeros((8, 8))
    values[3, 6] = sign
    act = Act(flow=Flow(1, values, 0.5, backward=backward))
    image, page = painted(dataclasses.replace(made, act=act), theme)
    dot = flow.dots(page.layout, act.flow)
    around = [
        image.pixelColor(round(float(dot.x[0])) + dx, round(float(dot.y[0])) + dy)
        for dx in range(-8, 9) for dy in range(-8, 9) if 5 < np.hypot(dx, dy) < 8
    ]  # fmt: skip
    red, green, blue = (np.mean([getattr(c, part)() for c in around]) for part in ("red", "green", "blue"))
    if backward:
        assert (green > max(red, blue)) if sign > 0 else (red > green + 10 and blue > green + 10)
    else:
        assert (blue > red + 10) if sign > 0 else (red > blue + 10)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_signals_begin_and_end_nothing_jumps(qapp, picture, share):
    made = picture()
    rest, _ = painted(made)
    moved, _ = painted(dataclasses.replace(made, act=Act(flow=Flow(1, np.ones((8, 8)), share))))
    assert rest == moved


def test_a_negative_signal_is_a_ring_where_sign_is_not_told_by_hue_alone(qapp, picture):
    made = picture()
    values = np.zeros((8, 8))
    values[3, 6] = -1.0
    acted = dataclasses.replace(made, act=Act(flow=Flow(1, values, 0.5)))
    plain, page = painted(acted)
    ringed, _ = painted(acted, dashed=True)
    dot = flow.dots(page.layout, acted.now.flow)
    at = int(dot.x[0]), int(dot.y[0])
    assert ringed.pixelColor(*at).lightness() < plain.pixelColor(*at).lightness() - 30


def test_signals_stay_on_their_curves_when_one_comes_closer(view, picture):
    made = picture()
    values = np.zeros((8, 8))
    values[3, 5] = 1.0
    acted = dataclasses.replace(made, act=Act(flow=Flow(1, values, 0.5)))
    shown = view(made)
    shown.zoom_by(2.0, shown.position(2, 4))
    rest = shown.grab().toImage()
    shown.set_picture(acted)
    moved = shown.grab().toImage()
    dot = flow.dots(shown._page().layout, acted.now.flow)
    x, y = (round(value) for value in shown.camera.seen(float(dot.x[0]), float(dot.y[0])))
    assert moved.pixelColor(x, y).lightness() > 150
    assert moved.pixelColor(x, y).lightness() > rest.pixelColor(x, y).lightness() + 40
