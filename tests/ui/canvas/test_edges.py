import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from ui import theme as themes
from ui.canvas import edges, nodes, pens
from ui.canvas.edges import Edge, EdgeGeometry
from ui.canvas.layout import Rect, arrange
from ui.canvas.look import Look
from ui.canvas.scene import Scene


def only(picture, with_weights, layer, source, target, weight):
    made = picture()
    weights = [np.zeros_like(matrix) for matrix in made.weights]
    weights[layer][source, target] = weight
    return with_weights(made, weights)


def painted(picture, theme=themes.DARK, *, dashed=False, ratio=1.0):
    scene = Scene(theme)
    scene.picture, scene.look = picture, Look(dashed=dashed)
    image = QImage(round(1000 * ratio), round(700 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    scene.paint(painter, QRectF(0, 0, 1000, 700))
    painter.end()
    return image, scene.page(Rect(0.0, 0.0, 1000.0, 700.0), 13.0)[0].layout


def along(image, layout, edge, ratio=1.0, parts=(0.3, 0.5, 0.7)):
    """Return the colours on an edge's curve."""
    span = layout.spans[edge.layer]
    place = int(np.flatnonzero((span.rows == edge.source) & (span.columns == edge.target))[0])
    colours = []
    for part in parts:
        x = float(span.x[0] + part * (span.x[3] - span.x[0]))
        y = float(span.height(x)[0][place])
        colours.append(image.pixelColor(round(x * ratio - 0.5), round(y * ratio - 0.5)))
    return colours


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=["dark", "light"])
def test_a_strong_positive_weight_is_blue_along_its_curve(qapp, picture, with_weights, theme, ratio):
    image, layout = painted(only(picture, with_weights, 0, 1, 6, 9.0), theme, ratio=ratio)
    for colour in along(image, layout, Edge(0, 1, 6), ratio):
        assert colour.blue() > colour.red() + 80


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=["dark", "light"])
def test_a_strong_negative_weight_is_orange_along_its_curve(qapp, picture, with_weights, theme):
    image, layout = painted(only(picture, with_weights, 1, 7, 0, -9.0), theme)
    for colour in along(image, layout, Edge(1, 7, 0)):
        assert colour.red() > colour.blue() + 80


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=["dark", "light"])
def test_a_zero_weight_is_neither_orange_nor_blue(qapp, picture, with_weights, theme):
    image, layout = painted(only(picture, with_weights, 0, 0, 0, 0.0), theme)
    for colour in along(image, layout, Edge(1, 3, 4)):
        assert abs(colour.red() - colour.blue()) < 36


def test_a_dashed_negative_edge_has_gaps_and_a_positive_one_none(qapp, picture, with_weights):
    parts = np.linspace(0.1, 0.9, 160)
    broken, layout = painted(only(picture, with_weights, 0, 1, 3, -9.0), dashed=True)
    whole, _ = painted(only(picture, with_weights, 0, 1, 3, 9.0), dashed=True)
    orange = [c.red() > c.blue() + 60 for c in along(broken, layout, Edge(0, 1, 3), parts=parts)]
    blue = [c.blue() > c.red() + 60 for c in along(whole, layout, Edge(0, 1, 3), parts=parts)]
    assert 0.2 < np.mean(orange) < 0.95
    assert all(blue)


def test_width_follows_the_size_of_the_weight(qapp):
    style = pens.edge_style(themes.DARK, nodes.node_ramp(themes.DARK), 1.0, 1.0, dashed=False)
    widths = [pen.widthF() for pen in style.strong]
    assert widths[:128] == sorted(widths[:128], reverse=True)
    assert widths == widths[::-1]
    assert widths[255] > 3 * widths[128]


def test_parallel_lines_on_the_screen_look_like_wide_lines_elsewhere(qapp, picture, monkeypatch):
    screen, _ = painted(picture())
    rows = tuple(row._replace(on_screen=row.anywhere) for row in edges.EDGE_PAINTERS)
    monkeypatch.setattr(edges, "EDGE_PAINTERS", rows)
    elsewhere, _ = painted(picture())
    one, two = (np.frombuffer(image.constBits(), np.uint8).astype(int) for image in (screen, elsewhere))
    assert 0.0 < np.abs(one - two).mean() < 1.0
    assert (np.abs(one - two) > 60).mean() < 0.01


@pytest.mark.parametrize(
    ("counts", "names"),
    [
        ([0], ["curves"]),
        ([32, 64, 24], ["curves"] * 3),
        ([400, 400], ["threads"] * 2),
        ([100_352, 8_192, 640], ["raster"] * 3),
        ([100_352, 8_192, 100], ["raster", "raster", "curves"]),
        ([10_000_000], ["raster"]),
    ],
)
def test_the_number_of_visible_edges_chooses_the_painter_of_every_span(counts, names):
    assert [row.name for row in edges.edge_painters(counts)] == names
    assert [row.most for row in edges.EDGE_PAINTERS] == sorted(row.most for row in edges.EDGE_PAINTERS)


@pytest.mark.parametrize("row", [row for row in edges.EDGE_PAINTERS if row.on_screen], ids=lambda row: row.name)
@pytest.mark.parametrize("kind", ["on_screen", "anywhere"])
def test_every_painter_of_vectors_draws_every_edge(qapp, picture, with_weights, row, kind):
    made = picture()
    made = with_weights(made, [np.full_like(weight, 9.0) for weight in made.weights])
    layout = arrange(made.sizes, Rect(0.0, 0.0, 900.0, 600.0))
    geometry = EdgeGeometry(layout)
    style = pens.edge_style(themes.LIGHT, nodes.node_ramp(themes.LIGHT), 1.0, 1.0, dashed=False)
    image = QImage(900, 600, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    strokes = [edges.Strokes(each, w, 1.0, style, row) for each, w in zip(geometry.spans, made.weights, strict=True)]
    edges.paint_edges(painter, strokes, on_screen=kind == "on_screen")
    painter.end()
    for layer, span in enumerate(layout.spans):
        for source, target in zip(span.rows.tolist(), span.columns.tolist(), strict=True):
            assert all(c.alpha() > 0 for c in along(image, layout, Edge(layer, source, target)))


def test_a_neurons_edges_are_those_that_come_in_and_an_inputs_those_that_leave(picture):
    geometry = EdgeGeometry(arrange((4, 8, 8, 3), Rect(0.0, 0.0, 900.0, 600.0)))
    layer, coming = geometry.touching(2, 5)
    span = geometry.spans[layer].span
    assert (layer, len(coming), set(span.columns[coming])) == (1, 8, {5})
    layer, leaving = geometry.touching(0, 1)
    span = geometry.spans[layer].span
    assert (layer, len(leaving), set(span.rows[leaving])) == (0, 8, {1})
    one = geometry.one(Edge(2, 7, 1))
    span = geometry.spans[2].span
    assert (span.rows[one], span.columns[one]) == (7, 1)
