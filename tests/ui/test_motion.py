"""The slow motion in the window: by keyboard, by itself, through real updates and into the next batch."""

import itertools
import types

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QToolButton

from simulator.explain import Number
from ui.motion import player
from ui.motion.phases import GRAINS, STEPS
from ui.motion.player import SPEEDS
from ui.selection import Pointed


@pytest.fixture
def guest(lasting):
    return lasting()


@pytest.fixture
def slow(guest):
    """A window in slow motion, at its first phase."""
    guest.trigger("unit_phase")
    return settled(guest)


def settled(guest):
    """Wait until a phase of the present moment stands, and let it come to its end at once."""
    motion = guest.window.motion
    guest.wait(lambda: motion.phase is not None and guest.window.asking.fresh and not guest.bridge.playing)
    return guest


def keys(guest):
    return [phase.key for phase in guest.window.motion._phases]


def go_to(guest, key):
    """Turn the phases until one stands."""
    motion = guest.window.motion
    for _ in range(len(keys(guest))):
        if motion.phase.key == key:
            return
        motion.turn(1)
    assert motion.phase.key == key


def to_the_end(guest):
    go_to(guest, keys(guest)[-1])


def make_the_update(guest):
    to_the_end(guest)
    updates = guest.bridge.snapshot.updates
    guest.window.motion.turn(1)
    guest.wait(lambda: guest.bridge.snapshot.updates == updates + 1 and guest.window.motion.phase.step == 2)
    settled(guest)


def test_it_begins_with_ctrl_4_and_stands_before_the_next_update(guest, qtbot):
    strip = guest.find("motion.strip")
    assert not strip.isVisible()
    guest.bridge.play()
    guest.wait(lambda: guest.epoch >= 2)
    qtbot.keyClick(guest.window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    settled(guest)
    motion = guest.window.motion
    assert motion.on
    assert strip.isVisible()
    assert not guest.bridge.playing
    assert motion.phase.step == 1
    assert motion.account.moment.epoch == guest.epoch
    assert motion.account.place is not None, "a row of the batch is shown"
    assert guest.window.canvas.picture.act is not None


def test_right_goes_on_and_left_goes_back_to_the_phase_at_rest(slow, qtbot):
    motion, window = slow.window.motion, slow.window
    first = motion.phase.key
    qtbot.keyClick(window, Qt.Key.Key_Right)
    second = motion.phase.key
    assert second != first
    assert motion.share < 1.0
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert motion.phase.key not in (first, second)
    qtbot.keyClick(window, Qt.Key.Key_Left)
    assert motion.phase.key == second
    assert motion.share == 1.0
    qtbot.keyClick(window, Qt.Key.Key_Left)
    qtbot.keyClick(window, Qt.Key.Key_Left)
    assert motion.phase.key == first


def test_a_phase_moves_by_itself_to_its_end_and_then_stands(slow, monkeypatch):
    motion, shares, frames = slow.window.motion, [], itertools.count()
    # However late the frames come, as it looks when each takes as long as it should.
    monkeypatch.setattr(player, "time", types.SimpleNamespace(perf_counter=lambda: 0.016 * next(frames)))
    motion.choose_speed(4.0)
    motion.moved.connect(lambda: shares.append(motion.share))
    motion.turn(1)
    key = motion.phase.key
    slow.wait(lambda: motion.share == 1.0)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert not motion._frames.isActive(), "nothing moves, so nothing is painted"
    slow.pass_time(0.3)
    assert motion.phase.key == key


def test_nothing_changes_before_the_last_phase_and_then_the_engine_makes_what_was_shown(slow):
    motion = slow.window.motion
    before = slow.parameters.copy()
    to_the_end(slow)
    assert np.array_equal(slow.parameters, before)
    assert slow.bridge.snapshot.updates == 0
    said = motion.account.batch.explanation.update
    shown = motion.phase.act(1.0).edge_values
    make_the_update(slow)
    assert slow.bridge.snapshot.updates == 1
    assert said.distance(slow.parameters) < 30 * said.rounding
    for weight, layer in zip(shown, slow.bridge.snapshot.layers, strict=True):
        np.testing.assert_allclose(weight, layer.weight, atol=1e-5)


def test_the_next_batch_begins_with_its_first_forward_phase_and_one_of_its_rows(slow):
    motion = slow.window.motion
    row = slow.window.selection.chosen.row
    make_the_update(slow)
    assert motion.phase.key == "forward inputs"
    assert motion.account.moment.batch == 1
    assert motion.account.place is not None
    assert slow.window.selection.chosen.row != row


def test_more_turns_than_phases_go_through_the_update(slow):
    motion = slow.window.motion
    slow.find("transport.count").show_value(len(keys(slow)) + 2)
    slow.trigger("advance")
    slow.wait(lambda: slow.bridge.snapshot.updates == 1 and motion.phase is not None and motion.phase.step == 2)
    settled(slow)
    assert motion.phase.key == "forward 1"


def test_space_lets_it_go_through_a_whole_update_and_into_the_next_batch(slow, qtbot):
    motion, seen = slow.window.motion, []
    motion.choose_grain("pass")
    motion.speed = 50.0
    motion.turned.connect(lambda phase: seen.append(phase.key if phase else ""))
    slow.window.canvas.setFocus()
    qtbot.keyClick(slow.window.canvas, Qt.Key.Key_Space)
    assert motion.auto
    assert slow.action("play").iconText() == "Pause"
    for _ in range(30):  # as fast as it can be: what counts is where it goes
        if slow.bridge.snapshot.updates:
            break
        slow.wait(lambda: motion.share == 1.0 or slow.bridge.snapshot.updates > 0)
        if motion._rest.isActive():
            motion._rest.start(0)
            here = motion.phase
            slow.wait(lambda here=here: motion.phase is not here or slow.bridge.snapshot.updates > 0)
    slow.wait(lambda: motion.phase is not None and motion.account.moment.batch == 1 and motion.phase.step == 2)
    assert seen.index("loss row") < seen.index("backward mean") < seen.index("update new") < seen.index("again")
    assert motion.auto
    qtbot.keyClick(slow.window.canvas, Qt.Key.Key_Space)
    assert not motion.auto
    assert not motion._rest.isActive()


def test_the_place_is_kept_when_another_row_is_chosen_and_that_row_stays(slow):
    motion = slow.window.motion
    go_to(slow, "forward 1")
    text = motion.phase.text
    inside = set(slow.bridge.dataset.train_rows[motion.account.moment.rows].tolist())
    outside = next(int(row) for row in slow.bridge.dataset.train_rows if int(row) not in inside)
    slow.window.selection.choose_row(outside)
    settled(slow)
    assert motion.phase.key == "forward 1"
    assert motion.phase.text != text
    assert motion.account.shown.row == outside
    assert not motion.following
    make_the_update(slow)
    assert slow.window.selection.chosen.row == outside
    motion.follow_batch()
    settled(slow)
    slow.wait(lambda: motion.account.place is not None)
    assert slow.window.selection.chosen.row != outside


def test_a_row_that_nobody_chose_goes_with_the_batch_of_another_network(slow):
    slow.trigger("add_layer")
    motion = slow.window.motion
    slow.wait(lambda: motion.account is not None and len(motion.account.moment.network.hidden) == 3)
    settled(slow)
    assert motion.following
    assert motion.account.place is not None


def test_the_bird_of_the_lesson_stays_through_updates(slow):
    slow.trigger("lesson_bird")
    bird = slow.window.selection.chosen.row
    settled(slow)
    make_the_update(slow)
    assert slow.window.selection.chosen.row == bird


def test_what_if_keeps_the_place_and_says_that_there_is_no_loss(slow):
    motion = slow.window.motion
    go_to(slow, "loss row")
    slow.window.selection.change_inputs(np.array([0.1, 0.2, 0.3, 0.4]))
    settled(slow)
    assert motion.phase.key == "loss row"
    assert "What if" in motion.phase.text


def test_the_place_is_kept_when_the_world_changes(slow):
    motion = slow.window.motion
    slow.bridge.advance(3, "epoch")
    slow.wait(lambda: slow.epoch == 3 and motion.phase is not None and motion.account.moment.epoch == 3)
    go_to(slow, "backward 1")
    slow.trigger("reset")
    slow.wait(lambda: slow.epoch == 0 and motion.account is not None and motion.account.moment.epoch == 0)
    assert motion.phase.key == "backward 1"
    slow.trigger("remove_layer")
    slow.wait(lambda: motion.account is not None and len(motion.account.moment.network.hidden) == 1)
    assert motion.phase.key == "backward 1"
    slow.window.filing.load("auto_mpg")
    slow.wait(lambda: motion.account is not None and motion.account.dataset.name == "auto_mpg")
    settled(slow)
    assert motion.phase.step == 5


def test_another_grain_keeps_the_part_of_the_update(slow):
    motion = slow.window.motion
    go_to(slow, "forward 1")
    motion.choose_grain("neuron")
    assert motion.phase.key.startswith("forward 1.")
    motion.choose_grain("pass")
    assert motion.phase.step == 2
    assert motion.grain in GRAINS


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_jump_starts_the_slow_motion_at_a_step_of_the_lesson(guest, step):
    guest.window.motion.jump(step)
    settled(guest)
    assert guest.window.motion.phase.step == step
    assert guest.find("transport.unit", QComboBox).currentText() == "phase"


def test_it_ends_when_another_unit_is_chosen_and_the_canvas_is_at_rest(slow):
    slow.window.motion.play(True)
    slow.trigger("unit_epoch")
    motion = slow.window.motion
    assert not motion.on
    assert not motion.auto
    assert motion.phase is None
    assert slow.window.canvas.picture.act is None
    assert not slow.find("motion.strip").isVisible()
    assert not slow.action("back").isEnabled()
    slow.trigger("play")
    slow.wait(lambda: slow.epoch > 0)


def test_the_cross_leaves_it_and_the_unit_is_no_phase_any_more(slow, qtbot):
    qtbot.mouseClick(slow.find("motion.close", QToolButton), Qt.MouseButton.LeftButton)
    assert not slow.window.motion.on
    assert slow.find("transport.unit", QComboBox).currentText() == "batch"


def test_nobody_is_asked_when_it_is_off(guest):
    asked = []
    guest.bridge.explained.connect(asked.append)
    guest.trigger("unit_phase")
    settled(guest)
    guest.trigger("unit_batch")
    asked.clear()
    guest.advance_to(2)
    guest.pass_time(0.3)
    assert asked == []


# -- the strip ----------------------------------------------------------------------------------------------------


def test_the_strip_says_step_title_and_what_happens(slow):
    motion = slow.window.motion
    go_to(slow, "loss batch")
    assert slow.find("motion.title").text == motion.phase.title
    assert slow.find("motion.title").accessibleDescription() == f"4 of 7 {motion.phase.title}"
    assert slow.find("motion.text").text == motion.phase.text
    assert slow.find("motion.text").accessibleDescription() == motion.phase.text


def test_the_strip_never_changes_its_height(slow):
    heights = set()
    for key in keys(slow):
        go_to(slow, key)
        slow.pass_time(0.01)
        heights.add(slow.find("motion.strip").height())
    assert len(heights) == 1


def test_the_buttons_of_the_strip_turn_and_play(slow, qtbot):
    motion = slow.window.motion
    press = lambda name: qtbot.mouseClick(slow.find(f"motion.{name}", QToolButton), Qt.MouseButton.LeftButton)  # noqa: E731
    press("next")
    assert motion.place[0] == 1
    press("back")
    assert motion.place[0] == 0
    press("auto")
    assert motion.auto
    press("auto")
    assert not motion.auto


def test_grain_and_speed_are_chosen_in_the_strip(slow):
    motion = slow.window.motion
    grain, speed = slow.find("motion.grain", QComboBox), slow.find("motion.speed", QComboBox)
    assert grain.count() == len(GRAINS)
    assert speed.count() == len(SPEEDS)
    grain.setCurrentIndex(0)
    grain.activated.emit(0)
    assert motion.grain == GRAINS[0]
    assert "forward 0.3" in keys(slow)
    speed.setCurrentIndex(4)
    speed.activated.emit(4)
    assert motion.speed == SPEEDS[4]


def test_everything_in_the_strip_can_be_heard(slow):
    for name in ("title", "text", "back", "auto", "next", "close", "grain", "speed"):
        widget = slow.find(f"motion.{name}")
        assert widget.accessibleName(), name
        assert widget.toolTip() or name == "title", name


# -- the canvas and the other views -------------------------------------------------------------------------------


def test_what_the_pointer_is_on_in_another_view_is_marked_in_the_network_and_the_other_way_round(guest):
    window, marked = guest.window, []
    window.canvas.show_pointed = lambda *target: marked.append(target)
    window.selection.point_at(Pointed(neuron=(1, 2)))
    assert marked[-1] == ((1, 2), None)
    window.canvas.edge_hovered.emit(0, 1, 2)
    assert window.selection.pointed == Pointed(edge=(0, 1, 2))
    assert marked[-1] == (None, None), "the canvas marks its own"
    window.canvas.hover_ended.emit()
    assert window.selection.pointed is None


def test_a_bias_that_is_chosen_in_the_network_is_explained(guest):
    guest.window.canvas.bias_clicked.emit(1, 3)
    assert guest.window.selection.number == Number("parameter", 0, 3)
    assert guest.window.docks["inspector"].isVisible()
