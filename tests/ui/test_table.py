"""The table of the data, as somebody uses it: by mouse and keyboard, in a real window."""

import io

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QTableView, QToolButton

from simulator.data import open_dataset
from simulator.insight.metrics import accuracy, rmse
from simulator.interchange import Model
from ui.panels import table_finder
from ui.panels.table_columns import BOTH, CORRECT, ERROR, LOSS, PREDICTION, PREPARED, RAW, SCORE, SPLIT
from ui.panels.table_model import Cell
from ui.selection import Pointed
from ui.theme import THEMES, mixed

Role = Qt.ItemDataRole
Key = Qt.Key


class Look:
    """Somebody in front of the table."""

    def __init__(self, guest, epochs: int = 0) -> None:
        self.guest, self.bot = guest, guest.bot
        guest.window.show_panel("table")
        if epochs:
            guest.advance_to(epochs)
        self.panel = guest.window.panels["table"]
        self.model, self.view = self.panel.model, guest.find("table.rows", QTableView)
        self.settle()

    def settle(self) -> None:
        """Wait until what is shown is what is wanted, of the newest moment."""
        finder = self.panel.finder

        def ready() -> bool:
            arranged = finder.arranged
            return (
                arranged is not None
                and arranged.wanted is finder.wanted
                and arranged.snapshot is self.guest.bridge.snapshot
                and self.model.snapshot is self.guest.bridge.snapshot
                and np.array_equal(arranged.rows, self.model.rows)
            )

        self.guest.wait(ready)

    @property
    def dataset(self):
        return self.guest.bridge.dataset

    @property
    def chosen(self):
        return self.guest.window.selection.chosen

    @property
    def rows(self) -> list[int]:
        return self.model.rows.tolist()

    @property
    def answers(self):
        return self.panel.finder.arranged.answers

    @property
    def note(self) -> str:
        return self.guest.find("table.note", QLabel).text()

    def section(self, kind: str, name: str = "") -> int:
        return next(
            section
            for section, column in enumerate(self.model.columns)
            if column.kind == kind and (not name or column.name == name)
        )

    def cell(self, place: int, kind: str, name: str = "") -> Cell:
        return self.model.cell(place, self.section(kind, name))

    def tip(self, place: int, kind: str, name: str = "") -> str:
        return self.model.data(self.model.index(place, self.section(kind, name)), Role.ToolTipRole)

    def click_head(self, kind: str, name: str = "") -> None:
        head, section = self.view.horizontalHeader(), self.section(kind, name)
        self.view.scrollTo(self.model.index(0, section))
        place = QPoint(head.sectionViewportPosition(section) + 9, head.height() // 2)
        self.bot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
        self.settle()

    def place(self, place: int, kind: str, name: str = "") -> QPoint:
        index = self.model.index(place, self.section(kind, name))
        self.view.scrollTo(index)
        return self.view.visualRect(index).center()

    def click(self, place: int, kind: str = SPLIT, name: str = "", modifier=Qt.KeyboardModifier.NoModifier) -> None:
        where = self.place(place, kind, name)
        self.bot.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, modifier, where)

    def choose_preset(self, key: str) -> None:
        box = self.guest.find("table.preset", QComboBox)
        box.setFocus()
        while box.currentData() != key:
            self.bot.keyClick(box, Key.Key_Down if box.findData(key) > box.currentIndex() else Key.Key_Up)
        self.settle()

    def search(self, text: str) -> None:
        line = self.guest.find("table.search", QLineEdit)
        line.setFocus()
        line.selectAll()
        line.insert(text)  # the test library types no letters beyond Latin-1
        self.bot.keyClick(line, Key.Key_Return)
        self.settle()

    def editor(self) -> QLineEdit:
        editor = self.view.indexWidget(self.view.currentIndex())
        assert isinstance(editor, QLineEdit)
        return editor

    def type_into(self, place: int, name: str, text: str, key: Key = Key.Key_Return) -> None:
        """Type over a raw cell."""
        self.click(place, RAW, name)
        self.bot.keyClick(self.view, Key.Key_F2)
        self.bot.keyClicks(self.editor(), text)
        self.bot.keyClick(self.editor(), key)
        QApplication.processEvents()


def trained(guest) -> None:
    Look(guest, 12)


@pytest.fixture
def look(lasting) -> Look:
    """The table of the penguins after some epochs."""
    return Look(lasting(trained))


@pytest.fixture
def cars(make_window) -> Look:
    """The table of the cars, whose target is a value."""
    return Look(make_window("auto_mpg"), 4)


def predicted(look: Look) -> pd.DataFrame:
    snapshot = look.guest.bridge.snapshot
    model = Model(snapshot.network, snapshot.config, snapshot.parameters, look.dataset.recipe)
    return model.predict(look.dataset.table)


# -- what stands there ------------------------------------------------------------------------------------------


def test_a_row_shows_where_it_went_what_the_network_says_and_its_cells(look):
    assert (look.model.rowCount(), look.model.columnCount()) == (344, 13)
    splits = [look.cell(row, SPLIT).text for row in range(344)]
    assert (splits.count("train"), splits.count("test"), splits.count("not used")) == (274, 68, 2)
    said = predicted(look)
    for row in (0, 1, 200, 343):
        name = said["prediction"][row]
        assert look.cell(row, PREDICTION).text == name
        assert look.cell(row, SCORE).text == f"{100 * said[f'probability_{name}'][row]:.1f} %"
        assert look.cell(row, SCORE).share == pytest.approx(said[f"probability_{name}"][row], abs=1e-9)
        right = name == look.dataset.table["species"][row]
        assert look.cell(row, CORRECT).text == ("✓" if right else "✗")
    assert look.cell(0, RAW, "bill_length_mm") == Cell("39.1")
    assert look.cell(0, RAW, "island").ink == "quiet"  # the network does not see it
    assert not look.cell(0, RAW, "island").right


def test_a_value_is_shown_with_its_error_in_real_units(cars):
    said = predicted(cars)["prediction"].to_numpy()
    truth = cars.dataset.table["mpg"].to_numpy()
    assert cars.answers.score == pytest.approx(said, abs=1e-9)
    assert cars.answers.error == pytest.approx(truth - said, abs=1e-9)
    assert cars.cell(3, PREDICTION).text == f"{said[3]:.2f}"
    error = truth[3] - said[3]
    assert cars.cell(3, ERROR).text == f"{error:+.2f}".replace("-", "−")
    assert [column.kind for column in cars.model.columns[:4]] == [SPLIT, PREDICTION, LOSS, ERROR]


@pytest.mark.parametrize("source", ["penguins", "auto_mpg"])
def test_the_loss_is_the_number_that_the_inspector_shows(make_window, source):
    look = Look(make_window(source), 3)
    asking = look.guest.window.asking
    look.guest.window.show_panel("inspector")
    for row in (0, 5):
        look.guest.window.selection.choose_row(row)
        look.guest.wait(lambda: asking.fresh)
        assert look.answers.loss[row] == pytest.approx(asking.account.row.explanation.loss.rows[0], rel=1e-12)


def test_the_line_says_how_the_network_fares_with_what_is_shown(look, cars):
    for each, measure in ((look, accuracy), (cars, rmse)):
        each.choose_preset("test")
        rows = each.dataset.test_rows
        said, truth = predicted(each)["prediction"][rows], each.dataset.table[each.dataset.recipe.target][rows]
        summary = each.panel.finder.arranged.summary
        assert summary.loss == pytest.approx(each.guest.bridge.snapshot.record.test_loss, rel=1e-5)
        reached = measure(truth.to_numpy(), said.to_numpy())
        assert (summary.accuracy if measure is accuracy else summary.rmse) == pytest.approx(reached, rel=1e-9)
        text = each.guest.find("table.summary", QLabel).text()
        assert text.startswith(f"{len(rows)} of {len(each.dataset.table)} rows")
        assert (f"accuracy {100 * reached:.1f} %" if measure is accuracy else f"error {reached:.2f}") in text


def test_missing_cells_say_so_and_the_split_says_why_a_row_is_not_used(look):
    assert look.cell(3, RAW, "bill_length_mm") == Cell("missing", "quiet", is_missing=True)
    assert look.cell(3, PREDICTION).text == ""
    assert look.cell(3, LOSS).text == ""
    assert "Not used: bill_length_mm, bill_depth_mm" in look.tip(3, SPLIT)
    head = look.model.headerData(3, Qt.Orientation.Vertical, Role.ToolTipRole)
    assert head.startswith("Row 4 of the table, line 5 of the file")
    assert look.model.headerData(3, Qt.Orientation.Vertical) == "4"


def test_prepared_inputs_stand_beside_the_raw_cells_with_the_formula_in_their_head(look):
    box = look.guest.find("table.view", QComboBox)
    box.setFocus()
    look.bot.keyClick(box, Key.Key_Down)
    assert [column.kind for column in look.model.columns].count(PREPARED) == 4
    assert look.model.columns[5].is_target
    look.bot.keyClick(box, Key.Key_Down)
    assert look.panel._view == BOTH
    raw, prepared = look.section(RAW, "bill_length_mm"), look.section(PREPARED, "bill_length_mm")
    assert prepared == raw + 1
    row = int(look.dataset.train_rows[7])
    value = look.dataset.X_train[7, 0]
    assert look.cell(row, PREPARED, "bill_length_mm").text == f"{value:.3f}".replace("-", "−")
    step = look.dataset.recipe.columns[0]
    tip = look.model.headerData(prepared, Qt.Orientation.Horizontal, Role.ToolTipRole)
    assert f"(bill_length_mm − {step.scaling.centre:.4g})/{step.scaling.scale:.4g}" in tip
    assert look.model.columns[prepared].note == step.scaling.formula("x")
    assert look.cell(3, PREPARED, "bill_length_mm").is_missing
    look.click_head(PREPARED, "bill_length_mm")
    shown = look.dataset.recipe.transform(look.dataset.table.iloc[look.rows[:-2]])[:, 0]
    assert (np.diff(shown) >= 0).all()
    assert set(look.rows[-2:]) == {3, 271}


# -- sorting and searching --------------------------------------------------------------------------------------


def test_a_click_on_a_head_sorts_the_worst_loss_first_then_turns_round_then_lets_go(look):
    look.click_head(LOSS)
    losses = look.answers.loss[look.rows]
    assert (np.diff(losses[:-2]) <= 0).all()
    assert look.rows[-2:] == [3, 271]  # nothing is known about these
    look.click_head(LOSS)
    losses = look.answers.loss[look.rows]
    assert (np.diff(losses[:-2]) >= 0).all()
    assert look.rows[-2:] == [3, 271]
    look.click_head(LOSS)
    assert look.rows == list(range(344))


def test_sorting_goes_on_while_the_network_learns(look):
    look.click_head(LOSS)
    before = look.answers.loss.copy()
    look.guest.advance_to(20)
    look.settle()
    assert not np.array_equal(before, look.answers.loss, equal_nan=True)
    assert (np.diff(look.answers.loss[look.rows][:-2]) <= 0).all()


def test_the_ten_worst_test_rows_are_those_with_the_largest_loss(cars):
    cars.choose_preset("worst")
    tests = cars.dataset.test_rows
    expected = tests[np.argsort(-cars.answers.loss[tests], kind="stable")[:10]]
    assert cars.rows == expected.tolist()


def test_presets_show_mistakes_and_rows_that_are_not_used(make_window):
    look = Look(make_window(), 1)
    look.choose_preset("mistakes")
    wrong = predicted(look)["prediction"] != look.dataset.table["species"]
    assert look.rows == [row for row in np.flatnonzero(wrong) if row not in (3, 271)]
    assert look.cell(0, PREDICTION).ink == look.cell(0, CORRECT).ink == "bad"
    look.choose_preset("unused")
    assert look.rows == [3, 271]
    keys = [look.panel.bar.presets.itemData(place) for place in range(look.panel.bar.presets.count())]
    assert {"noisy", "copies", "large_errors"}.isdisjoint(keys)


def test_the_search_takes_a_text_or_a_condition(look):
    table = look.dataset.table
    look.search("dream")
    assert look.rows == np.flatnonzero(table["island"] == "Dream").tolist()
    look.search('bill_length_mm > 50 and species == "Gentoo"')
    assert look.rows == np.flatnonzero((table["bill_length_mm"] > 50) & (table["species"] == "Gentoo")).tolist()
    look.search('split == "test" and loss > 0.2')
    tests = look.dataset.test_rows
    assert look.rows == tests[look.answers.loss[tests] > 0.2].tolist()
    look.search("not correct")
    assert look.rows == np.flatnonzero(look.answers.right == 0).tolist()
    look.search("")
    assert len(look.rows) == 344


def test_a_condition_that_makes_no_sense_is_refused_and_the_rows_stay(look):
    line = look.guest.find("table.search", QLineEdit)
    for typed, told in (
        ("bill_lenth_mm > 3", "bill_length_mm"),
        ("loss >", "Wrong at character 7: something is missing at the end"),
        ("species > 3", "compares a text with a number"),
    ):
        look.search('species == "Gentoo"')
        before = look.rows
        line.selectAll()
        look.bot.keyClicks(line, typed)
        look.bot.keyClick(line, Key.Key_Return)
        assert told in look.note
        assert look.rows == before, typed
        assert line.text() == typed  # it can be corrected
        look.search('species == "Adelie"')
        assert look.note == "", typed
        assert len(look.rows) == 152, typed


def test_the_keyboard_goes_to_the_search_and_back_to_the_rows(look):
    look.click(0)
    look.bot.keyClick(look.view, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    line = look.guest.find("table.search", QLineEdit)
    assert line.hasFocus()
    look.bot.keyClicks(line, "dream")
    look.guest.wait(lambda: len(look.rows) == 124)  # without Enter, when somebody stops typing
    look.bot.keyClick(line, Key.Key_Escape)
    look.settle()
    assert (line.text(), len(look.rows), line.hasFocus()) == ("", 344, True)
    look.bot.keyClick(line, Key.Key_Escape)
    assert look.view.hasFocus()


def test_another_view_shows_some_rows_until_the_chip_is_clicked(look):
    look.search("dream")
    look.panel.show_rows([200, 7, 31], "Gentoo taken for Adelie")
    look.settle()
    assert look.rows == [7, 31, 200]
    assert look.guest.find("table.search", QLineEdit).text() == ""
    chip = look.guest.find("table.chip", QToolButton)
    assert chip.isVisible()
    assert "Gentoo taken" in chip.toolTip()
    look.click_head(RAW, "bill_length_mm")
    assert set(look.rows) == {7, 31, 200}
    look.bot.mouseClick(chip, Qt.MouseButton.LeftButton)
    look.settle()
    assert len(look.rows) == 344
    assert not chip.isVisible()


def test_what_takes_long_is_found_beside_the_window_and_only_the_last_wish_counts(look, monkeypatch):
    monkeypatch.setattr(table_finder, "_AT_ONCE", -1)
    shown = []
    look.panel.finder.found.connect(lambda arranged: shown.append(arranged.wanted.preset))
    look.panel.bar.preset_chosen.emit("train")
    look.panel.bar.preset_chosen.emit("test")
    assert len(look.rows) == 344  # nothing happens at once
    look.settle()
    assert shown == ["test"]
    assert look.rows == look.dataset.test_rows.tolist()
    look.panel.bar.preset_chosen.emit("train")
    look.guest.window.filing.load("iris")
    look.guest.wait(lambda: look.dataset.name == "iris")
    look.settle()
    assert look.rows == list(range(150))


def test_another_data_set_begins_with_all_its_rows(look):
    look.choose_preset("test")
    look.search("dream")
    look.click_head(LOSS)
    look.guest.window.filing.load("auto_mpg")
    look.guest.wait(lambda: look.dataset.name == "auto_mpg")
    look.settle()
    assert look.rows == list(range(392))
    assert look.panel.bar.presets.currentData() == "all"
    assert look.guest.find("table.search", QLineEdit).text() == ""


# -- the chosen row ---------------------------------------------------------------------------------------------


def test_a_click_and_the_arrow_keys_send_the_row_through_the_network(look):
    look.click(5)
    assert look.chosen.row == 5
    look.click_head(LOSS)
    assert int(look.model.rows[look.view.currentIndex().row()]) == 5  # still the chosen one
    look.click(0)
    assert look.chosen.row == look.rows[0]
    look.bot.keyClick(look.view, Key.Key_Down)
    assert look.chosen.row == look.rows[1]
    look.bot.keyClick(look.view, Key.Key_Up)
    assert look.chosen.row == look.rows[0]


def test_a_row_that_is_chosen_elsewhere_is_selected_and_comes_into_sight(look):
    look.guest.window.selection.choose_row(300)
    assert look.view.chosen_rows == [300]
    assert look.view.viewport().rect().intersects(look.view.visualRect(look.model.index(300, 0)))
    look.choose_preset("unused")
    look.guest.window.selection.choose_row(7)
    assert look.view.chosen_rows == []
    assert look.chosen.row == 7


def test_the_row_under_the_pointer_lights_in_all_views_and_the_other_way_round(look):
    look.choose_preset("test")
    place = look.place(2, PREDICTION)
    look.bot.mouseMove(look.view.viewport(), place + QPoint(1, 0))
    look.bot.mouseMove(look.view.viewport(), place)
    assert look.guest.window.selection.pointed == Pointed(row=look.rows[2])
    look.guest.window.selection.point_at(Pointed(row=look.rows[4]))
    assert look.model.data(look.model.index(4, 0), Role.BackgroundRole) == look.model.theme.color("hairline")
    assert look.model.data(look.model.index(2, 0), Role.BackgroundRole) is None


# -- what if ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fixture", ["look", "cars"])
def test_a_typed_cell_is_sent_through_the_network_and_taken_back(request, fixture):
    look = request.getfixturevalue(fixture)
    name = look.dataset.recipe.used[1]
    row = int(look.dataset.train_rows[4])
    before, table = look.cell(row, RAW, name).text, look.dataset.table.copy()
    X = look.dataset.X_train.copy()
    look.type_into(row, name, "21.5")
    assert (look.chosen.row, look.chosen.split) == (row, "changed")
    changed = table.iloc[[row]].copy()
    changed[name] = 21.5
    assert look.chosen.inputs == pytest.approx(look.dataset.recipe.transform(changed)[0], abs=1e-12)
    cell = look.cell(row, RAW, name)
    assert (cell.text, cell.is_changed) == ("21.5", True)
    snapshot = look.guest.bridge.snapshot
    model = Model(snapshot.network, snapshot.config, snapshot.parameters, look.dataset.recipe)
    said = model.predict(changed).iloc[0]["prediction"]
    assert look.cell(row, PREDICTION).text == (said if isinstance(said, str) else f"{said:.2f}")
    assert look.cell(row, SPLIT).text == "what if"
    assert look.cell(row, LOSS).text == ""
    assert "The file and the training data stay as they are." in look.note
    look.bot.keyClick(look.view, Key.Key_Escape)
    assert (look.chosen.row, look.chosen.split) == (row, "train")
    assert look.cell(row, RAW, name) == Cell(before)
    assert look.note == ""
    pd.testing.assert_frame_equal(look.dataset.table, table)
    assert np.array_equal(look.dataset.X_train, X)


def test_several_changes_of_a_row_add_up_and_a_button_takes_them_back(look):
    look.type_into(2, "bill_length_mm", "50")
    look.type_into(2, "body_mass_g", "5000")
    assert look.cell(2, RAW, "bill_length_mm").is_changed
    assert look.cell(2, RAW, "body_mass_g").is_changed
    look.type_into(2, "bill_length_mm", "40.3")  # its own value
    assert not look.cell(2, RAW, "bill_length_mm").is_changed
    assert look.cell(2, RAW, "body_mass_g").text == "5000"
    look.bot.mouseClick(look.guest.find("table.back", QToolButton), Qt.MouseButton.LeftButton)
    assert look.chosen.split == "train"
    assert not look.cell(2, RAW, "body_mass_g").is_changed


@pytest.mark.parametrize("typed", ["abc", "12..5", ""])
def test_what_is_no_number_is_refused_as_it_is_typed_and_stays_to_be_corrected(look, typed):
    look.click(0, RAW, "bill_length_mm")
    look.bot.keyClick(look.view, Key.Key_F2)
    editor = look.editor()
    look.bot.keyClicks(editor, typed) if typed else look.bot.keyClick(editor, Key.Key_Delete)
    assert "is no number" in look.note
    look.bot.keyClick(editor, Key.Key_Return)
    assert look.view.is_editing
    assert editor.text() == typed
    assert look.chosen.split == "train"
    look.bot.keyClick(editor, Key.Key_Escape)
    assert not look.view.is_editing
    assert look.cell(0, RAW, "bill_length_mm") == Cell("39.1")
    assert look.note == ""


def test_typing_begins_to_change_a_cell_and_so_do_two_clicks(look):
    look.click(0, RAW, "bill_length_mm")
    look.bot.keyClicks(look.view, "4")
    look.bot.keyClicks(look.editor(), "8")
    look.bot.keyClick(look.editor(), Key.Key_Return)
    QApplication.processEvents()
    assert look.cell(0, RAW, "bill_length_mm").text == "48"
    where = look.place(1, RAW, "bill_depth_mm")
    look.bot.mouseClick(look.view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    look.bot.mouseDClick(look.view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert look.view.is_editing
    assert look.editor().text() == "17.4"


def test_a_cell_that_the_network_does_not_see_says_why_it_cannot_be_changed(look):
    for kind, name, told in (
        (RAW, "species", "is the target"),
        (RAW, "island", "does not see island"),
        (PREDICTION, "", "change a raw cell"),
    ):
        look.click(0, kind, name)
        look.bot.keyClick(look.view, Key.Key_F2)
        assert not look.view.is_editing
        assert told in look.note
    look.bot.keyClicks(look.view, "x")
    look.click(0, RAW, "bill_length_mm")
    look.bot.keyClick(look.view, Key.Key_Space)
    assert not look.view.is_editing
    assert look.chosen.row == 0  # letters walk nowhere


def test_a_slider_changes_the_row_of_the_table_too(look):
    look.guest.window.selection.choose_row(1)
    inputs = look.chosen.inputs.copy()
    inputs[0] += 1.0
    look.guest.window.selection.change_inputs(inputs)
    assert look.cell(1, RAW, "bill_length_mm").is_changed
    assert not look.cell(1, RAW, "bill_depth_mm").is_changed
    before = look.cell(1, SCORE).text
    look.guest.advance_to(30)
    look.settle()
    assert look.cell(1, SCORE).is_changed
    assert look.cell(1, SCORE).text != before  # the network has gone on learning


def test_rows_do_not_move_under_the_hand_that_types(look):
    look.click_head(LOSS)
    look.click(0, RAW, "bill_length_mm")
    look.bot.keyClick(look.view, Key.Key_F2)
    before = look.rows
    look.guest.advance_to(25)
    look.guest.pass_time(0.8)
    assert look.view.is_editing
    assert look.rows == before
    look.bot.keyClick(look.editor(), Key.Key_Escape)
    look.settle()
    assert (np.diff(look.answers.loss[look.rows][:-2]) <= 0).all()


@pytest.fixture
def shop(tmp_path, make_window) -> Look:
    """A table of a German shop: long names, decimal commas, missing cells, a column called loss."""
    lines = ["Kunde;Durchschnittlicher Warenkorbwert (€);Bundesland;loss;Zahlungsmoral"]
    for number in range(60):
        value = f"{40 + 37 * number % 71},{number % 10}5" if number % 9 else ""
        land, says = ("Bayern", "Hessen", "Berlin")[number % 3], "gut" if number % 2 else "schlecht"
        lines.append(f"K{number};{value};{land};{number};{says}")
    path = tmp_path / "kunden.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return Look(make_window(path, target="Zahlungsmoral"), 2)


def test_a_decimal_comma_is_typed_as_the_file_has_it_and_categories_must_be_known(shop):
    name = "Durchschnittlicher Warenkorbwert (€)"
    shop.type_into(1, name, "77,25")
    assert shop.cell(1, RAW, name).text == "77.25"
    shop.type_into(1, "Bundesland", "berlin")
    assert shop.cell(1, RAW, "Bundesland").text == "Berlin"
    shop.click(1, RAW, "Bundesland")
    shop.bot.keyClick(shop.view, Key.Key_F2)
    shop.bot.keyClicks(shop.editor(), "Atlantis")
    assert "Atlantis is no Bundesland that training has seen. There are: " in shop.note
    shop.bot.keyClick(shop.editor(), Key.Key_Escape)
    assert shop.cell(1, RAW, name).text == "77.25"  # what was changed before is still there


@pytest.fixture
def visits(make_window, tmp_path) -> Look:
    """A table with dates, and a column that is computed from another one."""
    lines = [
        f"2024-{1 + number % 12:02}-{1 + number % 27:02},{number},{'yes' if number % 12 > 5 else 'no'}"
        for number in range(48)
    ]
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(["day,size,says", *lines]), encoding="utf-8")
    derived = [{"name": "twice", "formula": "2 * size"}]
    return Look(make_window(path, target="says", features=["day", "size", "twice"], derived=derived), 2)


def test_a_date_is_typed_as_the_file_has_it_and_a_derived_cell_follows_what_it_comes_from(visits):
    visits.type_into(3, "day", "2024-11-05")
    assert visits.cell(3, RAW, "day") == Cell("2024-11-05", right=False, is_changed=True)
    visits.type_into(3, "size", "40")
    assert visits.cell(3, RAW, "twice") == Cell("80", is_changed=True)
    changed = visits.dataset.table.iloc[[3]].assign(day="2024-11-05", size=40.0, twice=80.0)
    assert visits.chosen.inputs == pytest.approx(visits.dataset.recipe.transform(changed)[0], abs=1e-12)
    visits.click(3, RAW, "day")
    visits.bot.keyClick(visits.view, Key.Key_F2)
    visits.bot.keyClicks(visits.editor(), "some day")
    assert "some day cannot be read as day. Write it as in the file: 2024-01-01" in visits.note
    visits.bot.keyClick(visits.editor(), Key.Key_Escape)
    assert visits.cell(3, RAW, "day").text == "2024-11-05"
    assert "twice = 2 * size" in visits.model.columns[visits.section(RAW, "twice")].tip


def test_a_raw_column_goes_before_one_of_the_network_with_the_same_name(shop):
    shop.search("loss > 49")
    assert shop.rows == list(range(50, 60))
    shop.search("`Durchschnittlicher Warenkorbwert (€)` > 100")
    column = shop.dataset.table["Durchschnittlicher Warenkorbwert (€)"]
    assert shop.rows == np.flatnonzero(column > 100).tolist()
    shop.click_head(RAW, "loss")
    assert shop.rows == sorted(shop.rows)


# -- faults for a lesson ----------------------------------------------------------------------------------------


def spoil(look: Look, name: str, text: str) -> None:
    """Type the share of a fault into the small window, and wait until training has the data."""
    before = look.dataset
    look.bot.mouseClick(look.guest.find("table.faults", QToolButton), Qt.MouseButton.LeftButton)
    line = look.panel.faults.fields[name].focusProxy()
    line.selectAll()
    look.bot.keyClicks(line, text)
    look.bot.keyClick(line, Key.Key_Return)
    look.guest.wait(lambda: look.dataset is not before)
    look.settle()


def test_wrong_labels_are_put_in_marked_found_and_taken_out_again(look):
    spoil(look, "label_noise", "0.1")
    noisy = look.dataset.noisy_rows
    assert len(noisy) == 27
    assert look.guest.epoch == 12  # training goes on with it
    assert "27 training rows are told a wrong class" in look.note
    look.choose_preset("noisy")
    assert look.rows == noisy.tolist()
    place = int(np.searchsorted(look.dataset.train_rows, noisy[0]))
    told = look.dataset.class_names[int(look.dataset.Y_train[place].argmax())]
    truth = look.dataset.table["species"][noisy[0]]
    assert look.cell(0, RAW, "species") == Cell(f"{truth} → {told}", "warning", right=False)
    assert look.tip(0, RAW, "species") == f"Label noise: the file says {truth}, the network is told {told}"
    said = look.dataset.class_names[int(look.answers.predicted[noisy[0]])]
    assert (look.answers.right[noisy[0]] == 1) == (said == told)  # as training counts it
    spoil(look, "label_noise", "0")
    assert look.note == ""
    assert look.panel.bar.presets.findData("noisy") == -1
    assert look.cell(0, RAW, "species") == Cell("Adelie", right=False)


def test_in_the_middle_of_an_epoch_wrong_labels_wait_for_the_next_one(look):
    look.guest.bridge.advance(2, "batch")
    look.guest.wait(lambda: look.guest.bridge.snapshot.batch == 2 and not look.guest.bridge.playing)
    before = look.dataset
    look.panel.faults.wanted.emit("label_noise", 0.1)
    look.guest.wait(lambda: look.note.startswith("From the next epoch: 27 training rows are told a wrong class"))
    assert look.dataset is before
    look.guest.bridge.advance(2)
    look.guest.wait(lambda: look.dataset is not before and not look.guest.bridge.playing)
    look.settle()
    assert look.note.startswith("27 training rows")
    assert len(look.guest.bridge.branches) == 1


def test_a_table_from_memory_is_spoilt_anew_each_time(guest):
    table = pd.DataFrame({"x": np.arange(40.0), "y": ["a", "b"] * 20})
    guest.bridge.open(open_dataset(table, target="y"))
    guest.wait(lambda: guest.bridge.dataset.name == "table")
    look = Look(guest)
    for share, count in (("0.5", 20), ("0.25", 10)):
        spoil(look, "duplicates", share)
        assert (len(look.dataset.table), len(look.dataset.copies)) == (40 + count, count)


def test_other_data_of_the_session_is_shown_as_the_data_before_was(look):
    look.search("dream")
    look.click_head(RAW, "bill_length_mm")
    look.view.verticalScrollBar().setValue(300)
    look.view.setColumnWidth(2, 171)
    other = open_dataset("penguins", test_fraction=0.4)
    look.panel.replace(other)
    assert look.view.verticalScrollBar().value() == 300
    assert look.view.columnWidth(2) == 171
    assert look.panel.finder.arranged.wanted.search.text == "dream"
    dream = np.flatnonzero(other.table["island"] == "Dream")
    order = np.argsort(other.table["bill_length_mm"].to_numpy()[dream], kind="stable")
    assert look.rows == dream[order].tolist()
    tests = {row for row in look.rows if look.cell(look.model.place_of(row), SPLIT).text == "test"}
    assert tests == set(other.test_rows) & set(dream.tolist())
    look.panel.replace(open_dataset("penguins", features=["body_mass_g"], target="island"))
    assert look.rows == list(range(344))


def test_copies_are_put_in_and_say_whose_they_are(cars):
    spoil(cars, "duplicates", "0.25")
    copies = cars.dataset.copies
    assert len(copies) == 98
    cars.choose_preset("copies")
    assert cars.rows == list(range(392, 490))
    assert cars.cell(0, SPLIT).text.endswith(", copy")
    assert f"A copy of row {copies[0] + 1}, which is a" in cars.tip(0, SPLIT)
    assert cars.cell(0, RAW, "weight").text == str(cars.dataset.table["weight"][copies[0]])
    assert "98 rows are copies of others" in cars.note


def test_a_share_that_cannot_be_is_refused_and_the_data_stays(look):
    before = look.dataset
    look.bot.mouseClick(look.guest.find("table.faults", QToolButton), Qt.MouseButton.LeftButton)
    field = look.panel.faults.fields["label_noise"]
    line = field.focusProxy()
    line.selectAll()
    look.bot.keyClicks(line, "1.5")
    assert "1" in field.refusal
    look.bot.keyClick(line, Key.Key_Return)
    look.guest.pass_time(0.1)
    assert look.dataset is before


# -- copies and files -------------------------------------------------------------------------------------------


def test_chosen_rows_are_copied_with_their_heads_for_a_spreadsheet(look, monkeypatch):
    look.click(2)
    look.click(4, modifier=Qt.KeyboardModifier.ControlModifier)
    look.bot.keyClick(look.view, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = pd.read_csv(io.StringIO(QGuiApplication.clipboard().text()), sep="\t")
    assert copied["row"].tolist() == [3, 5]
    assert copied["prediction"].tolist() == predicted(look)["prediction"][[2, 4]].tolist()
    assert copied["loss"].to_numpy() == pytest.approx(look.answers.loss[[2, 4]], rel=1e-12)
    assert copied["bill_length_mm"].tolist() == [40.3, 36.7]
    assert "2 rows copied" in look.note
    monkeypatch.setattr("ui.panels.table_copies._AT_ONCE", 0)
    look.bot.keyClick(look.view, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    look.bot.keyClick(look.view, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    look.guest.wait(lambda: "344 rows copied" in look.note)  # beside the window
    copied = pd.read_csv(io.StringIO(QGuiApplication.clipboard().text()), sep="\t")
    assert copied["row"].tolist() == list(range(1, 345))


@pytest.mark.parametrize("fixture", ["look", "cars"])
def test_the_rows_that_are_shown_are_saved_with_all_that_the_network_says(request, fixture, tmp_path, monkeypatch):
    look = request.getfixturevalue(fixture)
    path = tmp_path / "out.csv"
    monkeypatch.setattr("ui.dialogs.save_file.ask_where_to_save", lambda *_arguments: path)
    look.choose_preset("test")
    look.click_head(LOSS)
    look.bot.mouseClick(look.guest.find("table.save", QToolButton), Qt.MouseButton.LeftButton)
    look.guest.wait(path.exists)
    saved, said = pd.read_csv(path), predicted(look).iloc[look.rows]
    assert (saved["row"] - 1).tolist() == look.rows
    assert (saved["split"] == "test").all()
    assert saved["loss"].to_numpy() == pytest.approx(look.answers.loss[look.rows], rel=1e-12)
    for column in said.columns:
        if said[column].dtype.kind == "f":
            assert saved[column].to_numpy() == pytest.approx(said[column].to_numpy(), abs=1e-12)
        else:
            assert saved[column].tolist() == said[column].tolist()
    for column in look.dataset.table.columns:
        pd.testing.assert_series_equal(
            saved[column], look.dataset.table[column].iloc[look.rows].reset_index(drop=True), check_dtype=False
        )


def test_a_file_that_cannot_be_written_is_refused_and_what_was_there_stays(look, tmp_path, monkeypatch):
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.setattr("ui.dialogs.save_file.ask_where_to_save", lambda *_arguments: tmp_path / "folder.csv")
    look.bot.mouseClick(look.guest.find("table.save", QToolButton), Qt.MouseButton.LeftButton)
    look.guest.wait(lambda: look.guest.window.findChild(object, "dialog.failure") is not None)
    assert list(tmp_path.glob("folder.csv/*")) == []


# -- looks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", THEMES)
def test_letters_stand_out_on_every_ground_of_the_table(make_window, name):
    theme = THEMES[name]
    grounds = [mixed(theme.surface, theme.accent, share) for share in (0.06, 0.18)]
    grounds += [mixed(theme.surface, theme.warning, 0.16), mixed(theme.surface, theme.window, 0.6)]
    for field in ("text", "quiet", "bad", "good", "warning"):
        for ground in grounds:
            assert contrast(theme.color(field), ground) >= 4.5, (field, ground.name())


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours (WCAG 2)."""

    def lightness(colour: QColor) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3]]
        return float(np.dot([0.2126, 0.7152, 0.0722], parts))

    light, dark = sorted((lightness(one), lightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
