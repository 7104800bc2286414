"""The inspector about the last update, about numbers that nothing on the canvas stands for, and what it lights."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from simulator.explain import KINDS, Number, place_of
from simulator.explain.check import check
from simulator.explain.kinds.origin import SCALES
from simulator.spec import Rule
from ui.panels.inspection import BATCH, LAST, ROW, Subject, pointed_at, subject_of
from ui.selection import Pointed

EDGE = (0, 1, 2)


def opened(guest):
    guest.window.docks["inspector"].show()
    panel = guest.window.panels["inspector"]
    guest.wait(lambda: panel.page is not None)
    return panel


@pytest.fixture
def panel(guest):
    """The inspector of a network that has trained, and stands still."""
    guest.advance_to(3)
    return opened(guest)


def line(panel, caption):
    found = [each for each in panel.page.lines if each.caption.startswith(caption)]
    assert found, [each.caption for each in panel.page.lines]
    return found[0]


def number(text):
    return float(text.replace("−", "-").strip("()"))


def hover(widget, nth):
    """Move the pointer onto a link, which may be scrolled out of sight."""
    place, none = widget.links[nth].place.center(), Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, place, QPointF(widget.mapToGlobal(place)), none, none,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(widget, event)


def said(panel) -> str:
    """Everything that the page says."""
    page = panel.page
    bars = () if page.bars is None else page.bars.rows
    return "\n".join([page.title, page.figure, page.advice, *(each.text for each in page.lines),
                      *(f"{bar.name.text} {bar.figure.text}" for bar in bars)])  # fmt: skip


def example(kind: str) -> Number:
    """An address of a kind that is there for the penguins with adam."""
    needs = KINDS[kind].needs
    names = {"cell": "bill_depth_mm", "mean": "bill_depth_mm", "scale": "bill_depth_mm", "memory": "m", "result": "m"}
    names |= {"setting": "optimizer.learning_rate"}
    unit = 1 if {"unit", "entry", "input", "output"} & set(needs) else -1
    layer = 0 if {"layer", "hidden"} & set(needs) else -1
    return Number(kind, layer, unit, 0 if "row" in needs else -1, 2 if "source" in needs else None,
                  names.get(kind, ""))  # fmt: skip


# -- the last update ----------------------------------------------------------------------------------------------


def test_a_weights_last_update_leads_to_what_it_is_now_and_says_who_moved_it(panel, guest):
    guest.window.selection.choose_edge(EDGE)
    old, step, now = (number(text) for text in line(panel, "Its last update").text.split(" = ", 1)[1]
                      .replace(" + ", " = ").split(" = "))  # fmt: skip
    weight = float(guest.bridge.snapshot.layers[0].weight[1, 2])
    assert now == pytest.approx(weight, rel=6e-4)
    assert old + step == pytest.approx(now, abs=2e-4)
    assert panel.page.bars.title == "Who moved it: batch 18 of epoch 3"
    last = panel._account.last
    parameter = Number("parameter", 0, 2, source=1)
    assert sum(mover.value for mover in last.movers(parameter)) == pytest.approx(
        last.value(dataclasses.replace(parameter, kind="step")), rel=1e-12
    )
    rows = {bar.name.target for bar in panel.page.bars.rows if bar.name.target is not None}
    dataset = guest.bridge.dataset
    assert rows == set(dataset.train_rows[last.explanation.moment.rows].tolist())
    assert line(panel, "Its gradient by the shown row alone, now")


def test_what_is_followed_from_the_last_update_stays_in_it_down_to_the_file(panel, guest):
    guest.window.selection.choose_edge(EDGE)
    last_lines = [each for each in panel.page.lines if "now" not in each.caption]
    assert {segment.target.rows for each in last_lines for segment in each.segments if segment.target} == {LAST}
    for kind in ("data_gradient", "share", "delta", "pull", "parameter"):
        targets = [segment.target for each in panel.page.lines for segment in each.segments if segment.target]
        found = [target for target in targets if target.number.kind == kind and target.rows == LAST]
        panel.walk(found[0] if found else Subject(Number(kind, 0, 2, source=1), LAST))
    assert [subject.rows for subject in panel.trail] == [BATCH, LAST, LAST, LAST, LAST, LAST]
    assert "As it was before the last update, batch 18 of epoch 3." in panel.page.meaning
    assert panel.page.turn == ""
    moment = panel._account.last.explanation.moment
    address = panel.trail[-1].number
    place = place_of(moment.network, address.layer, address.source, address.unit)
    assert number(panel.page.figure.split(" = ")[1]) == pytest.approx(float(moment.parameters[place]), rel=6e-4)


def test_at_the_start_there_is_no_last_update_and_a_change_of_settings_does_not_take_it_away(guest):
    panel = opened(guest)
    guest.window.selection.choose_edge(EDGE)
    assert line(panel, "Its last update").text == "There was none yet: it is as it was at the start."
    assert panel.page.bars.title == "Who moves it next: batch 1 of epoch 1"
    last = guest.find("inspector.last")
    assert not last.isEnabled()
    assert "not known" in last.toolTip()
    guest.bridge.advance(2, "batch")
    guest.wait(lambda: panel.page.bars.title == "Who moved it: batch 2 of epoch 1")
    assert last.isEnabled()
    guest.bridge.configure(dataclasses.replace(guest.bridge.config, l2=0.01))
    guest.wait(lambda: panel._account.moment.config.l2 == 0.01)
    assert panel._account.last_moment.config.l2 == 0.0
    assert last.isEnabled()
    assert panel.page.bars.title == "Who moved it: batch 2 of epoch 1"


def test_which_update_is_told_of_is_kept_from_weight_to_weight(panel, guest):
    guest.window.selection.choose_edge(EDGE)
    assert panel.page.turn == LAST
    guest.find("inspector.next").click()
    guest.window.selection.choose_edge((1, 0, 0))
    assert panel.page.turn == BATCH
    assert line(panel, "Its next step")
    guest.find("inspector.last").click()
    assert panel.page.turn == LAST
    guest.window.selection.choose_neuron((1, 0))
    assert not guest.find("inspector.last").isVisible()


# -- where it begins ----------------------------------------------------------------------------------------------


def test_every_kind_of_number_can_be_begun_with(panel, guest):
    other_ways = {kind for way, kinds in SCALES.items() if way != "standardise" for kind in kinds}
    wide = [kind for kind in KINDS if kind not in {"seen", "fill", "shared_memory"} | other_ways]
    for kind in wide:
        begin = example(kind)
        guest.window.selection.choose_number(begin)
        assert panel.trail == [subject_of(panel._account.moment, None, None, begin)], kind
        ancestry = panel._account.batch if panel.trail[0].rows == BATCH else panel._account.row
        assert panel.page.title.lower() == ancestry.label(begin).lower(), kind
        assert panel.page.figure, kind
        assert guest.find("inspector.trail").text == panel.page.title
        assert panel.page.advice == ""
        for each in panel.page.lines:
            assert "nan" not in each.text, kind


def test_a_number_that_is_not_there_any_more_is_told_and_nothing_raises(panel, guest):
    guest.window.selection.choose_number(Number("setting", name="optimizer.beta1"))
    assert panel.page.figure == "β₁ = 0.9"
    guest.bridge.configure(dataclasses.replace(guest.bridge.config, optimizer=Rule("sgd")))
    guest.wait(lambda: "no setting" in panel.page.title)
    assert panel.page.title == "There is no setting 'optimizer.beta1'"
    guest.window.selection.choose_neuron((1, 0))
    assert panel.page.title == "a of hidden 1, neuron 1, row 1"


def test_the_button_beside_the_learning_rate_shows_what_it_does(guest):
    guest.advance_to(2)
    guest.bridge.configure(dataclasses.replace(guest.bridge.config, schedule=Rule("cosine")))
    guest.find("training.ask").click()
    panel = guest.window.panels["inspector"]
    assert guest.window.docks["inspector"].isVisible()
    guest.wait(lambda: panel.page is not None and panel.page.title == "Learning rate")
    guest.wait(lambda: "cosine" in line(panel, "What the schedule makes").text)
    rate, factor, product = (number(text) for text in line(panel, "The learning rate").text.split(" = ", 1)[1]
                             .replace("·", " = ").split(" = "))  # fmt: skip
    assert rate * factor == pytest.approx(product, rel=1e-3)
    assert line(panel, "The number of the update").text == "t = 37 (with this update)"
    step = panel._account.batch.explanation.update.step
    assert abs(number(line(panel, "The largest step").text.split(" = ")[-1])) == pytest.approx(
        np.abs(step).max(), rel=1e-3
    )
    sizes = [abs(number(bar.figure.text)) for bar in panel.page.bars.rows]
    assert sizes == sorted(sizes, reverse=True)
    assert all(bar.name.target.number.kind == "parameter" for bar in panel.page.bars.rows)


def test_the_button_stays_when_the_optimizer_is_another_one(guest):
    guest.bridge.configure(dataclasses.replace(guest.bridge.config, optimizer=Rule("rmsprop")))
    ask = guest.find("training.ask")
    guest.wait(lambda: guest.window.editor.plan.config.optimizer.name == "rmsprop" and ask.isVisible())
    assert ask.focusPolicy() & Qt.FocusPolicy.TabFocus
    field = guest.window.panels["training"].optimizer.form.fields["learning_rate"]
    assert field.isVisible()
    assert ask.parent() is field.parent()


# -- rows without truth -------------------------------------------------------------------------------------------


def test_a_changed_row_has_no_truth_and_no_figure_pretends_one(panel, guest):
    selection = guest.window.selection
    selection.choose_row(20)
    selection.change_inputs(np.array([0.5, -0.5, 1.0, 0.2]))
    assert panel.page.title == "Loss of the changed row"
    assert panel.page.advice.startswith("No truth is known for a changed row, so that it has no loss")
    assert panel.page.figure == ""
    for choose in (
        lambda: selection.choose_neuron((1, 2)),
        lambda: selection.choose_neuron((3, 1)),
        lambda: selection.choose_neuron((0, 0)),
        lambda: selection.choose_edge(EDGE),
        lambda: selection.choose_number(Number("delta", 0, 2, 0)),
        lambda: selection.choose_number(Number("target", unit=0, row=0)),
    ):
        choose()
        assert "unknown" not in said(panel)
        assert "the given row" not in said(panel)
        assert panel.page.advice.startswith("No truth is known")
    selection.choose_row(20)
    assert panel.page.figure.startswith("y = ")
    selection.choose_neuron((1, 2))
    assert line(panel, "How the loss depends on the sum")


# -- what it lights -----------------------------------------------------------------------------------------------


def test_the_pointer_and_the_keyboard_light_what_a_figure_belongs_to(panel, guest, qtbot):
    guest.window.activateWindow()
    selection = guest.window.selection
    selection.choose_row(20)
    selection.choose_neuron((2, 3))
    guest.pass_time(0.05)
    text = panel._view.formulas[0].text
    kinds = [link.target.number.kind for link in text.links]
    seen, weight = kinds.index("a"), kinds.index("parameter")
    heard = []
    selection.pointed_changed.connect(heard.append)
    hover(text, weight)
    source = text.links[weight].target.number.source
    assert heard[-1] == Pointed(edge=(1, source, 3))
    hover(text, seen)
    assert heard[-1] == Pointed(row=20, neuron=(1, text.links[seen].target.number.unit))
    QApplication.sendEvent(text, QEvent(QEvent.Type.Leave))
    assert heard[-1] is None
    text.setFocus(Qt.FocusReason.TabFocusReason)
    assert heard[-1] == Pointed(row=20, neuron=(1, text.links[0].target.number.unit))
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    assert heard[-1].edge == (1, text.links[1].target.number.source, 3)
    guest.window.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
    assert heard[-1] is None


def test_a_row_of_the_batch_is_lit_and_closing_the_panel_puts_the_light_out(panel, guest):
    guest.window.selection.choose_edge(EDGE)
    guest.pass_time(0.05)
    shares = guest.find("inspector.shares")
    nth = next(nth for nth, link in enumerate(shares.links) if isinstance(link.target, int))
    hover(shares, nth)
    row = shares.links[nth].target
    assert guest.window.selection.pointed == Pointed(row=row)
    hover(shares, nth + 1)
    assert guest.window.selection.pointed == Pointed(row=row, edge=EDGE)
    guest.window.docks["inspector"].close()
    assert guest.window.selection.pointed is None


def test_a_link_that_goes_away_under_the_pointer_lights_nothing_else(panel, guest):
    guest.window.selection.choose_neuron((2, 3))
    guest.pass_time(0.05)
    text = panel._view.formulas[0].text
    place = text.links[-1].place.center()
    hover(text, len(text.links) - 1)
    assert guest.window.selection.pointed is not None
    panel.walk(Subject(Number("mean", name="bill_depth_mm"), ROW))
    guest.pass_time(0.05)
    under = text.link_at(QPointF(place))
    assert under >= 0 or guest.window.selection.pointed is None


def test_every_kind_belongs_to_something_that_is_there(panel, guest):
    account = panel._account
    sizes = account.moment.network.sizes
    for kind in KINDS:
        subject = Subject(example(kind), ROW if "row" in KINDS[kind].needs else BATCH)
        pointed = pointed_at(account, subject)
        if pointed.neuron is not None:
            assert 0 <= pointed.neuron[1] < sizes[pointed.neuron[0]], kind
        if pointed.edge is not None:
            assert pointed.edge == (0, 2, 1), kind
        assert pointed.row == (account.shown.row if "row" in KINDS[kind].needs else None), kind
    assert pointed_at(account, Subject(Number("mean", name="flipper_length_mm"), BATCH)).neuron == (0, 2)
    assert pointed_at(account, Subject(Number("output", unit=1, row=0), ROW)).neuron == (3, 1)
    assert pointed_at(account, Subject(Number("seen", 1, 4, 0), ROW)).neuron == (1, 4)


# -- a proof in place ---------------------------------------------------------------------------------------------


def test_the_check_of_a_weight_is_shown_in_place_and_says_which_batch(panel, guest):
    guest.window.selection.choose_neuron((1, 0))
    button = guest.find("inspector.check")
    assert not button.isEnabled()
    assert "Choose a weight or a bias" in button.toolTip()
    guest.window.selection.choose_edge(EDGE)
    assert button.isEnabled()
    button.click()
    proof = guest.find("inspector.proof")
    guest.wait(lambda: proof.isVisible())
    account = panel._account
    found = check(account.last.explanation, place_of(account.moment.network, 0, 1, 2))
    assert proof.text.startswith("Checked in batch 18 of epoch 3: explained ")
    assert proof.text.endswith("they agree.")
    explained = number(proof.text.split("explained ")[1].split(",")[0])
    measured = number(proof.text.split("measured ")[1].split(" ")[0])
    assert explained == pytest.approx(found.explained, rel=1e-6)
    assert measured == pytest.approx(found.measured, rel=1e-6)
    guest.find("inspector.next").click()
    assert not proof.isVisible(), "it is about another batch"
    guest.window.selection.choose_number(Number("parameter", 1, 2))
    button.click()
    guest.wait(lambda: proof.isVisible())
    assert "batch 1 of epoch 4" in proof.text


def test_every_button_has_a_name_and_a_tooltip_with_its_formula(panel, guest):
    guest.window.selection.choose_edge(EDGE)
    for button in panel._view.tools.buttons:
        assert button.objectName()
        assert button.accessibleName()
        assert len(button.toolTip()) > 20
    for name in ("check", "check_all", "compare"):
        assert "\n" in guest.find(f"inspector.{name}").toolTip()


@pytest.mark.parametrize("width", [236, 420, 900])
def test_the_buttons_have_room_in_a_narrow_panel(panel, guest, width):
    guest.window.selection.choose_edge(EDGE)
    tools = panel._view.tools
    tools.resize(width, tools.height())
    shown = [button.geometry() for button in tools.buttons if button.isVisible()]
    assert len(shown) == 5
    assert all(each.left() >= 0 and each.right() < width for each in shown)
    assert not any(one.intersects(other) for one in shown for other in shown if one is not other)
    assert tools.minimumHeight() > max(each.bottom() for each in shown)


def test_the_proofs_of_all_are_reached_from_the_panel(panel, guest):
    guest.find("inspector.check_all").click()
    dialog = guest.find("dialog.gradients")
    guest.wait(lambda: not dialog.running)
    assert dialog.checks.agree
    dialog.close()
    guest.find("inspector.compare").click()
    dialog = guest.find("dialog.torch")
    assert dialog.isVisible()
    assert guest.find("torch.since").text() == "after epoch 3, of 18 batches each"
    dialog.close()


def test_while_it_plays_the_last_update_is_told_of_and_does_not_come_and_go(guest):
    panel = opened(guest)
    guest.window.selection.choose_edge(EDGE)
    assert panel.page.turn == BATCH
    guest.bridge.speed = 30
    guest.bridge.play()
    guest.wait(lambda: panel.page.turn == LAST)
    # As it is where repeating the run would take too long now and then.
    unknown = dataclasses.replace(panel._account, last_moment=None)
    panel._answered(unknown)
    assert panel.page.turn == BATCH
    assert "not known now" in line(panel, "Its last update").text
    answers = []
    guest.window.asking.answered.connect(answers.append)
    guest.wait(lambda: any(answer.last is not None for answer in answers))
    assert panel.page.turn == BATCH
    guest.bridge.pause()
    guest.wait(lambda: panel.page.turn == LAST)
