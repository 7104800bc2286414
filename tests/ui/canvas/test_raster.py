import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from ui import theme as themes
from ui.canvas import bundles, colour, edges, raster_drawing
from ui.canvas.act import Act, Scale
from ui.canvas.bundles import Lens
from ui.canvas.contrast import with_contrast
from ui.canvas.layout import Rect, arrange
from ui.canvas.look import Look
from ui.canvas.raster_drawing import Drawing, Lines, Part
from ui.canvas.raster_frames import RasterFrames
from ui.canvas.scene import Camera, Neuron, Scene

COLOURS = (0xFF000000 | (np.arange(256) * 0x010203)).astype(np.uint32)


def lines(width=1.4, weakest=0.0, dash=0.0):
    return Lines(COLOURS, np.full(256, width, np.float32), weakest, dash)


def one_span(left, right, values, look, lens=Lens(1.0, 0.0, 0.0, 1.0, 0, 0, 120, 90)):  # noqa: B008 - frozen
    span = arrange((left, right), Rect(0.0, 0.0, 120.0, 90.0), smallest_pitch=0.1).spans[0]
    return Drawing(lens, (Part(span, values, 1.0, look),))


def channels(pixels):
    return np.stack([pixels >> shift & 0xFF for shift in (24, 16, 8, 0)], -1).astype(int)


def by_hand(drawing):
    """Draw a picture with NumPy, pixel by pixel as the compiled function should."""
    lens, (part,) = drawing.lens, drawing.parts
    found = drawing.bundles(part)
    values = bundles.strengths(raster_drawing.shares(part), found, part.lines.weakest).ravel()
    shown = np.flatnonzero(~np.isnan(values))
    places = colour.places(values[shown], 1.0)
    order = np.argsort(np.abs(places - 127.5), kind="stable")
    starts, ends = bundles.line_ends(found, shown)
    out = np.zeros((lens.height, lens.width, 4))
    middles = np.arange(lens.height) + 0.5
    for line in order:
        rise = ends[line] - starts[line]
        heights, steep = starts[line] + rise * found.along, np.hypot(1.0, rise * found.slopes)
        width = part.lines.widths[places[line]]
        cover = 0.5 * max(width, 1.0) + 0.5 - np.abs(middles[:, None] - heights) / steep
        cover = np.clip(cover, 0.0, 1.0)[..., None] * min(width, 1.0)
        part_of = out[:, found.first : found.first + len(found.along)]
        part_of += (channels(part.lines.colours[places[line]]) - part_of) * cover
    return out


@pytest.mark.parametrize(("left", "right", "width"), [(5, 7, 1.4), (6, 3, 0.5), (90, 80, 3.0)])
def test_the_compiled_function_draws_what_is_drawn_by_hand(left, right, width):
    values = np.random.default_rng(1).normal(0.0, 0.5, (left, right)).astype(np.float32)
    drawing = one_span(left, right, values, lines(width))
    assert np.abs(channels(raster_drawing.drawn(drawing)) - by_hand(drawing)).max() <= (5 if left < 50 else 40)


def test_what_is_not_finite_is_drawn_and_does_not_spoil_the_others():
    values = np.array([[np.nan, np.inf], [-np.inf, 1e-3]])
    found = channels(raster_drawing.drawn(one_span(2, 2, values, lines(3.0))))
    opaque = {tuple(pixel[1:]) for pixel in found.reshape(-1, 4) if pixel[0] == 255}
    assert {tuple(channels(COLOURS[place])[1:]) for place in (0, 255)} <= opaque


def test_hidden_edges_are_not_drawn():
    values = np.array([[0.9, 0.1], [0.1, 0.1]])
    all_of_them = raster_drawing.drawn(one_span(2, 2, values, lines()))
    strong = raster_drawing.drawn(one_span(2, 2, values, lines(weakest=0.2)))
    none = raster_drawing.drawn(one_span(2, 2, values, lines(weakest=0.95)))
    assert (all_of_them != 0).sum() > 2 * (strong != 0).sum() > 0
    assert not none.any()


def test_negative_lines_are_dashed_where_that_is_wanted():
    for sign, gaps in ((-0.9, True), (0.9, False)):
        found = raster_drawing.drawn(one_span(1, 1, np.array([[sign]]), lines(dash=9.0)))
        drawn = (found != 0).any(0)
        inside = drawn[np.flatnonzero(drawn)[0] : np.flatnonzero(drawn)[-1]]
        assert bool((~inside).any()) == gaps


def test_layers_from_top_to_bottom_are_the_same_picture_turned():
    values = np.random.default_rng(2).normal(0.0, 0.5, (40, 70))
    level = one_span(40, 70, values, lines(2.0))
    upright = dataclasses.replace(level, lens=Lens(1.0, 0.0, 0.0, 1.0, 0, 0, 90, 120, upright=True))
    assert np.array_equal(raster_drawing.drawn(upright), raster_drawing.drawn(level).T)


# -- in the picture ---------------------------------------------------------------------------------------------------


def large(picture, with_weights, weight=None, *, slow=False):
    made = picture((60, 60, 40) if slow is False else (150, 150, 40), title="")
    return made if weight is None else with_weights(made, [np.full_like(w, weight) for w in made.weights])


def painted(picture, *, ratio=1.0, look=Look(), camera=Camera(), theme=themes.DARK, lit=None):  # noqa: B008 - frozen
    scene = Scene(theme)
    scene.picture, scene.look, scene.camera, scene.buttons = picture, look, camera, False
    image = QImage(round(900 * ratio), round(600 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    page, _ = scene.page(Rect(0.0, 0.0, 900.0, 600.0), 13.0)
    scene.paint_still(painter, page)
    scene.paint_live(painter, page, lit, sprites=True)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., 2::-1]
    return pixels.astype(int), scene, page


def between_layers(pixels, page, ratio=1.0, layer=0):
    """Return the pixels in the middle between two layers: there are only edges."""
    span = page.layout.spans[layer]
    middle = 0.5 * (span.x[0] + span.x[3])
    rect = page.network
    left, right = round((middle - 40) * ratio), round((middle + 40) * ratio)
    return pixels[round((rect.y + 0.3 * rect.height) * ratio) : round((rect.y + 0.7 * rect.height) * ratio), left:right]


@pytest.mark.parametrize(("weight", "stronger", "weaker"), [(0.9, 2, 0), (-0.9, 0, 2)])
@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=["dark", "light"])
def test_bundles_have_the_colour_of_their_sign(qapp, picture, with_weights, theme, weight, stronger, weaker):
    pixels, scene, page = painted(large(picture, with_weights, weight), theme=theme)
    assert "raster" in {row.name for row in scene.edges.rows(scene.sheet(page))[0]}
    found = between_layers(pixels, page)
    assert (found[..., stronger] - found[..., weaker]).mean() > 60


def test_random_weights_do_not_turn_grey(qapp, picture, with_weights):
    pixels, _, page = painted(with_contrast(large(picture, with_weights), None))
    found = between_layers(pixels, page)
    tint = found[..., 2] - found[..., 0]
    assert (tint > 50).mean() > 0.2
    assert (tint < -20).mean() > 0.05


@pytest.mark.parametrize("ratio", [1.5, 2.0])
def test_on_finer_screens_lines_have_the_detail_of_the_screen(qapp, picture, with_weights, ratio):
    made = with_weights(large(picture, with_weights), [np.zeros((60, 60)), np.zeros((60, 40))])
    made.weights[0][::15, ::15] = 0.9
    look = Look(weakest=0.5)
    coarse, _, page = painted(made, look=look)
    fine, _, _ = painted(made, ratio=ratio, look=look)
    assert fine.shape[:2] == (round(600 * ratio), round(900 * ratio))
    share = [
        (between_layers(each, page, of)[..., 2] > between_layers(each, page, of)[..., 0] + 40).mean()
        for each, of in ((coarse, 1.0), (fine, ratio))
    ]
    assert 0.5 < share[1] / share[0] < 1.4  # as much of the picture, and not magnified:
    columns = between_layers(fine, page, ratio)
    assert (columns[:, ::2][:, : columns.shape[1] // 2] != columns[:, 1::2][:, : columns.shape[1] // 2]).any()


def test_the_picture_says_what_it_summarises_until_it_shows_single_edges(qapp, picture, with_weights):
    made = large(picture, with_weights)
    _, scene, page = painted(made)
    assert "bundles" in scene.summary(page)[0]
    scene.camera = Camera(30.0, -9000.0, -9000.0)
    assert scene.summary(page) == ()
    _, small, little = painted(picture())
    assert small.summary(little) == ()


def test_a_neurons_strongest_edges_stand_out_and_the_others_step_back(qapp, picture, with_weights):
    made = large(picture, with_weights, 0.9)
    rest, scene, page = painted(made)
    lit, _, _ = painted(made, lit=Neuron(1, 7))
    assert between_layers(lit, page, layer=1).mean() < between_layers(rest, page, layer=1).mean()
    span, some = scene.edges.meant(scene.sheet(page), 1, 7)
    columns = page.layout.spans[span].columns[some]
    assert (span, set(columns.tolist())) == (0, {7})


def test_slow_motion_shows_its_values_and_the_layers_before_them_step_back(qapp, picture, with_weights):
    made = large(picture, with_weights, 0.9)
    values = tuple(np.full(weight.shape, -1.0) for weight in made.weights)
    told = dataclasses.replace(made, act=Act(edge_values=values, edge_scale=Scale("w·a", 1.0), edges_from=1))
    assert told.first_told == 1
    before, _, page = painted(made)
    now, _, _ = painted(told)
    assert between_layers(now, page).mean() < between_layers(before, page).mean()
    tint = between_layers(now, page, layer=1)
    assert (tint[..., 0] - tint[..., 2]).mean() > 60


def test_until_the_function_is_there_the_strongest_bundles_are_drawn_as_threads(
    qapp, picture, with_weights, monkeypatch
):
    monkeypatch.setattr(raster_drawing, "ready", lambda: False)
    made = large(picture, with_weights, 0.9)
    scene = Scene(themes.DARK)
    scene.picture, scene.buttons = made, False
    scene.edges.frames = RasterFrames(qapp, lambda: None)
    image = QImage(900, 600, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    scene.paint(painter, QRectF(0, 0, 900, 600))
    painter.end()
    page, _ = scene.page(Rect(0.0, 0.0, 900.0, 600.0), 13.0)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(600, 900, 4)[..., 2::-1].astype(int)
    found = between_layers(pixels, page)
    assert (found[..., 2] - found[..., 0]).mean() > 20
    assert "strongest until" in scene.summary(page)[0]


def test_in_a_window_edges_are_drawn_beside_it_and_painted_when_they_are_there(view, picture, with_weights, qtbot):
    shown = view(large(picture, with_weights, 0.9, slow=True), 900, 600)
    raster_drawing.kernel()
    qtbot.waitUntil(lambda: not shown.drawing and shown._scene.edges.frames.shown is not None)
    first = shown._scene.edges.frames.shown
    other = large(picture, with_weights, -0.9, slow=True)
    shown.set_picture(other)
    assert shown.drawing
    qtbot.waitUntil(lambda: not shown.drawing)
    assert shown._scene.edges.frames.shown is not first
    assert shown._scene.edges.frames.shown.drawing.parts[0].values is other.weights[0]
    shown.zoom_by(3.0)
    shown.repaint()  # the old picture, moved
    assert shown.drawing
    qtbot.waitUntil(lambda: not shown.drawing)
    assert shown._scene.edges.frames.shown.drawing.lens.zoom == 3.0


def test_a_row_of_another_choice_needs_no_new_edges(view, picture, with_weights, qtbot):
    made = large(picture, with_weights, 0.9)
    shown = view(made, 900, 600)
    raster_drawing.kernel()
    qtbot.waitUntil(lambda: not shown.drawing and shown._scene.edges.frames.shown is not None)
    shown.set_picture(dataclasses.replace(made, activations=tuple(a + 0.1 for a in made.activations)))
    assert not shown.drawing


def test_every_row_of_the_table_draws(qapp, picture, with_weights):
    for sizes, name in (((4, 8, 3), "curves"), ((20, 25, 10), "threads"), ((60, 60, 40), "raster")):
        made = picture(sizes, title="")
        pixels, scene, page = painted(with_weights(made, [np.full_like(w, 0.9) for w in made.weights]))
        assert {row.name for row in scene.edges.rows(scene.sheet(page))[0]} == {name}
        found = between_layers(pixels, page)
        assert ((found[..., 2] - found[..., 0]) > 60).mean() > 0.02
    assert {row.name for row in edges.EDGE_PAINTERS} == {"curves", "threads", "raster"}
