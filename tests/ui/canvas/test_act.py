import dataclasses
import html
import re

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtSvg import QSvgGenerator

from ui import theme as themes
from ui.canvas import gauge, plate
from ui.canvas.act import GRADIENT, Act, Filling, Flow, LossTable, Scale, Term
from ui.canvas.filling import filling_card, running_sum
from ui.canvas.layout import Rect
from ui.canvas.outcome import outcome_boxes
from ui.canvas.page import divide
from ui.canvas.scene import Scene

WHERE = Rect(0.0, 0.0, 1000.0, 700.0)
SHAPES = [(1000, 700), (560, 420), (1600, 1000)]
NETS = [(4, 8, 8, 3), (4, 8, 8, 1), (64, 32, 16, 10)]
HEADS = ("ŷ", "y", "|ŷ − y|", "loss term")


def painted(picture, theme=themes.DARK):
    scene = Scene(theme)
    scene.picture = picture
    image = QImage(1000, 700, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    scene.paint(painter, QRectF(0, 0, 1000, 700))
    painter.end()
    return image


def written(picture):
    """Return every text of a picture, as a vector file has it."""
    scene = Scene(themes.LIGHT)
    scene.picture = picture
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(1000, 700))
    generator.setViewBox(QRect(0, 0, 1000, 700))
    painter = QPainter(generator)
    scene.paint(painter, QRectF(0, 0, 1000, 700))
    painter.end()
    source = bytes(buffer.data().data()).decode()
    assert "<image" not in source
    return [html.unescape(text).strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", source)]


def acting(picture, **settings):
    return dataclasses.replace(picture, act=Act(**settings))


def named(picture, sizes):
    classes = {"class_names": tuple(f"class {n}" for n in range(sizes[-1]))} if sizes[-1] > 1 else {
        "target_name": "price", "value": 12.5, "truth": 13.0
    }  # fmt: skip
    return picture(sizes, **({} if sizes == (4, 8, 8, 3) else classes))


def filling(picture, layer=1, unit=2, share=0.5):
    weights, inputs = picture.weights[layer - 1][:, unit], picture.activations[layer - 1]
    terms = [Term(f"term {i}", "w × a", float(w * a)) for i, (w, a) in enumerate(zip(weights, inputs, strict=True))]
    terms.append(Term("bias b", "", float(picture.biases[layer - 1][unit])))
    return Filling(layer, unit, tuple(terms), share, "a = tanh(z)", float(picture.activations[layer][unit]))


def loss(picture, share=1.0):
    names = [picture.name(len(picture.sizes) - 1, unit) for unit in range(picture.sizes[-1])]
    rows = tuple((name, (0.3 + 0.01 * i, float(i == 0), 0.4, 0.478 / (i + 1))) for i, name in enumerate(names))
    return LossTable(HEADS, rows, "L = −log 0.62 = 0.478", share)


def ground_of(theme):
    top, bottom = theme.color("canvas_top"), theme.color("canvas_bottom")
    return [(a + b) / 2 for a, b in zip(top.getRgb()[:3], bottom.getRgb()[:3], strict=True)]


def box_of(column, place):
    return QRectF(
        column.xs[place] - column.radius, column.y[place] - column.radius, 2.0 * column.radius, 2.0 * column.radius
    )  # fmt: skip


# -- what is not there yet ----------------------------------------------------------------------------------------


def test_a_neuron_that_is_not_revealed_has_no_number(qapp, picture):
    made = picture()
    numbers = [f"{value:.2f}".replace("-", "−") for value in made.activations[1]]
    texts = written(acting(made, revealed=(4.0, 5.0, 0.0, 0.0), outcome=False))
    assert texts.count("8 × tanh") == 2
    assert all(number in texts for number in numbers[:5])
    assert sum(bool(re.fullmatch(r"−?\d\.\d\d", text)) for text in texts) == 4 + 5


def test_a_neuron_that_is_not_revealed_does_not_tell_its_value_by_colour(qapp, picture):
    made, images = picture(), []
    for value in (-1.0, 1.0):
        activations = [array.copy() for array in made.activations]
        activations[2][:] = value
        changed = dataclasses.replace(made, activations=tuple(activations))
        images.append((painted(acting(changed, revealed=(4, 8, 0, 3))), painted(changed)))
    assert images[0][0] == images[1][0]
    assert images[0][1] != images[1][1]


def test_a_neuron_comes_in_softly(qapp, picture):
    made = picture()
    page = divide(made, WHERE)
    column = page.layout.columns[1]
    at = round(column.x), round(column.y[3] + 0.6 * column.radius)
    seen = [painted(acting(made, revealed=(4, shown, 8, 3))).pixelColor(*at).getRgb() for shown in (3, 3.5, 4)]
    for empty, half, full in zip(*seen, strict=True):
        assert abs(half - 0.5 * (empty + full)) <= 3
    assert seen[0] != seen[2]


def test_before_the_outcome_there_are_names_and_nothing_else(qapp, picture):
    made = dataclasses.replace(picture(), actual=1)
    texts = written(acting(made, outcome=False))
    assert {"Adelie", "Chinstrap", "Gentoo"} <= set(texts)
    assert not [text for text in texts if "%" in text or "predicted" in text or "true" in text]
    other = dataclasses.replace(made, probabilities=(0.1, 0.8, 0.1), predicted=1, actual=2)
    assert painted(acting(made, outcome=False)) == painted(acting(other, outcome=False))


def test_before_the_outcome_a_value_has_only_its_name(qapp, picture):
    made = named(picture, (4, 8, 8, 1))
    assert "12.5" in written(made)
    texts = written(acting(made, outcome=False))
    assert "price" in texts
    assert "12.5" not in texts


def test_an_act_for_another_network_is_not_shown(qapp, picture):
    made = picture()
    for act in (
        Act(revealed=(1.0, 2.0)), Act(flow=Flow(1, np.ones((4, 8)), 0.5)), Act(flow=Flow(7, np.ones((8, 8)), 0.5)),
        Act(lit=(2, 99)), Act(edge_values=(np.ones((4, 8)),)), Act(node_values=(None, np.ones(3), None, None)),
    ):  # fmt: skip
        assert painted(dataclasses.replace(made, act=act)) == painted(made)


# -- other values than weights and activations --------------------------------------------------------------------


def gradients(made, **settings):
    edges = tuple(np.full_like(weight, 0.02) for weight in made.weights)
    nodes = (None, None, np.full(8, 0.004), np.full(3, -0.01))
    return acting(
        made, edge_values=edges, edge_scale=Scale("Gradient ∂L/∂w", 0.02, GRADIENT), node_values=nodes,
        node_scale=Scale("Gradient by z", 0.05, GRADIENT), **settings,
    )  # fmt: skip


def test_the_legend_names_what_the_colours_stand_for_and_where_they_end(qapp, picture):
    rest, told = written(picture()), written(gradients(picture()))
    assert {"Weight", "Activation"} <= set(rest)
    assert {"Gradient ∂L/∂w", "0.02", "−0.02", "Gradient by z", "0.05"} <= set(told)
    assert not {"Weight", "Activation"} & set(told)


def test_neurons_show_the_acts_values_and_are_empty_where_it_has_none(qapp, picture):
    texts = written(gradients(picture()))
    assert texts.count("4e−3") == 8
    assert texts.count("−0.01") == 3
    assert not [text for text in texts if re.fullmatch(r"−?0\.[1-9]\d", text)]


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=["dark", "light"])
def test_gradients_are_green_and_violet_and_weights_before_them_faded(qapp, picture, with_weights, theme):
    made = with_weights(picture(), [np.full_like(weight, 9.0) for weight in picture().weights])
    image = painted(gradients(made, edges_from=1), theme)
    page = divide(made, WHERE, buttons=True)
    seen = []
    for span in page.layout.spans:
        x = float(span.x[0] + 0.06 * (span.x[3] - span.x[0]))
        edge = int(np.abs(span.end - span.start).argmin())
        colour = image.pixelColor(round(x), round(float(span.height(x)[0][edge]) - 0.5))
        seen.append(colour)
    assert seen[2].green() > seen[2].blue() + 20
    assert seen[2].green() > seen[2].red() + 40
    span, level = page.layout.spans[1], round(float(page.layout.columns[1].y[0]) - 0.5)
    at = round(0.5 * float(span.x[0] + span.x[3])), level  # the straight edge at the top
    full, faded = (np.array(shown.pixelColor(*at).getRgb()[:3]) for shown in (painted(made, theme), image))
    ground = np.array(ground_of(theme))
    assert 5 < np.abs(faded - ground).sum() < 0.6 * np.abs(full - ground).sum()
    assert faded[2] > faded[0]


# -- a sum that fills ---------------------------------------------------------------------------------------------


def test_terms_come_in_one_by_one_and_the_result_when_all_are_in(picture):
    made = picture()
    whole = filling(made)
    card = filling_card(made, dataclasses.replace(whole, share=0.5))
    assert [bool(row.value) for row in card.rows] == [True, True, True, False, False]
    assert card.rows[2].share == pytest.approx(
        0.5 * filling_card(made, dataclasses.replace(whole, share=1.0)).rows[2].share
    )
    assert card.results[0][0] == "z so far"
    assert card.results[1] == ("a = tanh(z)", "")
    values = [term.value for term in whole.terms]
    assert running_sum(dataclasses.replace(whole, share=0.5)) == pytest.approx(values[0] + values[1] + 0.5 * values[2])
    done = filling_card(made, dataclasses.replace(whole, share=1.0))
    assert float(done.results[0][1].replace("−", "-")) == pytest.approx(sum(values), abs=6e-4)
    assert float(done.results[1][1].replace("−", "-")) == pytest.approx(np.tanh(sum(values)), abs=6e-4)


def test_of_many_terms_the_strongest_have_rows_and_the_others_one(picture):
    made = picture((64, 32, 3), class_names=("a", "b", "c"))
    whole = filling(made, share=1.0)
    card = filling_card(made, whole)
    assert len(card.rows) == 7 + 1 + 1
    assert card.rows[-2].label == "57 others"
    assert card.rows[-1].label == "bias b"
    total = sum(float(row.value.replace("−", "-")) for row in card.rows)
    assert total == pytest.approx(sum(term.value for term in whole.terms), abs=0.01)


@pytest.mark.parametrize("sizes", NETS, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_card_of_a_sum_stays_inside_and_leaves_its_neuron_free(qapp, picture, shape, sizes):
    made = named(picture, sizes)
    page = divide(made, Rect(0.0, 0.0, *map(float, shape)))
    for layer in (1, 2, 3):
        for unit in (0, made.sizes[layer] - 1):
            places = [
                gauge.sum_place(page, made, filling(made, layer, unit, share), QTransform())
                for share in (0.0, 0.4, 1.0)
            ]
            box = places[0].box
            assert all(place.box == box for place in places)
            assert QRectF(0, page.network.y - 5, shape[0], shape[1]).contains(box)
            column = page.layout.columns[layer]
            assert not box.intersects(box_of(column, column.place(unit)))


def test_the_ring_of_a_sum_goes_round_as_it_fills(qapp, picture):
    made = picture()
    page = divide(made, WHERE)
    column = page.layout.columns[1]
    radius = column.radius + 4.0
    reached = []
    for share in (0.0, 0.3, 0.6, 0.95):
        act = Act(revealed=(4, 0, 0, 0), fillings=(filling(made, 1, 2, share), filling(made, 1, 5, share)))
        image = painted(dataclasses.replace(made, act=act))
        angles = np.linspace(0.02, 0.98, 60) * 2.0 * np.pi
        colours = [
            image.pixelColor(
                int(column.x + radius * np.sin(angle)), int(column.y[2] - radius * np.cos(angle))
            ).saturation()
            for angle in angles
        ]
        reached.append(np.mean(np.array(colours) > 110))
    np.testing.assert_allclose(reached, [0.0, 0.3, 0.6, 0.95], atol=0.08)


def test_an_empty_neuron_that_fills_shows_the_sum_so_far(qapp, picture):
    made = picture()
    share = 0.5
    act = Act(revealed=(4, 0, 0, 0), fillings=(filling(made, 1, 2, share), filling(made, 1, 3, share)))
    texts = written(dataclasses.replace(made, act=act))
    for unit in (2, 3):
        assert f"{running_sum(filling(made, 1, unit, share)):.2f}".replace("-", "−") in texts


def test_of_several_sums_the_lit_ones_card_is_shown(qapp, picture):
    made = picture()
    both = filling(made, 1, 2), filling(made, 1, 3)
    assert gauge.told(dataclasses.replace(made, act=Act(fillings=both))) is None
    assert gauge.told(dataclasses.replace(made, act=Act(fillings=both, lit=(1, 3)))) is both[1]
    assert gauge.told(dataclasses.replace(made, act=Act(fillings=both[:1]))) is both[0]


def test_the_lit_neuron_is_ringed(qapp, picture):
    made = picture()
    page = divide(made, WHERE)
    column = page.layout.columns[2]
    at = round(column.x + column.radius + 7.0), int(column.y[4])
    plain, lit = painted(made), painted(acting(made, lit=(2, 4)))
    accent = themes.DARK.color("accent")
    assert abs(lit.pixelColor(*at).blue() - accent.blue()) < 60
    assert lit.pixelColor(*at).blue() > plain.pixelColor(*at).blue() + 60


# -- the loss -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [13.0, 19.5], ids=["usual font", "font of 150 %"])
@pytest.mark.parametrize("sizes", NETS, ids=str)
@pytest.mark.parametrize("shape", [*SHAPES, (420, 400), (800, 520)], ids=str)
def test_the_table_of_the_loss_covers_no_label_and_no_neuron(qapp, picture, shape, sizes, base):
    made = named(picture, sizes)
    page = divide(made, Rect(0.0, 0.0, *map(float, shape)), base)
    table = plate.plan(page, made, loss(made))
    box = QRectF(*table.box)
    assert QRectF(0, 0, *shape).contains(box)
    for column in page.layout.columns[1:]:
        assert not any(box.intersects(box_of(column, place)) for place in range(len(column.y)))
    if table.covering < 1.0:
        assert table.covering == 0.0
        assert not any(box.intersects(QRectF(*label)) for label in outcome_boxes(page, made))
    else:  # the labels are not drawn: the table has them
        names = {row[0] for row in loss(made).rows}
        assert len(names & set(table.names)) >= min(2, len(names))


def test_the_table_has_every_figure_and_the_total_below(qapp, picture):
    made = picture()
    texts = written(acting(made, loss=loss(made)))
    assert set(HEADS) <= set(texts)
    assert {"0.300", "0.310", "0.320", "0.478", "0.239", "L = −log 0.62 = 0.478"} <= set(texts)


def test_where_rows_do_not_fit_the_strongest_stay_and_the_others_are_added_up(qapp, picture):
    made = picture((4, 8, 40), class_names=tuple(f"class {n}" for n in range(40)))
    page = divide(made, Rect(0.0, 0.0, 560.0, 420.0))
    table = plate.plan(page, made, loss(made))
    assert table.names[0] == "class 0"
    assert table.names[-1].endswith(" others")
    hidden = int(table.names[-1].split()[0])
    assert hidden + len(table.names) - 1 == 40


@pytest.mark.parametrize(("share", "there"), [(0.0, 0), (0.21, 1), (0.41, 2), (0.61, 3), (0.81, 4), (1.0, 5)])
def test_columns_of_the_table_come_one_by_one_and_the_total_last(qapp, picture, share, there):
    made = picture()
    table = plate.plan(divide(made, WHERE), made, loss(made, share))
    assert [table.opacity(column) >= 1.0 for column in range(5)] == [column < there for column in range(5)]


def test_where_the_table_begins_nothing_jumps(qapp, picture):
    made = picture()
    assert painted(acting(made, loss=loss(made, 0.0))) == painted(made)


# -- bad numbers --------------------------------------------------------------------------------------------------


def test_an_act_without_a_finite_number_is_still_drawn(qapp, picture):
    made = picture()
    terms = tuple(Term("x", "NaN × NaN", float("nan")) for _ in range(4))
    act = Act(
        revealed=(4, 2.5, 0, 0), outcome=False, flow=Flow(0, np.full((4, 8), np.nan), 0.5),
        fillings=(Filling(1, 2, terms, 0.6, "a = tanh(z)", None),),
        loss=LossTable(HEADS, (("Adelie", (float("nan"),) * 4),), "L = NaN", 1.0),
        edge_values=tuple(np.full_like(weight, np.inf) for weight in made.weights), lit=(1, 2),
    )  # fmt: skip
    assert "NaN" in written(dataclasses.replace(made, act=act))
