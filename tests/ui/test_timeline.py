"""The timeline below the network: the whole window goes back, and on again."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolButton

from simulator.spec import Rule
from ui.panels.track import Track


@pytest.fixture
def guest(lasting):
    return lasting()


@pytest.fixture
def trained(guest):
    guest.advance_to(40)
    return guest


@pytest.fixture
def track(trained) -> Track:
    return trained.find("timeline.track", Track)


def drag_to(guest, track, epoch) -> None:
    place = QPoint(round(track.x_of(epoch)), track.height() // 3)
    guest.bot.mousePress(track, Qt.MouseButton.LeftButton, pos=QPoint(round(track.x_of(track.value())), 12))
    guest.bot.mouseMove(track, place)
    guest.bot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=place)
    guest.wait(lambda: guest.epoch == epoch)


def settled(guest, epoch) -> None:
    guest.wait(lambda: guest.epoch == epoch and not guest.bridge.playing)


def test_dragging_the_handle_moves_the_whole_window(trained, track):
    records = trained.bridge.records.copy()
    drag_to(trained, track, 7)
    assert trained.find("readout.epoch").text().replace(",", "") == "7"
    assert trained.find("readout.train_loss").text() == f"{records['train_loss'][7]:.4f}"
    weights = trained.window.canvas.picture.weights
    assert all(np.array_equal(a, b.weight) for a, b in zip(weights, trained.bridge.snapshot.layers, strict=True))
    assert len(trained.bridge.records) == 41, "what was trained stays"


def test_every_epoch_that_is_gone_back_to_has_the_weights_it_had(guest, make_window):
    known = {}
    for epoch in range(0, 12, 3):
        if epoch:
            guest.advance_to(epoch)
        known[epoch] = guest.parameters.copy()
    for epoch, parameters in reversed(known.items()):
        guest.bridge.go_to(epoch)
        guest.wait(lambda epoch=epoch: guest.epoch == epoch)
        assert np.array_equal(guest.parameters, parameters)


@pytest.mark.parametrize(
    ("key", "epoch"),
    [(Qt.Key.Key_Left, 39), (Qt.Key.Key_PageDown, 36), (Qt.Key.Key_Home, 0), (Qt.Key.Key_PageUp, 40)],
)
def test_the_keys_of_a_slider_move_the_handle(trained, track, key, epoch):
    track.setFocus()
    trained.bot.keyClick(track, key)
    settled(trained, epoch)


def test_back_undoes_an_epoch_a_batch_and_a_row(trained):
    trained.trigger("back")
    settled(trained, 39)
    trained.trigger("unit_batch")
    trained.trigger("back")
    settled(trained, 38)
    assert trained.bridge.snapshot.batch == trained.bridge.snapshot.batches - 1
    trained.trigger("unit_row")
    trained.trigger("back")
    trained.wait(lambda: trained.bridge.snapshot.batch == trained.bridge.snapshot.batches - 2)
    assert trained.bridge.snapshot.row > 0


def test_start_and_newest_moment_are_one_step_away(trained):
    assert not trained.action("live").isEnabled()
    trained.trigger("first")
    settled(trained, 0)
    assert not trained.action("back").isEnabled()
    assert not trained.action("first").isEnabled()
    trained.trigger("live")
    settled(trained, 40)
    assert trained.bridge.snapshot.live


def test_playing_on_from_the_past_repeats_it_and_goes_on(trained):
    before = trained.parameters.copy()
    trained.bridge.go_to(30)
    settled(trained, 30)
    trained.bridge.advance(10)
    settled(trained, 40)
    assert np.array_equal(trained.parameters, before)
    assert len(trained.bridge.branches) == 1
    trained.bridge.advance(1)
    settled(trained, 41)
    assert len(trained.bridge.records) == 42


def test_a_change_in_the_past_makes_a_branch_and_the_menu_leads_back(trained):
    records = trained.bridge.records.copy()
    trained.bridge.go_to(10)
    settled(trained, 10)
    trained.bridge.configure(dataclasses.replace(trained.bridge.config, optimizer=Rule("sgd", learning_rate=0.5)))
    trained.wait(lambda: len(trained.bridge.branches) == 2)
    assert trained.find("timeline.branch").isVisible()
    trained.bridge.advance(5)
    settled(trained, 15)
    assert trained.bridge.records[12]["train_loss"] != records[12]["train_loss"]
    strip = trained.window.stage.timeline
    strip.menu.aboutToShow.emit()
    strip.menu.actions()[0].trigger()
    settled(trained, 40)
    assert np.array_equal(trained.bridge.records["train_loss"], records["train_loss"])
    assert trained.bridge.config.optimizer.name == "adam"
    assert trained.window.panels["training"].isVisible()


def test_continuing_here_is_a_branch_that_can_be_named(trained, monkeypatch):
    trained.bridge.go_to(20)
    settled(trained, 20)
    trained.trigger("fork")
    trained.wait(lambda: len(trained.bridge.branches) == 2)
    monkeypatch.setattr("ui.panels.timeline.QInputDialog.getText", lambda *_a, **_k: ("second try", True))
    trained.window.stage.timeline._rename()
    trained.wait(lambda: trained.find("timeline.branch").text().startswith("second"))


def test_the_settings_follow_the_moment(trained):
    trained.bridge.configure(dataclasses.replace(trained.bridge.config, l2=0.25))
    trained.bridge.advance(2)
    settled(trained, 42)
    trained.bridge.go_to(5)
    settled(trained, 5)
    trained.wait(lambda: trained.bridge.config.l2 == 0.0)
    assert trained.window.editor.plan.config.l2 == 0.0
    trained.bridge.go_to(41)
    settled(trained, 41)
    trained.wait(lambda: trained.window.editor.plan.config.l2 == 0.25)


def test_what_was_refused_in_the_past_takes_nothing_off_the_record(trained):
    trained.bridge.go_to(5)
    settled(trained, 5)
    trained.bridge.failed.disconnect(trained.window.show_failure)
    with trained.bot.waitSignal(trained.bridge.failed):
        trained.bridge.go_to(3, 999)
    trained.wait_until_obeyed()
    assert len(trained.bridge.records) == 41


def test_the_curve_the_handle_and_the_ticks_have_room(trained, track):
    ticks = track.ticks()
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 60
    assert track.epoch_at(track.x_of(17)) == 17
    assert track.accessibleName() == "Epoch"


def test_a_long_way_to_a_moment_is_told_and_then_forgotten(trained):
    told = trained.find("readout.preparing")
    trained.bridge.travelling_changed.emit(0.42)
    assert told.isVisible()
    assert "42 %" in told.text()
    trained.bridge.travelling_changed.emit(None)
    assert not told.isVisible()


def test_another_branch_is_one_click_away(trained):
    trained.bridge.go_to(20)
    settled(trained, 20)
    trained.trigger("fork")
    trained.wait(lambda: len(trained.bridge.branches) == 2)
    trained.bridge.advance(3)
    settled(trained, 23)
    chip = trained.find("timeline.branch.0", QToolButton)
    assert chip.accessibleName() == "Switch to run 1"
    chip.click()
    settled(trained, 40)
    assert trained.window.findChild(QToolButton, "timeline.branch.1") is not None


def test_the_memory_of_the_timeline_is_a_setting(trained, monkeypatch):
    monkeypatch.setattr("ui.slots.QInputDialog.getInt", lambda *_a, **_k: (1, True))
    trained.trigger("limit_timeline")
    assert trained.window.preferences.timeline_megabytes == 1
    trained.bridge.go_to(3)
    settled(trained, 3)
    assert trained.bridge._runner._session.timeline.budget == 1_000_000
