"""The history of a weight or a neuron, drawn from the record."""

import numpy as np
import pytest

from simulator.explain import place_of


@pytest.fixture
def panel(guest):
    guest.window.docks["history"].show()
    guest.window.docks["history"].raise_()
    guest.advance_to(30)
    return guest.window.panels["history"]


def test_nothing_selected_says_what_to_do(panel):
    assert panel.title.text().startswith("Click a neuron or an edge")


def test_a_weights_history_ends_at_its_present_value(guest, panel):
    guest.window.selection.choose_edge((1, 2, 3))
    guest.wait(lambda: panel.trace is not None and panel.plot is not None and len(panel.plot.lines) == 1)
    place = place_of(guest.bridge.network, 1, 2, 3)
    assert panel.trace.places == (place,)
    assert panel.trace.values[-1, 0] == guest.parameters[place]
    assert np.isfinite(panel.trace.gradients).all()
    x, y = panel.plot.lines[0][0].getData()
    assert np.array_equal(x, panel.trace.epochs)
    assert np.array_equal(y, panel.trace.values[:, 0])


def test_a_neuron_shows_its_bias_and_its_weights(guest, panel):
    guest.window.selection.choose_neuron((1, 4))
    guest.wait(lambda: panel.plot is not None and len(panel.plot.lines) == 5)
    assert panel._names[0] == "bias"
    assert panel._names[1].startswith("w of ")
    assert not panel.plot.grab().isNull()


def test_it_follows_what_is_trained_and_a_click_goes_back(guest, panel):
    guest.window.selection.choose_edge((0, 0, 0))
    guest.wait(lambda: panel.trace is not None and panel.plot is not None)
    guest.advance_to(45)
    guest.wait(lambda: panel.trace.epochs[-1] == 45)
    panel.plot.sought.emit(12)
    guest.wait(lambda: guest.epoch == 12)
    assert panel.trace.epochs[-1] == 45, "the whole branch stays in sight"
    assert panel.plot._now[0].value() == 12


def test_an_input_has_no_history(guest, panel):
    guest.window.selection.choose_neuron((0, 1))
    guest.pass_time(0.1)
    assert panel.trace is None
    assert panel.title.text().startswith("Click")
