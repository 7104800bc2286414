import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from ui.canvas import keyboard, speech
from ui.canvas.act import GRADIENT, Act, Scale


@pytest.fixture
def lesson(picture):
    """A network whose numbers are round, so that sentences can be written down."""
    made = picture((4, 3, 3))
    weights = np.zeros((4, 3))
    weights[:, 2] = (0.25, -0.5, 1.6, 0.1)
    activations = (made.activations[0], np.array([-0.25, 0.0, 0.62]), np.array([0.08, 0.005, 0.918]))
    outputs = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 2.0, -4.0]])
    return dataclasses.replace(
        made, weights=(weights, outputs), activations=activations, probabilities=(0.08, 0.005, 0.918), predicted=2
    )


@pytest.mark.parametrize(
    ("layer", "unit", "sentence"),
    [
        (0, 2, "flipper length, 217 mm, standardised 1.1"),
        (1, 2, "hidden 1, neuron 3, activation 0.62, strongest input flipper length plus 1.8"),
        (1, 0, "hidden 1, neuron 1, activation minus 0.25, strongest input bill length plus 0.00"),
        (2, 2, "output Gentoo, probability 91.8 %, strongest input hidden 1, neuron 3 minus 2.5"),
    ],
)
def test_a_neuron_is_one_sentence(lesson, layer, unit, sentence):
    assert speech.neuron_sentence(lesson, layer, unit) == sentence


@pytest.mark.parametrize(
    ("edge", "at", "sentence"),
    [
        ((0, 2, 2), (1, 2), "weight 1.6 from flipper length, carries plus 1.8"),
        ((0, 2, 2), (0, 2), "weight 1.6 to hidden 1, neuron 3, carries plus 1.8"),
        ((1, 2, 2), (2, 2), "weight minus 4.0 from hidden 1, neuron 3, carries minus 2.5"),
    ],
)
def test_an_edge_is_one_sentence(lesson, edge, at, sentence):
    assert speech.edge_sentence(lesson, edge, at) == sentence


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.623, "0.62"), (-1.84, "minus 1.8"), (12.4, "12"), (0.0, "0.00"), (1234.0, "1,234"),
     (3.2e-9, "3.2 times ten to the minus 9"),
     (float("nan"), "not a number"), (float("-inf"), "minus infinity")],
)  # fmt: skip
def test_a_number_is_said_with_two_digits(value, words):
    assert speech.spoken(value) == words


def test_a_neuron_that_slow_motion_has_not_reached_is_not_told(lesson):
    waiting = dataclasses.replace(lesson, act=Act(revealed=(4, 2, 0), outcome=False))
    assert speech.neuron_sentence(waiting, 1, 2) == "hidden 1, neuron 3, still empty"
    assert speech.neuron_sentence(waiting, 1, 1).startswith("hidden 1, neuron 2, activation")
    assert "Predicted" not in speech.overview(waiting)


def test_what_a_neuron_shows_is_what_is_said(lesson):
    act = Act(node_values=(None, np.array([0.0, 0.0, -0.02]), None), node_scale=Scale("gradient", 0.1, GRADIENT))
    assert (
        speech.neuron_sentence(dataclasses.replace(lesson, act=act), 1, 2) == "hidden 1, neuron 3, gradient minus 0.020"
    )


def test_without_a_row_an_edge_carries_nothing(picture):
    assert "carries" not in speech.edge_sentence(picture(row=None), (0, 1, 2))
    assert speech.neuron_sentence(picture(row=None), 1, 2) == "hidden 1, neuron 3"


def test_a_diverged_network_is_told_too(lesson):
    broken = dataclasses.replace(lesson, weights=tuple(np.full_like(weight, np.nan) for weight in lesson.weights))
    assert speech.neuron_sentence(broken, 1, 2) == "hidden 1, neuron 3, activation 0.62"
    assert speech.edge_sentence(broken, (0, 2, 2)) == "weight not a number from flipper length, carries not a number"


def test_every_step_by_key_is_announced_and_stays_the_description(view, lesson, qtbot, monkeypatch):
    heard = []
    monkeypatch.setattr(
        keyboard.QAccessible, "updateAccessibility", lambda event: heard.append(event.message()), raising=False
    )
    shown = view(lesson)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_E):
        qtbot.keyClick(shown, key)
    assert heard[-2:] == [
        "hidden 1, neuron 3, activation 0.62, strongest input flipper length plus 1.8",
        "weight 1.6 from flipper length, carries plus 1.8",
    ]
    assert shown.accessibleDescription() == heard[-1]
    assert QAccessible is keyboard.QAccessible


def test_an_older_qt_that_cannot_announce_still_describes(view, lesson, qtbot, monkeypatch):
    monkeypatch.setattr(keyboard, "QAccessibleAnnouncementEvent", None)
    shown = view(lesson)
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert shown.accessibleDescription() == "bill length, 48.4 mm, standardised 0.81"
