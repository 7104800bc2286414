"""The lesson: seven steps, each with the live numbers of the present moment, for any data set."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton

from simulator.explain import figure
from ui.panels.inspection import Subject
from ui.panels.lesson_parts import Curve, Grid, Text
from ui.selection import places


def opened(guest):
    guest.window.docks["lesson"].show()
    guest.window.docks["lesson"].raise_()
    panel = guest.window.panels["lesson"]
    guest.wait(lambda: panel.page is not None)
    return panel


@pytest.fixture
def panel(guest):
    """The lesson of a network that has trained, and stands still."""
    guest.advance_to(3)
    return opened(guest)


def words(page):
    """Return everything that stands on a page."""
    said = []
    for part in page.parts:
        if isinstance(part, Text):
            said.append(part.plain)
        elif isinstance(part, Grid):
            said += [part.title, *part.heads, *(cell.text for row in part.rows for cell in row)]
        else:
            said.append(part.title)
    return " ".join(said)


def grids(page):
    return [part for part in page.parts if isinstance(part, Grid)]


def settled(guest):
    guest.wait(lambda: guest.window.asking.fresh and not guest.bridge.playing)


def test_it_is_closed_at_the_start_and_lists_seven_steps(guest):
    dock = guest.window.docks["lesson"]
    assert not dock.isVisible()
    dock.toggleViewAction().trigger()
    assert dock.isVisible()
    steps = guest.find("lesson.steps", QListWidget)
    assert steps.count() == 7
    assert steps.currentRow() == 0


def test_nothing_is_asked_for_while_it_is_closed(guest):
    asked = []
    guest.bridge.explained.connect(asked.append)
    guest.advance_to(2)
    guest.pass_time(0.3)
    assert asked == []


@pytest.mark.parametrize("name", ["penguins", "auto_mpg", "breast_cancer", "digits"])
def test_every_step_has_a_page_for_any_data_set(make_window, name):
    guest = make_window(name)
    panel = opened(guest)
    for step in range(1, 8):
        panel.look_at(step)
        text = words(panel.page)
        assert len(text) > 100
        assert "NaN" not in text
        assert guest.find("lesson.heading", QLabel).text().startswith(str(step))
        if name != "penguins":
            for word in ("penguin", "bird", "bill", "flipper"):
                assert word not in text
        assert guest.find("lesson.bird").isVisible() == (name == "penguins" and step == 3)


def test_a_click_goes_to_the_step_in_slow_motion(panel, guest, qtbot):
    steps = guest.find("lesson.steps", QListWidget)
    place = steps.visualItemRect(steps.item(4)).center()
    qtbot.mouseClick(steps.viewport(), Qt.MouseButton.LeftButton, pos=place)
    guest.wait(lambda: guest.window.motion.phase is not None)
    assert guest.window.motion.phase.step == 5
    assert panel.step == 5
    steps.setCurrentRow(3)
    assert guest.window.motion.phase.step == 5, "looking at a page turns nothing"
    qtbot.keyClick(steps, Qt.Key.Key_Return)
    assert guest.window.motion.phase.step == 4


def test_the_page_follows_the_slow_motion(panel, guest):
    motion = guest.window.motion
    motion.jump(4)
    guest.wait(lambda: motion.phase is not None)
    assert panel.step == 4
    motion.turn(2)
    assert motion.phase.step == 5
    assert panel.step == 5
    assert guest.find("lesson.steps", QListWidget).currentRow() == 4


def test_step_1_counts_the_rows_and_names_those_of_the_batch(panel, guest):
    account = guest.window.asking.account
    assert "274" in words(panel.page)
    assert "68" in words(panel.page)
    targets = [segment.target for part in panel.page.parts if isinstance(part, Text) for segment in part.segments]
    rows = [target for target in targets if isinstance(target, int)]
    assert rows == account.dataset.train_rows[account.moment.rows].tolist()


def test_a_row_of_the_batch_can_be_chosen_and_the_batch_followed_again(panel, guest, qtbot):
    view = next(view for view in panel._views if any(isinstance(link.target, int) for link in view.links))
    guest.pass_time(0.05)
    row = view.links[2].target
    view.follow(2)
    settled(guest)
    assert guest.window.selection.chosen.row == row
    guest.window.motion.start()
    guest.wait(lambda: guest.window.motion.phase is not None)
    button = guest.find("lesson.follow", QPushButton)
    assert not button.isHidden()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert guest.window.motion.following
    assert button.isHidden()


def test_step_3_says_the_probabilities_of_the_lessons_bird(panel, guest, qtbot):
    panel.look_at(3)
    button = guest.find("lesson.bird", QPushButton)
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settled(guest)
    chosen = guest.window.selection.chosen
    np.testing.assert_allclose(chosen.real, [37.3, 16.8, 192, 3000])
    text = words(panel.page)
    assert "x = [37.3, 16.8, 19.2, 30.0]" in text
    assert "ŷ = [P(Adelie), P(Gentoo), P(Chinstrap)] = [" in text
    shown = [row[2].text for row in grids(panel.page)[0].rows]
    probabilities = guest.window.canvas.picture.probabilities
    assert [float(each) for each in shown] == pytest.approx(probabilities, abs=6e-4)


def test_step_4_compares_row_and_batch_and_has_the_lessons_own_example(panel, guest):
    panel.look_at(4)
    settled(guest)
    own, lessons = grids(panel.page)
    account = guest.window.asking.account
    wanted = account.row.explanation.loss.errors[0]
    assert [float(row[3].text) for row in own.rows] == pytest.approx(wanted.tolist(), abs=6e-4)
    assert [row[1].text for row in lessons.rows] == ["0.3", "0.1", "0.6"]
    assert [row[2].text for row in lessons.rows] == ["0", "0", "1"]
    assert [row[3].text for row in lessons.rows] == ["0.3", "0.1", "0.4"]
    text = words(panel.page)
    assert "0.5108" in text, "−log 0.6"
    loss = account.batch.explanation.loss
    assert figure(loss.total) in text
    assert figure(loss.mean) in text


def test_steps_5_and_6_show_the_same_weights_with_their_gradients_and_changes(panel, guest):
    panel.look_at(5)
    influences = grids(panel.page)[0]
    account = guest.window.asking.account
    largest = max(float(np.abs(layer.weight).max()) for layer in account.batch.explanation.backward.layers)
    assert influences.rows[0][1].text.lstrip("−") == figure(largest)
    panel.look_at(6)
    changes = grids(panel.page)[0]
    assert [row[0].text for row in changes.rows] == [row[0].text for row in influences.rows]
    for _, old, step, new in changes.rows:
        values = [float(cell.text.replace("−", "-")) for cell in (old, step, new)]
        assert values[0] + values[1] == pytest.approx(values[2], abs=2e-4)


def test_step_7_shows_the_loss_of_every_epoch_and_leads_to_the_matrices(panel, guest, qtbot):
    panel.look_at(7)
    curve = next(part for part in panel.page.parts if isinstance(part, Curve))
    assert curve.values.tolist() == guest.bridge.records["train_loss"].tolist()
    assert "X (16 × 4) · W (4 × 8) + b = Z (16 × 8)" in words(panel.page).replace("\u00a0", " ")
    guest.pass_time(0.05)
    qtbot.mouseClick(guest.find("lesson.matrices", QPushButton), Qt.MouseButton.LeftButton)
    assert guest.window.docks["matrices"].isVisible()


def test_a_figure_leads_to_the_inspector(panel, guest):
    panel.look_at(6)
    view = next(view for view in panel._views if getattr(view, "links", None))
    target = view.links[0].target
    assert isinstance(target, Subject)
    view.follow(0)
    assert guest.window.selection.number == target.number
    assert guest.window.docks["inspector"].isVisible()


@pytest.mark.parametrize("step", range(2, 7))
def test_the_inspector_is_opened_at_the_number_of_the_step(panel, guest, qtbot, step):
    panel.look_at(step)
    guest.pass_time(0.05)
    qtbot.mouseClick(guest.find("lesson.inspector", QPushButton), Qt.MouseButton.LeftButton)
    assert guest.window.docks["inspector"].isVisible()
    assert guest.window.selection.number == panel.page.number


def test_an_unused_row_and_what_if_are_said(panel, guest):
    guest.window.selection.choose_row(int(np.flatnonzero(places(guest.bridge.dataset) == 0)[0]))
    settled(guest)
    for step in range(1, 8):
        panel.look_at(step)
        assert panel.page is not None
    panel.look_at(3)
    assert "lacks a value" in words(panel.page)
    guest.window.selection.choose_row(0)
    guest.window.selection.change_inputs(np.array([0.1, 0.2, 0.3, 0.4]))
    settled(guest)
    panel.look_at(4)
    assert "What if" in words(panel.page)


def test_it_follows_while_training_plays_and_the_widgets_stay(panel, guest):
    panel.look_at(6)
    views = list(panel._views)
    before = words(panel.page)
    guest.bridge.play()
    guest.wait(lambda: words(panel.page) != before)
    guest.bridge.pause()
    assert panel._views == views


def test_in_a_low_panel_the_steps_stand_in_a_row(panel, guest):
    steps = guest.find("lesson.steps", QListWidget)
    panel.resize(280, 300)
    assert steps.item(4).text() == "5"
    low = steps.height()
    panel.resize(280, 800)
    assert "influence" in steps.item(4).text()
    assert steps.height() > 4 * low
