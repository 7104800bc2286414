"""Two moments are compared: side by side, as the difference of their weights, and in figures."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QInputDialog

from simulator.engines.passes import forward
from simulator.spec import Rule
from ui.panels.compare import ComparePanel
from ui.panels.compare_bar import BESIDE, DIFFERENCE, FIGURES, OTHER_EPOCH
from ui.selection import Pointed

_NO_KEYS = Qt.KeyboardModifier.NoModifier


def panel_of(guest) -> ComparePanel:
    return guest.window.panels["compare"]


def opened(guest) -> ComparePanel:
    guest.window.show_panel("compare")
    dock = guest.window.docks["compare"]
    dock.setFloating(True)
    dock.resize(1300, 760)
    return panel_of(guest)


def settle(guest) -> None:
    """Wait until the panel shows the present moment, with its answers."""
    panel = panel_of(guest)
    guest.wait(
        lambda: (
            not panel._stale
            and panel.view is not None
            and panel.view._snapshot is guest.bridge.snapshot
            and (panel._job is None or not panel._job.running)
        )
    )


def offers(panel) -> list[str]:
    return [panel.bar.chooser.itemText(nth) for nth in range(panel.bar.chooser.count())]


def choose(guest, text: str) -> None:
    panel = panel_of(guest)
    nth = next(nth for nth, name in enumerate(offers(panel)) if name.startswith(text))
    panel.bar.chooser.setCurrentIndex(nth)
    panel.bar.chooser.activated.emit(nth)


def table_of(panel) -> dict[str, tuple[str, str]]:
    table = panel.view.table
    text = [[table.item(row, column).text() for column in range(3)] for row in range(table.rowCount())]
    return {what: (then, now) for what, then, now in text}


@pytest.fixture
def kept(guest):
    """A window that kept epoch 3, trained on to epoch 9, and shows the comparison."""
    panel = opened(guest)
    guest.advance_to(3)
    guest.trigger("keep_moment")
    guest.then = guest.bridge.snapshot
    guest.advance_to(9)
    settle(guest)
    assert panel.then.name == "epoch 3 of run 1"
    return guest


def test_before_a_moment_is_kept_the_panel_says_what_to_do(guest):
    panel = opened(guest)
    guest.wait(lambda: "Ctrl+Shift+K" in panel.note.text())
    assert panel.stack.currentIndex() == 0
    assert offers(panel)[0] == "start weights of run 1"
    assert not panel.bar.remove.isEnabled()


def test_the_difference_is_that_of_the_weights_to_the_last_digit(kept):
    panel, now = panel_of(kept), kept.bridge.snapshot
    shown = panel.view.sides["difference"].view.picture
    for layer, (one, other) in enumerate(zip(kept.then.layers, now.layers, strict=True)):
        values, scale = shown.edge_numbers(layer)
        assert np.array_equal(values, np.float64(other.weight) - np.float64(one.weight))
        assert scale.name == "w now − w then"
    inputs = kept.window.selection.chosen.inputs[None, :]
    one, other = (forward(each.network, each.layers, inputs) for each in (kept.then, now))
    assert np.allclose(shown.node_numbers(1), (other.inputs[1] - one.inputs[1])[0])
    assert np.allclose(shown.node_numbers(3), (other.outputs - one.outputs)[0])
    assert shown.scales[1].name == "a now − a then"
    assert shown.node_numbers(0) is None


def test_side_by_side_the_same_row_goes_through_both_on_the_same_scales(kept):
    panel = panel_of(kept)
    panel.turn(BESIDE)
    settle(kept)
    then, now = (panel.view.sides[name].view.picture for name in ("then", "now"))
    assert np.array_equal(then.activations[0], now.activations[0])
    assert then.scales == now.scales
    assert np.array_equal(then.weights[0], kept.then.layers[0].weight)
    assert np.array_equal(now.weights[0], kept.bridge.snapshot.layers[0].weight)
    assert panel.view.sides["then"].name.text == "epoch 3 of run 1"
    assert panel.view.sides["now"].name.text == "epoch 9 of run 1"
    assert f"{kept.then.record.test_loss:.4f}" in panel.view.sides["then"].about.text
    kept.window.selection.choose_row(200)
    settle(kept)
    after = panel.view.sides["then"].view.picture
    assert np.array_equal(after.activations[0], kept.window.selection.chosen.inputs)


def test_the_present_side_follows_the_timeline_and_the_kept_one_stays(kept):
    panel = panel_of(kept)
    kept.bridge.go_to(3)
    kept.wait(lambda: kept.epoch == 3)
    settle(kept)
    values = panel.view.sides["difference"].view.picture.now.edge_values
    assert all(not array.any() for array in values), "the kept moment itself: nothing differs, to the bit"
    assert "No weight differs" in table_of(panel)


def test_the_figures_count_updates_and_answers(kept):
    panel, dataset = panel_of(kept), kept.bridge.dataset
    lines = table_of(panel)
    batches = kept.bridge.snapshot.batches
    assert lines["Updates"] == (str(3 * batches), str(9 * batches))
    assert lines["Between them"] == ("", str(6 * batches))
    assert "No setting differs" in lines
    both = [
        np.argmax(forward(each.network, each.layers, dataset.X_test).outputs, axis=1)
        for each in (kept.then, kept.bridge.snapshot)
    ]
    differing = np.count_nonzero(both[0] != both[1])
    assert lines["Test rows"][1] == f"{differing} of {len(dataset.X_test)} differ"


def test_settings_that_differ_are_listed_and_no_others(kept):
    panel, config = panel_of(kept), kept.bridge.config
    other = dataclasses.replace(config, optimizer=Rule("sgd", learning_rate=0.05), l2=0.25)
    kept.bridge.configure(other)
    kept.advance_to(10)
    settle(kept)
    lines = table_of(panel)
    assert lines["Optimizer"] == ("adam", "sgd")
    assert lines["Learning rate"] == ("0.01", "0.05")
    assert lines["L2 penalty"] == ("0", "0.25")
    assert "Batch size" not in lines


def test_the_weight_that_changed_most_comes_first_and_a_click_selects_it(kept, qtbot):
    panel = panel_of(kept)
    table, now = panel.view.table, kept.bridge.snapshot
    changes = [np.abs(other.weight - one.weight) for one, other in zip(kept.then.layers, now.layers, strict=True)]
    layer = int(np.argmax([array.max() for array in changes]))
    edge = (layer, *(int(place) for place in np.unravel_index(changes[layer].argmax(), changes[layer].shape)))
    row = next(row for row, line in enumerate(table._lines) if line.edge is not None)
    assert table._lines[row].edge == edge
    table.scrollToItem(table.item(row, 0))
    centre = table.visualItemRect(table.item(row, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert kept.window.selection.edge == edge
    # The pointer may have stood there before, and then a click moves nothing.
    qtbot.mouseMove(table.viewport(), table.viewport().rect().bottomRight())
    qtbot.mouseMove(table.viewport(), centre)
    kept.wait(lambda: "then" in panel.view.sides["difference"].about.text)


def test_what_is_pointed_at_is_lit_in_the_other_pictures(kept):
    panel = panel_of(kept)
    panel.turn(BESIDE)
    settle(kept)
    one, other = (panel.view.sides[name].view for name in ("then", "now"))
    kept.pass_time(0.1)
    place = one.position(1, 2)
    none = Qt.MouseButton.NoButton
    moved = QMouseEvent(QEvent.Type.MouseMove, place, QPointF(one.mapToGlobal(place)), none, none, _NO_KEYS)
    QApplication.sendEvent(one, moved)
    assert kept.window.selection.pointed == Pointed(neuron=(1, 2))
    assert tuple(other._marks.pointed) == (1, 2)
    assert tuple(kept.window.canvas._marks.pointed) == (1, 2)
    assert one._marks.pointed is None, "it marks its own"
    kept.window.docks["compare"].hide()
    assert kept.window.selection.pointed is None


def test_the_start_weights_are_fetched_from_the_record(guest):
    start = guest.parameters.copy()
    panel = opened(guest)
    guest.advance_to(6)
    choose(guest, "start weights")
    guest.wait(lambda: panel.then is not None)
    assert np.array_equal(panel.then.snapshot.parameters, start)
    assert guest.epoch == 6, "nobody went there"
    assert guest.find("compare.with", QComboBox).currentText() == "start weights of run 1"


def test_the_end_of_another_branch_is_compared_with_the_present_one(kept):
    panel, end = panel_of(kept), kept.parameters.copy()
    kept.bridge.go_to(4)
    kept.wait(lambda: kept.epoch == 4)
    kept.trigger("fork")
    kept.wait(lambda: len(kept.bridge.branches) == 2)
    kept.bridge.advance(1)
    kept.wait(lambda: kept.epoch == 5 and not kept.bridge.playing)
    assert "end of run 1" in offers(panel)
    assert "end of branch 2" not in offers(panel)
    choose(kept, "end of run 1")
    kept.wait(lambda: panel.then.name == "end of run 1")
    settle(kept)
    assert np.array_equal(panel.then.snapshot.parameters, end)
    assert "Between them" not in table_of(panel), "there is no way from one to the other"


def test_any_epoch_can_be_asked_for(kept, monkeypatch):
    panel, known = panel_of(kept), kept.parameters
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_a, **_k: (9, True))
    kept.bridge.go_to(2)
    kept.wait(lambda: kept.epoch == 2)
    choose(kept, OTHER_EPOCH)
    kept.wait(lambda: panel.then.name == "epoch 9 of run 1")
    assert np.array_equal(panel.then.snapshot.parameters, known)


def test_several_moments_are_kept_once_each_and_can_be_forgotten(kept):
    panel = panel_of(kept)
    for _ in range(2):
        kept.trigger("keep_moment")
    assert offers(panel)[:2] == ["epoch 3 of run 1", "epoch 9 of run 1"]
    panel.bar.remove.click()
    assert panel.then.name == "epoch 3 of run 1"
    panel.bar.remove.click()
    assert panel.then is None
    kept.wait(lambda: panel.stack.currentIndex() == 0)


def test_another_data_set_takes_the_kept_moments_away(kept):
    panel = panel_of(kept)
    kept.window.filing.load("iris")
    kept.wait(lambda: kept.bridge.dataset.name == "iris")
    assert panel.kept.moments == []
    assert panel.then is None
    kept.wait(lambda: panel.stack.currentIndex() == 0)


def test_a_network_of_another_shape_takes_them_away_and_one_of_the_same_does_not(kept):
    panel, network = panel_of(kept), kept.bridge.network
    kept.bridge.open(kept.bridge.dataset, dataclasses.replace(network, initializer="zeros"))
    kept.wait(lambda: kept.bridge.network.initializer == "zeros" and kept.epoch == 0)
    settle(kept)
    assert panel.then.name == "epoch 3 of run 1, before"
    assert table_of(panel)["Initializer"] == ("glorot_uniform", "zeros")
    kept.bridge.open(kept.bridge.dataset, dataclasses.replace(network, hidden=network.hidden[:1]))
    kept.wait(lambda: len(kept.bridge.network.hidden) == 1)
    assert panel.then is None


def test_a_predicted_value_is_compared_in_real_units(make_window):
    guest = make_window("auto_mpg")
    panel = opened(guest)
    guest.advance_to(2)
    guest.trigger("keep_moment")
    then = guest.bridge.snapshot
    guest.advance_to(5)
    settle(guest)
    dataset = guest.bridge.dataset
    one, other = (
        dataset.recipe.value(forward(each.network, each.layers, dataset.X_test).outputs)
        for each in (then, guest.bridge.snapshot)
    )
    spread = float(np.sqrt(np.mean((other - one) ** 2)))
    shown = table_of(panel)["Test rows"][1]
    assert float(shown.removeprefix("± ").split()[0]) == pytest.approx(spread, rel=1e-3)
    assert "Test accuracy" not in table_of(panel)


def test_numbers_that_are_no_longer_finite_are_shown_as_such(kept):
    panel, snapshot = panel_of(kept), kept.bridge.snapshot
    broken = snapshot.parameters.copy()
    broken[:5] = np.nan
    from simulator.nn import parameters

    layers = parameters.layers(snapshot.network, broken)
    kept.bridge.snapshot = dataclasses.replace(snapshot, parameters=broken, layers=layers)
    kept.bridge.snapshot_changed.emit(kept.bridge.snapshot)
    settle(kept)
    panel.grab()
    first = next(line for line in panel.view.table._lines if line.edge is not None)
    assert first.now == "NaN"


def test_a_row_that_is_not_used_shows_how_the_biases_differ(kept):
    panel = panel_of(kept)
    kept.window.selection.choose_row(3)  # never measured
    settle(kept)
    shown = panel.view.sides["difference"].view.picture
    assert shown.scales[1].name == "b now − b then"
    assert np.allclose(shown.node_numbers(1), kept.bridge.snapshot.layers[0].bias - kept.then.layers[0].bias)


def test_while_it_plays_it_draws_a_few_times_a_second_and_not_at_all_when_hidden(kept):
    panel, drawn = panel_of(kept), []
    draw = panel._draw
    panel._draw = lambda: (drawn.append(kept.bridge.snapshot.epoch), draw())
    kept.bridge.speed = None
    kept.trigger("play")
    first = kept.epoch
    kept.wait(lambda: len(drawn) >= 3)
    kept.trigger("play")
    kept.wait_for_rest()
    assert kept.epoch - first > len(drawn), "not every moment is drawn"
    settle(kept)
    kept.window.docks["compare"].hide()
    count = len(drawn)
    kept.bridge.advance(2)
    kept.wait_for_rest()
    kept.pass_time(0.15)
    assert len(drawn) == count


@pytest.mark.slow
@pytest.mark.parametrize("page", [BESIDE, DIFFERENCE, FIGURES])
@pytest.mark.parametrize("width", [320, 700, 1300])
def test_every_page_fits_every_width(kept, page, width):
    panel, dock = panel_of(kept), kept.window.docks["compare"]
    panel.bar.pages.buttons[page].click()
    dock.resize(width, 320)
    settle(kept)
    kept.pass_time(0.1)
    assert panel.width() <= width
    seen = {name for name, side in panel.view.sides.items() if side.isVisible()}
    assert seen == {BESIDE: {"then", "now"}, DIFFERENCE: {"difference"}, FIGURES: set()}[page]
    assert panel.view.table.isVisible() == (page == FIGURES or width == 1300 or (page == DIFFERENCE and width == 700))
    kept.trigger("theme")
    settle(kept)
    kept.trigger("theme")
