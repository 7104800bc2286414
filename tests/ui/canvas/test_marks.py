import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from ui.canvas.camera import Neuron
from ui.canvas.edges import Edge


def image_of(view):
    return view.grab().toImage()


def pixels(view):
    image = image_of(view)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, :, :3].astype(int)


def changed(one, other):
    return np.abs(one - other).max(axis=2) > 12


def test_a_chosen_neuron_keeps_a_ring_and_nothing_else_changes(view, picture):
    shown = view(picture())
    before = pixels(shown)
    shown.show_chosen((1, 3), None)
    mask = changed(before, pixels(shown))
    ys, xs = np.nonzero(mask)
    place = shown.position(1, 3)
    radius = shown._page().layout.columns[1].radius
    distance = np.hypot(xs + 0.5 - place.x(), ys + 0.5 - place.y())
    assert len(xs) > 60
    assert radius - 2 < distance.min()
    assert distance.max() < radius + 8
    shown.show_chosen(None, None)
    assert not changed(before, pixels(shown)).any()


def test_a_chosen_edge_is_drawn_in_full_with_rings_around_its_ends(view, picture, with_weights):
    made = picture()
    weights = [weight.copy() for weight in made.weights]
    weights[1][2, 5] = 0.01
    shown = view(with_weights(made, weights))
    before = pixels(shown)
    shown.show_chosen(None, (1, 2, 5))
    after = pixels(shown)
    mask = changed(before, after)
    span = shown._page().layout.spans[1]
    edge = int(np.flatnonzero((span.rows == 2) & (span.columns == 5))[0])
    for part in (0.2, 0.5, 0.8):
        x = float(span.x[0] + part * (span.x[3] - span.x[0]))
        y = float(span.height(x)[0][edge])
        blue, _, red = after[int(y), int(x)]
        assert blue > red + 60
    for neuron in ((1, 2), (2, 5)):
        place, radius = shown.position(*neuron), shown._page().layout.columns[neuron[0]].radius
        assert mask[int(place.y()), int(place.x() + radius) : int(place.x() + radius) + 5].any()
    left, right = shown.position(1, 2).x(), shown.position(2, 5).x()
    outside = np.ones(mask.shape[1], bool)
    outside[int(left) - 40 : int(right) + 40] = False
    assert not mask[:, outside].any()


def test_what_other_views_point_at_is_ringed_without_a_card_and_the_choice_stays(view, picture):
    shown = view(picture())
    shown.show_chosen((2, 1), None)
    chosen = pixels(shown)
    shown.show_pointed((1, 6), None)
    mask = changed(chosen, pixels(shown))
    place = shown.position(1, 6)
    ys, xs = np.nonzero(mask)
    assert 0 < np.hypot(xs - place.x(), ys - place.y()).max() < 40
    shown.show_pointed(None, (0, 1, 1))
    assert changed(chosen, pixels(shown)).any()
    shown.show_pointed(None, None)
    assert not changed(chosen, pixels(shown)).any()


def test_the_choice_stays_when_the_pointer_and_the_focus_go(view, picture, qtbot):
    shown = view(picture())
    shown.neuron_clicked.connect(lambda layer, unit: shown.show_chosen((layer, unit), None))
    rest = pixels(shown)
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.position(1, 3).toPoint())
    qtbot.mouseMove(shown, shown.position(1, 3).toPoint())
    qtbot.mouseMove(shown, QPoint(5, 5))
    mask = changed(rest, pixels(shown))
    assert mask.any()
    assert mask.sum() < 1500  # a ring: no card, and no edge has stepped back


@pytest.mark.parametrize("marked", [((7, 0), None), ((1, 99), None), (None, (5, 0, 0)), (None, (0, 99, 0))])
def test_marks_of_another_network_are_not_drawn(view, picture, marked):
    shown = view(picture())
    before = pixels(shown)
    shown.show_chosen(*marked)
    shown.show_pointed(*marked)
    assert not changed(before, pixels(shown)).any()


def test_another_network_forgets_what_was_marked(view, picture):
    shown = view(picture((4, 8, 8, 3)))
    shown.set_picture(picture((4, 5, 3)))
    before = pixels(shown)
    shown.set_picture(picture((4, 8, 8, 3)))
    shown.show_chosen((1, 7), None)
    shown.set_picture(picture((4, 5, 3)))
    assert not changed(before, pixels(shown)).any()


def test_e_walks_through_a_neurons_edges_the_strongest_first_and_enter_asks_for_one(view, picture, qtbot):
    made = picture()
    shown = view(made)
    edges, inspected = [], []
    shown.edge_hovered.connect(lambda *edge: edges.append(edge))
    shown.inspected.connect(inspected.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(shown, key)
    unit = shown._walk.neuron.unit
    for _ in range(5):
        qtbot.keyClick(shown, Qt.Key.Key_E)
    sizes = np.abs(made.weights[0][:, unit] * made.activations[0])
    assert [edge[1] for edge in edges[:4]] == np.argsort(-sizes).tolist()
    assert edges[4] == edges[0]
    qtbot.keyClick(shown, Qt.Key.Key_E, Qt.KeyboardModifier.ShiftModifier)
    assert edges[5] == edges[3]
    with qtbot.waitSignal(shown.edge_clicked) as said:
        qtbot.keyClick(shown, Qt.Key.Key_Return)
    assert tuple(said.args) == edges[3]
    assert inspected == [True]


def test_an_inputs_edges_are_those_that_leave_it(view, picture, qtbot):
    shown = view(picture())
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    with qtbot.waitSignal(shown.edge_hovered) as said:
        qtbot.keyClick(shown, Qt.Key.Key_E)
    assert said.args[:2] == [0, 0]


def test_b_chooses_the_bias_of_a_walked_or_clicked_neuron(view, picture, qtbot):
    shown = view(picture())
    chosen = []
    shown.bias_clicked.connect(lambda *neuron: chosen.append(neuron))
    qtbot.keyClick(shown, Qt.Key.Key_B)
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    qtbot.keyClick(shown, Qt.Key.Key_B)
    assert chosen == []  # nothing yet, and an input has none
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.position(2, 4).toPoint())
    qtbot.keyClick(shown, Qt.Key.Key_B)
    assert chosen == [(2, 4)]


def test_escape_leads_from_the_edge_to_the_neuron_and_then_away(view, picture, qtbot):
    shown = view(picture())
    for key in (Qt.Key.Key_Right, Qt.Key.Key_E):
        qtbot.keyClick(shown, key)
    assert isinstance(shown._spoken_of(), Edge)
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert shown._spoken_of() == Neuron(0, 0)
    with qtbot.waitSignal(shown.hover_ended):
        qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert shown._spoken_of() is None


def test_edges_can_be_walked_where_most_neurons_are_folded_away(view, picture, qtbot):
    made = picture((784, 12, 3), class_names=("a", "b", "c"))
    weights = [weight.copy() for weight in made.weights]
    weights[0][400] = 50.0
    activations = list(made.activations)
    shown = view(dataclasses.replace(made, weights=tuple(weights), activations=tuple(activations)))
    shown.set_form(0, "column")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_E):
        qtbot.keyClick(shown, key)
    assert shown._spoken_of().source == 400
    assert not image_of(shown).isNull()


def test_the_tooltip_tells_the_keys(view, picture):
    for words in ("arrow keys", "E and Shift+E", "B chooses", "Enter explains"):
        assert words in view(picture()).toolTip()
