"""A row that somebody changes: sliders, typed values and categories, warnings, contributions, and the way back."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit

from simulator.data import open_dataset
from simulator.explain.whatif import contributions, seen_in
from simulator.interchange import Model
from simulator.nn import parameters as laid_out
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.commands import Open
from simulator.training.session import Session
from ui.canvas.picture import value_text
from ui.panels.what_if_draft import draft_of
from ui.panels.what_if_grid import decimals_of, grid_of
from ui.panels.what_if_line import parsed
from ui.panels.what_if_shares import GRADIENT, LEAVE_OUT, shares_of
from ui.selection import Pointed, describe, places
from ui.theme import THEMES

FLIPPER, MASS = "flipper_length_mm", "body_mass_g"
ENDS = st.floats(-1e12, 1e12) | st.floats(-1e-3, 1e-3) | st.integers(-300, 300).map(float)


@pytest.fixture
def guest(lasting):
    return lasting()


@pytest.fixture
def what_if(guest):
    return guest.window.panels["output"].what_if


def feature_row(panel, column):
    return next(row for row in panel.list.rows if row.facts is not None and row.facts.column == column)


def drag(bot, slider, *values):
    """Take the knob and move it over some values, with real mouse events."""
    middle = slider.height() // 2
    bot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.x_of(slider.value_shown)), middle))
    for value in values:
        bot.mouseMove(slider, QPoint(round(slider.x_of(value)), middle))
        bot.wait(25)
    bot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.x_of(values[-1])), middle))
    bot.wait(25)


def type_into(bot, line, text):
    line.setFocus()
    line.selectAll()
    bot.keyClicks(line, text)


def changed_table(dataset, row, **cells):
    table = dataset.table.iloc[[row]].astype(object).copy()
    for column, value in cells.items():
        table[column] = value
    return table


def test_dragging_a_slider_sends_the_changed_row_through_everything(guest, what_if):
    guest.advance_to(20)
    guest.window.selection.choose_row(152)
    slider = feature_row(what_if, FLIPPER).slider
    before = guest.window.canvas.picture.probabilities
    drag(guest.bot, slider, 200.0, 190.0, 181.0)
    guest.wait(lambda: abs(guest.window.selection.chosen.real[2] - 181) <= 1)
    chosen = guest.window.selection.chosen
    assert (chosen.row, chosen.split, chosen.actual) == (152, "changed", None)
    value = chosen.real[2]
    dataset, snapshot = guest.bridge.dataset, guest.bridge.snapshot
    wanted = dataset.recipe.transform(changed_table(dataset, 152, **{FLIPPER: round(value)}))[0]
    assert np.array_equal(chosen.inputs, wanted)
    model = Model(snapshot.network, snapshot.config, snapshot.parameters, dataset.recipe)
    said = model.predict(changed_table(dataset, 152, **{FLIPPER: round(value)})).iloc[0, 1:].to_numpy(dtype=float)
    assert guest.window.canvas.picture.probabilities == pytest.approx(said, abs=1e-12)
    assert guest.window.panels["output"].bars.answer.shares == pytest.approx(said, abs=1e-12)
    assert guest.window.canvas.picture.probabilities != before
    own = dataset.table[FLIPPER].iloc[152]
    line = guest.find("output.row", QLabel).text()
    assert line == f"Row 153, changed: flipper length {own:.0f} → {value:.0f} mm"
    assert "changed by hand" in guest.window.stage.about.text


def test_a_row_keeps_what_was_changed_while_training_plays_and_its_outputs_are_live(guest, what_if):
    feature_row(what_if, MASS).slider.moved.emit(5000.0)
    chosen, before = guest.window.selection.chosen, guest.window.panels["output"].bars.answer.shares
    guest.advance_to(15)
    assert guest.window.selection.chosen is chosen
    assert guest.window.panels["output"].bars.answer.shares != before
    assert feature_row(what_if, MASS).line.text() == value_text(5000.0)


@pytest.mark.parametrize("how", ["button", "row", "twice", "typed"])
def test_everything_can_be_taken_back(guest, what_if, how):
    row = feature_row(what_if, MASS)
    own = guest.window.selection.chosen.inputs
    assert not what_if.reset.isEnabled()
    assert what_if.reset.toolTip()
    row.slider.moved.emit(5000.0)
    assert guest.window.selection.chosen.split == "changed"
    assert what_if.reset.text() == "Back to row 1"
    if how == "button":
        guest.bot.mouseClick(what_if.reset, Qt.MouseButton.LeftButton)
    elif how == "row":
        guest.window.selection.choose_row(0)
    elif how == "twice":
        guest.bot.mouseDClick(row.slider, Qt.MouseButton.LeftButton, pos=QPoint(2, 8))
    else:
        type_into(guest.bot, row.line, "3750")
        guest.bot.keyClick(row.line, Qt.Key.Key_Return)
    guest.wait(lambda: guest.window.selection.chosen.split == "train")
    assert np.array_equal(guest.window.selection.chosen.inputs, own)
    assert row.slider.value_shown == 3750
    assert not what_if.reset.isEnabled()
    assert guest.find("output.row", QLabel).text() == "Row 1 of 344: a training row"


@pytest.mark.parametrize("text", ["217.3", "217.3 mm", " 217.3mm", "2.173e2"])
def test_a_typed_value_is_exactly_what_a_prediction_of_the_file_would_feed(guest, what_if, text):
    line = feature_row(what_if, FLIPPER).line
    type_into(guest.bot, line, text)
    assert guest.window.selection.chosen.split == "train", "nothing happens before the end of typing"
    guest.bot.keyClick(line, Qt.Key.Key_Return)
    dataset = guest.bridge.dataset
    for cell in (217.3, "217.3"):
        wanted = dataset.recipe.transform(changed_table(dataset, 0, **{FLIPPER: cell}))[0]
        assert np.array_equal(guest.window.selection.chosen.inputs, wanted)
    assert line.text() == "217.3"


def test_a_wrong_text_is_refused_as_it_is_typed_and_not_kept(guest, what_if):
    line, note = feature_row(what_if, MASS).line, guest.find("what_if.note", QLabel)
    calm = note.text()
    for text in ("abc", "1,5", "?", "1e999", "12.5.1"):
        type_into(guest.bot, line, text)
        assert note.text() != calm, text
        assert note.palette().windowText().color() == what_if.theme.color("bad"), text
        guest.bot.keyClick(line, Qt.Key.Key_Return)
        assert line.text() == value_text(3750.0), text
        assert note.text() == calm, text
        assert guest.window.selection.chosen.split == "train", text


def test_escape_gives_a_typed_text_up(guest, what_if):
    line = feature_row(what_if, MASS).line
    type_into(guest.bot, line, "99")
    guest.bot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == value_text(3750.0)
    guest.bot.keyClick(line, Qt.Key.Key_Return)
    assert guest.window.selection.chosen.split == "train"


def test_a_value_that_overflows_is_refused(guest, what_if):
    line = feature_row(what_if, MASS).line
    type_into(guest.bot, line, "1e308")
    guest.bot.keyClick(line, Qt.Key.Key_Return)
    assert np.isfinite(guest.window.selection.chosen.inputs).all()


def test_the_keyboard_moves_a_slider_by_a_step_and_says_what_it_is(guest, what_if):
    slider = feature_row(what_if, FLIPPER).slider
    assert slider.accessibleName() == "flipper length, 181 mm"
    slider.setFocus()
    guest.bot.keyClick(slider, Qt.Key.Key_Right)
    assert guest.window.selection.chosen.real[2] == pytest.approx(182)
    assert slider.accessibleName() == "flipper length, 182 mm"
    line = feature_row(what_if, FLIPPER).line
    line.setFocus()
    guest.bot.keyClick(line, Qt.Key.Key_Up)
    guest.wait(lambda: guest.window.selection.chosen.real[2] == pytest.approx(183))


def test_a_value_that_training_never_saw_is_warned_of(guest, what_if):
    row, note = feature_row(what_if, FLIPPER), guest.find("what_if.note", QLabel)
    assert row.mark.isHidden()
    row.slider.moved.emit(260.0)
    assert not row.mark.isHidden()
    assert row.slider.warns
    assert note.text() == "flipper length is 260 mm; the training rows go from 172 to 230 mm."
    assert row.mark.toolTip() == row.slider.accessibleDescription() == note.text()
    assert note.palette().windowText().color() == what_if.theme.color("warning")
    assert feature_row(what_if, MASS).mark.isHidden(), "only what is outside is warned of"
    guest.window.dress(THEMES["light"])
    assert note.palette().windowText().color() == THEMES["light"].color("warning")
    row.slider.moved.emit(230.0)
    guest.wait(lambda: row.mark.isHidden())
    assert not row.slider.warns


def test_changes_within_a_frame_are_sent_once(guest, what_if):
    seen = []
    guest.window.selection.row_changed.connect(lambda chosen: seen.append(chosen.real[3]))
    slider = feature_row(what_if, MASS).slider
    for value in range(3000, 4000, 20):
        slider.moved.emit(float(value))
    guest.wait(lambda: guest.window.selection.chosen.real[3] == pytest.approx(3980))
    assert len(seen) < 25


def test_a_row_with_missing_values_starts_from_the_means(guest, what_if):
    guest.window.selection.choose_row(3)
    dataset = guest.bridge.dataset
    assert feature_row(what_if, MASS).line.text() == ""
    assert feature_row(what_if, MASS).line.placeholderText() == "missing"
    assert "training mean" in guest.find("what_if.note", QLabel).text()
    guest.bot.mouseClick(what_if.reset, Qt.MouseButton.LeftButton)
    chosen = guest.window.selection.chosen
    assert chosen.split == "changed"
    assert chosen.inputs == pytest.approx(seen_in(dataset).means, abs=1e-9)
    type_into(guest.bot, feature_row(what_if, FLIPPER).line, "210")
    guest.bot.keyClick(feature_row(what_if, FLIPPER).line, Qt.Key.Key_Return)
    guest.wait(lambda: guest.window.selection.chosen.real[2] == pytest.approx(210))
    assert guest.find("output.row", QLabel).text() == "Row 4, changed: flipper length → 210 mm + 3 more"
    assert "bill length: missing → " in guest.find("output.row", QLabel).toolTip()
    guest.bot.mouseClick(what_if.reset, Qt.MouseButton.LeftButton)
    assert guest.window.selection.chosen.split == "unused"


def test_contributions_are_those_of_the_simulator_in_the_units_of_z(guest, what_if):
    guest.advance_to(10)
    dataset, snapshot = guest.bridge.dataset, guest.bridge.snapshot
    seen, x = seen_in(dataset), guest.window.selection.chosen.inputs
    values = np.asarray(snapshot.parameters, np.float64)
    box = guest.find("what_if.output", QComboBox)
    kinds = guest.find("what_if.kind", QComboBox)
    for index in range(3):
        box.setCurrentIndex(index + 1)
        box.activated.emit(index + 1)
        found = contributions(snapshot.network, values, x, index, seen, of_logit=True)
        for kind, parts in ((GRADIENT, found.by_gradient), (LEAVE_OUT, found.by_ablation)):
            kinds.setCurrentIndex(kinds.findData(kind))
            kinds.activated.emit(kinds.currentIndex())
            for row, part in zip(what_if.list.rows, parts, strict=True):
                assert row.bar.share == pytest.approx(part / np.abs(parts).max())
                assert float(row.bar.text.replace("−", "-").replace(" ", "")) == pytest.approx(part, abs=0.006)
                assert "Gradient × input" in row.bar.toolTip()
                assert f"probability of {dataset.class_names[index]}" in row.bar.toolTip()


def test_contributions_to_a_value_are_in_its_units_and_categories_can_be_chosen(make_window):
    guest = make_window("auto_mpg")
    guest.advance_to(5)
    what_if = guest.window.panels["output"].what_if
    dataset, snapshot = guest.bridge.dataset, guest.bridge.snapshot
    seen, selection = seen_in(dataset), guest.window.selection
    found = contributions(snapshot.network, snapshot.parameters.astype(float), selection.chosen.inputs, 0, seen)
    wanted = found.by_gradient * dataset.recipe.outcome.scale
    for row, part in zip(what_if.list.rows, wanted, strict=True):
        assert float(row.bar.text.replace("−", "-").split()[0]) == pytest.approx(part, rel=0.01, abs=1e-3)
    assert not guest.find("what_if.output", QComboBox).isVisible()
    place = next(place for place, feature in enumerate(seen.features) if feature.categories)
    feature = seen.features[place]
    box = guest.find(f"what_if.category.{feature.column}", QComboBox)
    own = str(dataset.table[feature.column].iloc[0])
    assert box.currentData() == own
    other = next(name for name in feature.categories if name != own)
    box.setFocus()
    box.setCurrentIndex(box.findData(other))
    box.activated.emit(box.currentIndex())
    wanted = dataset.recipe.transform(changed_table(dataset, 0, **{feature.column: other}))[0]
    guest.wait(lambda: selection.chosen.split == "changed")
    assert np.array_equal(selection.chosen.inputs, wanted)
    assert guest.find("output.row", QLabel).text().endswith(f"{own} → {other}")
    assert box.accessibleName().endswith(f", {other}")


def test_an_unknown_category_is_shown_and_warned_of(make_window, tmp_path):
    rows = [f"{'ab'[n % 2]},{n % 7},{'xy'[n % 2]}" for n in range(40)]
    rows[7] = "only here,1,y"
    (tmp_path / "odd.csv").write_text("kind,size,target\n" + "\n".join(rows))
    for seed in range(40):
        dataset = open_dataset(tmp_path / "odd.csv", target="target", seed=seed)
        if 7 in dataset.test_rows:
            break
    guest = make_window(tmp_path / "odd.csv", target="target", seed=seed)
    guest.window.selection.choose_row(7)
    what_if = guest.window.panels["output"].what_if
    row = feature_row(what_if, "kind")
    assert row.box.currentText() == "only here (unknown)"
    assert "only here" in guest.find("what_if.note", QLabel).text()
    assert not row.mark.isHidden()


@pytest.mark.slow
def test_many_features_come_in_pages_the_largest_contribution_first(make_window):
    guest = make_window("breast_cancer")
    guest.advance_to(3)
    panel = guest.window.panels["output"].what_if.list
    assert guest.find("what_if.page", QLabel).text() == "1–12 of 30"
    assert len(panel.rows) == 12
    sizes = [abs(row.bar.share) for row in panel.rows]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 1
    first = panel.shown
    guest.bot.mouseClick(panel.pages.forth, Qt.MouseButton.LeftButton)
    guest.bot.mouseClick(panel.pages.forth, Qt.MouseButton.LeftButton)
    assert not set(panel.shown) & set(first)
    assert not panel.pages.forth.isEnabled()
    assert [row.isHidden() for row in panel.rows] == [False] * 6 + [True] * 6
    guest.bot.keyClicks(guest.find("what_if.search", QLineEdit), "worst AREA")
    (place,) = panel.shown
    assert panel.facts(place).column == "worst_area"
    row = panel.rows[0]
    row.slider.moved.emit(row.slider.grid.value(3))
    guest.wait(lambda: guest.window.selection.chosen.split == "changed")
    dataset = guest.bridge.dataset
    wanted = dataset.recipe.transform(changed_table(dataset, 0, worst_area=row.slider.grid.value(3)))[0]
    assert np.array_equal(guest.window.selection.chosen.inputs, wanted)
    guest.find("what_if.search", QLineEdit).setText("nothing like that")
    assert panel.shown == ()


def test_the_contributions_of_a_large_network_come_from_beside_the_window(make_window):
    guest = make_window("digits")
    what_if = guest.window.panels["output"].what_if
    network = NetworkSpec(64, (LayerSpec(256), LayerSpec(256)), 10)
    guest.bridge.open(guest.bridge.dataset, network, guest.bridge.config)
    guest.wait(lambda: guest.bridge.snapshot.network.sizes == network.sizes)
    guest.wait(lambda: what_if._shares is not None)
    x, snapshot = guest.window.selection.chosen.inputs, guest.bridge.snapshot
    index = guest.window.panels["output"].bars.answer.predicted
    values, seen = snapshot.parameters.astype(float), seen_in(guest.bridge.dataset)
    wanted = contributions(network, values, x, index, seen, of_logit=True)
    guest.wait(lambda: np.allclose(what_if._shares.by_gradient, wanted.by_gradient))


def test_inputs_that_another_view_changed_are_shown_in_real_units(guest, what_if):
    x = guest.window.selection.chosen.inputs.copy()
    x[3] = guest.bridge.dataset.X_train[5, 3] + 1
    guest.window.selection.change_inputs(x)
    value = guest.bridge.dataset.recipe.real(x)[3]
    assert feature_row(what_if, MASS).slider.value_shown == pytest.approx(value)
    assert guest.find("output.row", QLabel).text().startswith("Row 1, changed: body mass 3\u202f750 → ")


@pytest.mark.parametrize("panel", ["table", "inspector", "matrices", "lesson"])
def test_every_panel_copes_with_a_changed_row(guest, what_if, panel):
    guest.window.docks[panel].show()
    guest.window.docks[panel].raise_()
    guest.advance_to(2)
    feature_row(what_if, MASS).slider.moved.emit(6000.0)
    guest.window.selection.choose_neuron((1, 0))
    guest.pass_time(0.4)
    guest.wait(lambda: guest.window.asking.account is None or guest.window.asking.fresh)
    assert guest.window.selection.chosen.split == "changed"
    guest.window.selection.choose_row(1)
    assert guest.window.selection.chosen.split == "train"


def test_a_network_that_diverged_is_shown_without_figures(guest, what_if):
    nothing = np.full_like(guest.parameters, np.nan)
    snapshot = guest.bridge.snapshot
    broken = dataclasses.replace(snapshot, parameters=nothing, layers=laid_out.layers(snapshot.network, nothing))
    guest.bridge.snapshot = broken
    guest.bridge.snapshot_changed.emit(broken)
    assert {row.bar.text for row in what_if.list.rows} == {"–"}
    assert "unknown" in what_if.list.rows[0].bar.toolTip()
    feature_row(what_if, MASS).slider.moved.emit(6000.0)
    assert guest.window.selection.chosen.split == "changed"


def test_one_output_is_shared_out_for_the_second_class_and_with_the_other_sign_for_the_first():
    dataset = open_dataset("breast_cancer")
    network = NetworkSpec(30, (LayerSpec(4),), 1, "sigmoid")
    snapshot = Session(dataset, network, TrainingConfig(loss=Rule("binary_cross_entropy"))).snapshot()
    seen, x = seen_in(dataset), dataset.X_train[0]
    first, second = (shares_of(snapshot, dataset, seen, x, index) for index in (0, 1))
    assert first.name == dataset.class_names[0]
    assert np.array_equal(first.by_gradient, -second.by_gradient)
    assert np.array_equal(first.by_leaving_out, -second.by_leaving_out)
    assert first.whole + second.whole == pytest.approx(1)
    assert first.without + second.without == pytest.approx(np.ones(30))
    assert np.abs(second.by_gradient).max() > 0


def test_the_pointer_on_a_feature_lights_its_neuron_and_the_other_way_round(guest, what_if):
    row, selection = feature_row(what_if, MASS), guest.window.selection
    guest.bot.mouseMove(guest.window.stage.about)
    guest.bot.mouseMove(row.name)
    QApplication.sendEvent(row, QEnterEvent(QPointF(3, 3), QPointF(3, 3), QPointF(3, 3)))
    assert selection.pointed == Pointed(neuron=(0, 3))
    QApplication.sendEvent(row, QEvent(QEvent.Type.Leave))
    assert selection.pointed is None
    selection.point_at(Pointed(neuron=(0, 2)))
    lit = feature_row(what_if, FLIPPER).name
    assert lit.palette().windowText().color() == what_if.theme.color("link")
    assert row.name.palette().windowText().color() == what_if.theme.color("text")
    selection.point_at(Pointed(neuron=(1, 2)))
    assert lit.palette().windowText().color() == what_if.theme.color("text")


def test_tab_goes_down_the_rows_and_every_control_has_a_name_and_a_tooltip(guest, what_if):
    rows = what_if.list.rows
    assert [row.facts.column for row in rows] == list(guest.bridge.dataset.recipe.used)
    stops = [what_if.reset, *(widget for row in rows for widget in (row.line, row.slider))]
    rows[0].slider.moved.emit(50.0)
    stops[0].setFocus()
    for stop in stops[1:]:
        guest.bot.keyClick(guest.window.focusWidget(), Qt.Key.Key_Tab)
        assert guest.window.focusWidget() is stop
    for stop in stops:
        assert stop.objectName().startswith("what_if.")
        assert stop.accessibleName()
        assert stop.toolTip()


@given(ENDS, ENDS, st.none() | st.integers(0, 6), st.data())
def test_every_position_of_a_slider_stands_for_a_value_and_back(one, other, decimals, data):
    low, high = sorted((one, other))
    grid = grid_of(low, high, decimals)
    position = data.draw(st.integers(0, grid.positions))
    assert grid.position(grid.value(position)) == position
    assert 2 <= grid.positions <= 2000
    assert grid.value(0) < low
    assert grid.value(grid.positions) > high


@given(ENDS, ENDS, st.floats(0, 1))
def test_a_value_is_at_most_half_a_step_from_its_position(one, other, share):
    low, high = sorted((one, other))
    grid = grid_of(low, high)
    value = low + share * (high - low)
    step = grid.value(1) - grid.value(0)
    assert abs(grid.value(grid.position(value)) - value) <= 0.5 * step * (1 + 1e-6) + 4 * math.ulp(value)
    assert 0 <= grid.share(value) <= 1
    assert grid.position(math.inf) == grid.positions
    assert grid.position(-math.inf) == 0


@given(st.floats(-1e9, 1e9).map(lambda value: value if abs(value) > 1e-99 else 0.0))
def test_what_a_field_shows_can_be_typed_back(value):
    typed, refusal = parsed(value_text(value, "mm"), "mm", ".")
    assert refusal == ""
    assert typed == pytest.approx(value, rel=6e-3)


@pytest.mark.parametrize(
    ("values", "decimals"), [([1.0, 2.0], 0), ([39.1, 40], 1), ([0.25, 1], 2), ([1 / 3], None), ([], 0)]
)
def test_a_slider_is_no_finer_than_the_column(values, decimals):
    assert decimals_of(values) == decimals


def test_a_decimal_comma_is_understood_where_the_file_has_one():
    assert parsed("3,5", "", ",") == (3.5, "")
    assert parsed("3.5", "", ",") == (3.5, "")
    assert parsed("−3.5 %", "%", ".") == (-3.5, "")
    assert parsed("3,5", "", ".")[0] is None
    assert parsed("", "", ".")[0] is None


def test_a_frame_that_is_not_of_numbers_alone_is_prepared_as_the_recipe_does():
    table = pd.DataFrame({"a": ["1,5", "2,5", "3,5"] * 5, "b": list("xyz") * 5, "y": list("uvw") * 5})
    dataset = open_dataset(table, target="y", decimal=",")
    row = int(dataset.train_rows[0])
    draft = (
        draft_of(dataset, seen_in(dataset), describe(dataset, places(dataset), row)).changed(0, 2.25).changed(1, "z")
    )
    wanted = dataset.recipe.transform(pd.DataFrame({"a": ["2,25"], "b": ["z"]}))[0]
    assert np.array_equal(draft.inputs, wanted)


@pytest.fixture
def kitchen(guest):
    """Open penguins with an egg's date and a ratio in the window."""
    penguins = open_dataset("penguins").table
    days = [f"2007-{place % 12 + 1:02}-{place % 28 + 1:02}" for place in range(len(penguins))]
    columns = ["bill_length_mm", "bill_depth_mm", "species"]
    dataset = open_dataset(
        penguins[columns].assign(egg=days),
        target="species",
        features=["bill_length_mm", "bill_depth_mm", "egg", "ratio"],
        derived={"ratio": "bill_length_mm / bill_depth_mm"},
        columns={"egg": {"parts": ["year", "month", "day"]}},
    )
    guest.bridge.send(Open(dataset))
    guest.wait(lambda: guest.bridge.dataset is dataset)
    return dataset


def test_a_derived_column_follows_what_it_is_derived_from(guest, what_if, kitchen):
    guest.window.selection.choose_row(0)
    line = feature_row(what_if, "bill_length_mm").line
    type_into(guest.bot, line, "50")
    guest.bot.keyClick(line, Qt.Key.Key_Return)
    guest.wait(lambda: guest.window.selection.chosen.split == "changed")
    depth = kitchen.table["bill_depth_mm"].iloc[0]
    wanted = kitchen.recipe.transform(kitchen.table.iloc[[0]].assign(bill_length_mm=50.0))[0]
    assert np.array_equal(guest.window.selection.chosen.inputs, wanted)
    assert feature_row(what_if, "ratio").line.text() == value_text(50 / depth)
    type_into(guest.bot, line, value_text(kitchen.table["bill_length_mm"].iloc[0]))
    guest.bot.keyClick(line, Qt.Key.Key_Return)
    guest.wait(lambda: guest.window.selection.chosen.split != "changed")


def test_a_date_can_be_typed_and_nonsense_is_refused(guest, what_if, kitchen):
    guest.window.selection.choose_row(0)
    row = feature_row(what_if, "egg")
    typed = row.box.lineEdit()
    assert typed.text() == "2007-01-01"
    type_into(guest.bot, typed, "2007-06-15")
    guest.bot.keyClick(typed, Qt.Key.Key_Return)
    guest.wait(lambda: guest.window.selection.chosen.split == "changed")
    wanted = kitchen.recipe.transform(kitchen.table.iloc[[0]].assign(egg="2007-06-15"))[0]
    assert np.array_equal(guest.window.selection.chosen.inputs, wanted)
    type_into(guest.bot, typed, "whenever")
    guest.bot.keyClick(typed, Qt.Key.Key_Return)
    assert "2007-11-30" in what_if._note.label.text()
    assert np.array_equal(guest.window.selection.chosen.inputs, wanted)
