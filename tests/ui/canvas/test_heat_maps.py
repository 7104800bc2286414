import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from ui import theme as themes
from ui.canvas.act import Act
from ui.canvas.heat_maps import HeatMaps, strip
from ui.canvas.look import Look
from ui.canvas.nodes import node_ramp
from ui.canvas.scene import Scene

SIZES = (4, 8, 8, 3)


def maps(side=28, sizes=SIZES):
    up = np.linspace(1.0, -1.0, side, dtype=np.float32)
    field = np.broadcast_to(up[:, None], (side, side))
    return HeatMaps(tuple(np.stack([(unit + 1) * field for unit in range(size)], axis=2) for size in sizes), ("a", "b"))


def shown(scene, width=900, height=600):
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    scene.paint(painter, QRectF(0, 0, width, height))
    painter.end()
    return image


def near(colour, other, slack=12):
    one, two = QColor(colour).getRgb()[:3], QColor(other).getRgb()[:3]
    return max(abs(a - b) for a, b in zip(one, two, strict=True)) <= slack


@pytest.mark.parametrize("theme", themes.THEMES.values(), ids=themes.THEMES)
def test_every_neuron_shows_its_map_within_its_disc(qapp, picture, theme):
    scene = Scene(theme)
    scene.picture, scene.look, scene.heat_maps.maps = picture(), Look(heat_maps=True), maps()
    image = shown(scene)
    ((page, _),) = scene._pages.values()
    for column in page.layout.columns[1:]:
        x, y, radius = round(column.x), column.y[0], column.radius
        assert near(image.pixelColor(x, round(y - 0.8 * radius)), theme.positive, 60)
        assert near(image.pixelColor(x, round(y + 0.8 * radius)), theme.negative, 60)
    scene.look = Look()
    assert shown(scene) != image


def test_maps_give_way_to_an_act_and_to_another_network(qapp, picture):
    scene = Scene(themes.DARK)
    scene.picture, scene.look, scene.heat_maps.maps = picture(), Look(heat_maps=True), maps()
    assert scene.heat_maps.fits(picture())
    values = tuple(np.zeros(size) for size in SIZES)
    assert not scene.heat_maps.fits(dataclasses.replace(picture(), act=Act(node_values=values)))
    assert not scene.heat_maps.fits(picture((4, 5, 3)))
    scene.picture = picture((4, 5, 3))
    shown(scene)  # it is drawn as always


def test_a_folded_layer_shows_those_of_its_neurons_that_are_drawn(qapp, picture):
    scene = Scene(themes.LIGHT)
    sizes = (64, 300, 3)
    scene.picture, scene.look, scene.heat_maps.maps = picture(sizes), Look(heat_maps=True), maps(9, sizes)
    shown(scene, 700, 400)
    assert {key[3] for key in scene.heat_maps._images} <= set(range(100))


def test_each_map_has_a_scale_of_its_own_and_what_is_not_finite_is_zero(qapp):
    ramp = node_ramp(themes.DARK)
    field = np.zeros((5, 5, 4), np.float32)
    field[:, :, 0], field[:, :, 1], field[2, 2, 2], field[:, :, 3] = 0.9, 90.0, np.nan, 0.05
    image = strip(field, 20, ramp, False, 1.0)
    assert (image.width(), image.height()) == (20, 80)
    middles = [image.pixelColor(10, 20 * place + 10) for place in range(4)]
    assert near(middles[0], themes.DARK.positive)
    assert near(middles[1], themes.DARK.positive)
    assert near(middles[2], themes.DARK.zero)
    assert not near(middles[3], themes.DARK.positive, 60), "what is nearly zero everywhere does not look strong"
    assert image.pixelColor(0, 0).alpha() == 0
    assert strip(field, 20, ramp, False, 1.0, whole=True).pixelColor(0, 0).alpha() == 255
    assert strip(field[:1, :, :], 20, ramp, True, 1.0).height() == 80, "along one axis too"


def test_the_card_of_a_neuron_shows_its_map_larger(qapp, picture, view):
    made = view(picture())
    made.set_look(heat_maps=True)
    made.show_heat_maps(maps())
    page = made._page()
    column = page.layout.columns[1]
    QTest.mouseMove(made, QPoint(round(column.x), round(column.y[3])))
    with_map = made.grab().toImage()
    made.set_look(heat_maps=False)
    assert made.grab().toImage() != with_map
