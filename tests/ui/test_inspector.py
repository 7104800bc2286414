"""The inspector: formulas with live figures that lead back to the file, by mouse and by keyboard."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from simulator.explain import Number
from ui.panels.inspection import BATCH, Subject


def opened(guest):
    guest.window.docks["inspector"].show()
    panel = guest.window.panels["inspector"]
    guest.wait(lambda: panel.page is not None)
    return panel


@pytest.fixture
def panel(guest):
    """The inspector of a network that has trained, and stands still."""
    guest.advance_to(5)
    return opened(guest)


def line(panel, caption):
    found = [each for each in panel.page.lines if each.caption.startswith(caption)]
    assert found, [each.caption for each in panel.page.lines]
    return found[0]


def number(text):
    return float(text.replace("−", "-"))


def worked_out(text):
    """What the right side of a formula with figures comes to, and the result that it states."""
    sides = text.split(" = ")
    sum_ = sides[1].replace("·", "*").replace("−", "-")
    sum_ = re.sub(r"… \(\d+ smaller: ([^)]+)\)", r"(\1)", sum_)
    return eval(sum_, {"__builtins__": {}, "tanh": np.tanh}), number(sides[-1])


def click(qtbot, widget, nth):
    place = widget.links[nth].place.center().toPoint()
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)


def formula(panel, nth=0):
    return panel._view.formulas[nth].text


def test_it_is_closed_at_the_start_and_opens_from_the_view_menu(guest):
    dock = guest.window.docks["inspector"]
    assert not dock.isVisible()
    dock.toggleViewAction().trigger()
    assert dock.isVisible()
    panel = guest.window.panels["inspector"]
    guest.wait(lambda: panel.page is not None)
    assert panel.page.title == "Loss of row 1"


def test_nothing_is_asked_for_while_it_is_closed(guest):
    asked = []
    guest.bridge.explained.connect(asked.append)
    guest.advance_to(5)
    guest.pass_time(0.3)
    assert asked == []


def test_with_nothing_selected_it_shows_the_loss_of_the_row_and_how_to_begin(panel, guest):
    said, stated = worked_out(line(panel, "The loss of the row").text)
    assert said == pytest.approx(stated, rel=2e-3)
    assert "Click a neuron" in panel.page.advice
    assert guest.find("inspector.advice").isVisible()
    guest.window.selection.choose_neuron((1, 0))
    assert panel.page.advice == ""
    assert not guest.find("inspector.advice").isVisible()


def test_a_neurons_formulas_come_to_what_the_canvas_shows(panel, guest):
    guest.window.selection.choose_row(153)
    guest.window.selection.choose_neuron((1, 2))
    said, z = worked_out(line(panel, "The sum").text)
    assert said == pytest.approx(z, rel=5e-3)
    said, a = worked_out(line(panel, "The activation").text)
    assert said == pytest.approx(a, rel=5e-3)
    assert a == pytest.approx(float(guest.window.canvas.picture.activations[1][2]), rel=6e-4)
    assert panel.page.curve.z == pytest.approx(z, rel=6e-4)
    assert np.interp(panel.page.curve.z, panel.page.curve.x, panel.page.curve.y) == pytest.approx(a, abs=2e-3)
    assert formula(panel).text == line(panel, "The sum").text


def test_an_output_is_the_probability_that_the_canvas_shows(panel, guest):
    guest.window.selection.choose_neuron((3, 1))
    shown = number(line(panel, "The output").text.split(" = ")[-1])
    assert shown == pytest.approx(guest.window.canvas.picture.probabilities[1], rel=6e-4)
    assert line(panel, "What it adds to the loss")


def test_the_movers_of_an_edge_sum_up_to_its_step_and_the_step_is_made(panel, guest):
    guest.window.selection.choose_edge((0, 1, 2))
    assert panel.page.title == "The weight from bill_depth_mm to hidden 1, neuron 3"
    guest.find("inspector.next").click()
    bars = panel.page.bars
    assert bars.title == "Who moves it next: batch 1 of epoch 6"
    step = number(line(panel, "Its next step").text.split(" = ")[-1])
    assert sum(number(bar.figure.text) for bar in bars.rows) == pytest.approx(step, rel=1e-2)
    exact = [mover.value for mover in panel._account.batch.movers(Number("parameter", 0, 2, source=1))]
    assert sum(exact) == pytest.approx(panel._account.batch.value(Number("step", 0, 2, source=1)), rel=1e-12)
    assert [bar.name.text for bar in bars.rows].count("the optimizer's memory") == 1
    new = number(line(panel, "After it").text.split(" = ")[-1])
    guest.bridge.advance(1, "batch")
    guest.wait(lambda: guest.bridge.snapshot.batch == 1 and not guest.bridge.playing)
    assert float(guest.bridge.snapshot.layers[0].weight[1, 2]) == pytest.approx(new, rel=6e-4)
    guest.wait(lambda: "batch 2 of" in panel.page.meaning)


def test_a_click_on_a_mover_shows_its_row(panel, guest, qtbot):
    guest.window.selection.choose_edge((0, 1, 2))
    guest.pass_time(0.1)
    shares = guest.find("inspector.shares")
    nth = next(nth for nth, link in enumerate(shares.links) if isinstance(link.target, int))
    panel._view.area.verticalScrollBar().setValue(10_000)
    row = shares.links[nth].target
    assert shares.links[nth].text == f"row {row + 1}"
    click(qtbot, shares, nth)
    assert guest.window.selection.chosen.row == row
    assert row in guest.bridge.dataset.train_rows
    assert line(panel, "Its gradient by the shown row alone")
    assert panel._account.shown.row == row


def test_clicks_lead_down_to_the_cell_of_the_file_and_the_trail_leads_back(panel, guest, qtbot):
    guest.window.selection.choose_row(153)
    guest.window.selection.choose_neuron((1, 2))
    guest.pass_time(0.05)
    click(qtbot, formula(panel, 1), 0)
    assert panel.page.title == "z of hidden 1, neuron 3, row 154"
    inputs = [nth for nth, link in enumerate(formula(panel).links) if link.target.number.kind == "input"]
    guest.pass_time(0.05)
    click(qtbot, formula(panel), inputs[0])
    assert panel.page.title.startswith("Input bill_length_mm")
    guest.pass_time(0.05)
    said, x = worked_out(line(panel, "From the file").text)
    assert said == pytest.approx(x, rel=2e-2)
    click(qtbot, formula(panel), 0)
    assert panel.page.title == "bill_length_mm in row 154 of penguins.csv"
    assert number(panel.page.figure.split(" = ")[1]) == guest.bridge.dataset.table["bill_length_mm"].iloc[153]
    assert panel.page.lines[0].caption == "Row 154 of penguins.csv, column bill_length_mm"
    assert len(panel.trail) == 4
    guest.pass_time(0.05)
    click(qtbot, guest.find("inspector.trail"), 1)
    assert panel.trail[-1].number.kind == "z"
    guest.find("inspector.back").click()
    assert panel.trail == [Subject(Number("a", 0, 2, 0))]
    assert not guest.find("inspector.back").isEnabled()


def test_enter_tab_and_backspace_walk_without_a_mouse(guest, qtbot):
    guest.advance_to(2)
    canvas, panel = guest.window.canvas, guest.window.panels["inspector"]
    guest.window.activateWindow()
    canvas.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(canvas, key)
    assert guest.window.docks["inspector"].isVisible()
    guest.wait(lambda: panel.page is not None and formula(panel).hasFocus())
    assert panel.trail[0].number.kind == "a"
    first = formula(panel)
    assert first.current == 0
    assert "input bill_length_mm, row 1. What goes into the network" in first.accessibleDescription()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert first.current == 1
    qtbot.keyClick(first, Qt.Key.Key_Backtab)
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert panel.trail[-1].number.kind == "input"
    assert formula(panel).hasFocus()
    qtbot.keyClick(formula(panel), Qt.Key.Key_Backspace)
    assert [subject.number.kind for subject in panel.trail] == ["a"]
    qtbot.keyClick(formula(panel), Qt.Key.Key_Return)
    qtbot.keyClick(formula(panel), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert len(panel.trail) == 1
    qtbot.keyClick(formula(panel), Qt.Key.Key_Escape)
    assert canvas.hasFocus()


def test_tab_leaves_after_the_last_figure(panel, guest, qtbot):
    guest.window.activateWindow()
    guest.window.selection.choose_neuron((1, 0))
    guest.pass_time(0.05)
    guest.find("inspector.check_all").setFocus(Qt.FocusReason.TabFocusReason)
    walked = []
    for _ in range(60):
        widget = guest.window.focusWidget()
        walked.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    order = list(dict.fromkeys(id(each) for each in walked))
    proofs = [guest.find("inspector.check_all"), guest.find("inspector.compare")]
    ours = [*proofs, formula(panel, 0), formula(panel, 1), formula(panel, 2), guest.find("inspector.shares")]
    places = [order.index(id(widget)) for widget in ours]
    assert places == sorted(places)
    assert len(order) > len(ours)


def test_a_double_click_on_a_neuron_opens_it_and_one_on_the_ground_fits(guest, qtbot):
    canvas = guest.window.canvas
    place = canvas.position(1, 2).toPoint()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert guest.window.docks["inspector"].isVisible()
    panel = guest.window.panels["inspector"]
    guest.wait(lambda: panel.page is not None)
    assert panel.trail[0].number == Number("a", 0, 2, 0)
    canvas.zoom_by(2.0)
    ground = QPoint(3, canvas.height() - 3)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=ground)
    assert canvas.camera.zoom == 1.0


@pytest.mark.slow
def test_while_it_trains_it_follows_and_never_asks_more_than_five_times_a_second(guest):
    panel = opened(guest)
    guest.window.selection.choose_edge((0, 1, 2))
    asked = []
    guest.bridge.explained.connect(asked.append)
    guest.bridge.speed = None
    guest.bridge.play()
    guest.wait(lambda: len(asked) >= 4)
    before = len(asked)
    guest.pass_time(1.0)
    assert 1 <= len(asked) - before <= 6
    guest.bridge.pause()
    guest.wait_for_rest()
    # Not the epochs: where only test rows are left, the next update is one of the next epoch.
    guest.wait(lambda: np.array_equal(panel._account.moment.parameters, guest.bridge.snapshot.parameters))
    weight = float(guest.bridge.snapshot.layers[0].weight[1, 2])
    assert number(panel.page.figure.split(" = ")[1]) == pytest.approx(weight, rel=6e-4)


def test_it_follows_at_once_after_a_row_was_chosen_at_rest(panel, guest):
    asking = guest.window.asking
    asking._asked_at -= 1000.0  # as if that had been a long time ago
    before = asking._pause
    guest.window.selection.choose_row(20)
    assert asking._pause == before, "the time that nobody asked anything is not what an answer takes"
    guest.bridge.play()
    epoch = guest.epoch
    guest.wait(lambda: panel._account.moment.epoch > epoch)


def test_a_row_with_a_missing_value_is_said_to_be_unused_and_edges_still_show_the_batch(panel, guest):
    guest.window.selection.choose_row(3)
    assert "not used" in panel.page.title
    assert panel.page.advice.startswith("bill_length_mm, bill_depth_mm and 2 more are missing in it, so that")
    guest.window.selection.choose_edge((0, 0, 0))
    assert panel.page.bars.rows
    guest.window.selection.choose_row(0)
    guest.window.selection.choose_edge(None)
    assert panel.page.title == "Loss of row 1"


def test_another_network_or_data_set_begins_anew(panel, guest):
    guest.window.selection.choose_neuron((2, 7))
    panel.walk(Subject(Number("z", 1, 7, 0)))
    guest.window.editor.remove_layer()
    guest.wait(lambda: guest.bridge.network is not None and len(guest.bridge.network.hidden) == 1)
    guest.wait(lambda: panel.page.title == "Loss of row 1")
    guest.window.filing.load("diabetes")
    guest.wait(lambda: guest.bridge.dataset.name == "diabetes")
    guest.wait(lambda: panel._account is not None and panel._account.dataset.name == "diabetes")
    guest.window.selection.choose_neuron((3, 0))
    assert "progression" in panel.page.title
    assert "standard deviation" in line(panel, "In the unit of the file").rule


def test_what_another_optimizer_does_not_have_is_walked_back_from(panel, guest):
    import dataclasses

    from simulator.spec import Rule

    guest.window.selection.choose_edge((0, 0, 0))
    panel.walk(Subject(Number("memory", 0, 0, source=0, name="m"), BATCH))
    assert len(panel.trail) == 2
    guest.bridge.configure(dataclasses.replace(guest.bridge.config, optimizer=Rule("sgd")))
    guest.wait(lambda: len(panel.trail) == 1)
    assert panel.page.title.startswith("The weight from")


def test_a_large_network_is_explained_beside_the_window(guest, monkeypatch):
    from ui import asking

    monkeypatch.setattr(asking, "_AT_ONCE", 0)
    jobs = []
    start = guest.bridge.run_job
    monkeypatch.setattr(guest.bridge, "run_job", lambda *a, **k: jobs.append(start(*a, **k)) or jobs[-1])
    panel = opened(guest)
    assert jobs
    guest.window.selection.choose_row(20)
    guest.window.selection.choose_row(21)
    guest.wait(lambda: panel._account.shown.row == 21)
    assert panel.page.title == "Loss of row 22"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [(1400, 900), (1000, 700)])
def test_nothing_is_cut_off_at_the_side(panel, guest, theme, size):
    guest.window.resize(*size)
    if guest.window.theme.name != theme:
        guest.trigger("theme")
    guest.window.selection.choose_edge((1, 1, 2))
    guest.pass_time(0.1)
    room = panel._view.area.viewport().width()
    for each in (*panel._view.formulas, panel._view.shares, panel._view.meaning):
        assert each.mapTo(panel._view.area.viewport(), QPoint(each.width(), 0)).x() <= room
    for text in (formula(panel), formula(panel, 1), panel._view.meaning, panel._view.trail):
        assert all(each.x + each.width <= text.width() for each in text._placed)
        assert "".join(each.text for each in text._placed).replace(" ", "") == text.text.replace(" ", "")


def test_a_long_name_is_broken_and_big_and_tiny_numbers_are_written(make_window, tmp_path):
    long = "a_very_long_name_of_a_column_" * 6
    rows = [f"{1e12 * (k % 7):.1f},{1e-9 * (k % 5):.3e},{'yes' if k % 2 else 'no'}" for k in range(60)]
    path = tmp_path / "far.csv"
    path.write_text("\n".join([f"{long},tiny,answer", *rows]), encoding="utf-8")
    guest = make_window(str(path))
    panel = opened(guest)
    guest.window.selection.choose_neuron((0, 0))
    panel.walk(Subject(Number("cell", row=0, name=long)))
    guest.pass_time(0.05)
    trail = guest.find("inspector.trail")
    assert "".join(each.text for each in trail._placed).replace(" ", "") == trail.text.replace(" ", "")
    assert all(each.x + each.width <= trail.width() for each in trail._placed)


def test_formulas_do_not_shrink_while_the_numbers_change(guest):
    from ui.panels.inspection import Segment
    from ui.panels.linked_text import LinkedText

    text = LinkedText(guest.window.theme, lambda _target: "")
    guest.bot.addWidget(text)
    text.resize(200, 30)
    text.show_segments(
        (Segment("z = "), Segment("0.123456789", 1), Segment(" + "), Segment("12345678901", 2)), steady=True
    )
    wide, high = [link.place.left() for link in text.links], text.height()
    text.show_segments((Segment("z = "), Segment("0.1", 1), Segment(" + "), Segment("1", 2)), fresh=False, steady=True)
    assert [link.place.left() for link in text.links] == wide
    assert text.height() == high
    # The line below a figure ends where the figure ends, not where the room for a longer one does.
    assert text.links[0].place.width() == text._metrics().horizontalAdvance("0.1")
    text.show_segments((Segment("z = "), Segment("0.1", 1), Segment(" + "), Segment("1", 2)), fresh=False)
    assert text.links[1].place.left() < 200
