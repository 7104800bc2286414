"""The table of columns in the dialog that loads a data set: kinds, roles, spreads, and the rows beside it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from ui.dialogs.dataset.columns_model import DECIDED, EXAMPLE, KIND, MISSING, NAME, PORTRAIT, ROLE, SPREAD


def cell(dialog, name, section, role=Qt.ItemDataRole.DisplayRole):
    ticks = dialog.columns.ticks
    row = [each.name for each in ticks.columns].index(name)
    return ticks.data(ticks.index(row, section), role)


def test_every_column_of_the_file_is_a_row_with_kind_role_missing_cells_and_an_example(hand):
    dialog = hand("penguins").dialog
    shown = {
        each.name: [cell(dialog, each.name, section) for section in (KIND, ROLE, MISSING, EXAMPLE)]
        for each in dialog.columns.ticks.columns
    }
    assert shown["species"] == ["category", "target", "–", "Adelie"]
    assert shown["bill_length_mm"] == ["number", "feature", "2", "39.1"]
    assert shown["sex"] == ["category", "ignored", "11", "male"]
    assert len(shown) == 8


def test_the_spread_of_a_column_counts_its_values(hand):
    dialog = hand("penguins").dialog
    species = cell(dialog, "species", SPREAD, PORTRAIT)
    assert dict(zip(species.labels, species.counts, strict=True)) == {"Adelie": 152, "Gentoo": 124, "Chinstrap": 68}
    bill = cell(dialog, "bill_length_mm", SPREAD, PORTRAIT)
    values = dialog.reading.frame["bill_length_mm"].dropna().to_numpy()
    assert list(bill.counts) == np.histogram(values, bins=20)[0].tolist()
    assert bill.missing == pytest.approx(2 / 344)
    assert "32.1 to 59.6" in cell(dialog, "bill_length_mm", SPREAD, Qt.ItemDataRole.ToolTipRole)


def test_a_click_on_a_tick_makes_a_feature_of_a_column_and_is_marked_until_it_is_taken_back(hand):
    guest = hand("penguins")
    guest.tick("island")
    assert guest.headline == "342 of 344 rows → 7 inputs → 3 outputs"
    assert cell(guest.dialog, "island", ROLE) == "feature"
    assert cell(guest.dialog, "island", ROLE, DECIDED)
    assert not cell(guest.dialog, "year", ROLE, DECIDED)
    guest.tick("island")
    assert guest.dialog.answers.choices() == {}
    assert guest.headline == "342 of 344 rows → 4 inputs → 3 outputs"


def test_the_space_bar_ticks_and_opens_choosers(qtbot, hand):
    guest = hand("penguins")
    view = guest.dialog.columns.view
    view.setFocus()
    guest.dialog.columns.select("year")
    qtbot.keyClick(view, Qt.Key.Key_Space)
    guest.settle()
    assert "year" in guest.dataset.recipe.used
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    menu = guest.dialog.columns.menu
    assert menu.activeAction().text() == "number"
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    guest.settle()
    assert guest.headline == "342 of 344 rows → 7 inputs → 3 outputs"


def test_a_column_of_numbers_can_be_said_to_hold_categories_and_guessed_again(hand):
    guest = hand("penguins")
    guest.tick("year")
    assert "5 inputs" in guest.headline
    guest.choose("year", "category")
    assert "7 inputs" in guest.headline
    assert cell(guest.dialog, "year", KIND, DECIDED)
    guest.choose("year", "back to the kind")
    assert "5 inputs" in guest.headline
    assert not cell(guest.dialog, "year", KIND, DECIDED)


def test_a_number_that_is_guessed_to_be_a_category_can_be_a_number(hand):
    guest = hand("auto_mpg")
    assert "9 inputs" in guest.headline
    guest.choose("origin", "number")
    assert "7 inputs" in guest.headline


def test_another_target_is_chosen_by_its_role_and_the_task_follows(hand):
    guest = hand("penguins")
    guest.choose("body_mass_g", "target")
    assert guest.dataset.recipe.target == "body_mass_g"
    assert guest.dataset.task == "regression"
    assert "body_mass_g" not in guest.dataset.recipe.used
    guest.choose("body_mass_g", "back to the role")
    assert guest.dataset.recipe.target == "species"


def test_the_target_is_no_feature_before_another_column_is_the_target(hand, qtbot):
    guest = hand("penguins")
    view = guest.dialog.columns.view.viewport()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=guest.cell("species", ROLE))
    menu = guest.dialog.columns.menu
    assert [each.isEnabled() for each in menu.actions()] == [False, True, False]
    qtbot.keyClick(menu, Qt.Key.Key_Escape)
    guest.tick("species")
    assert guest.dialog.answers.choices() == {}


def test_without_a_feature_there_is_nothing_to_load(hand):
    guest = hand("penguins")
    guest.click(guest.dialog.columns.none)
    assert guest.dialog.findings.state == "bad"
    assert not guest.dialog.load.isEnabled()
    guest.click(guest.dialog.columns.all)
    assert guest.dialog.load.isEnabled()
    assert "species" not in guest.dataset.recipe.used


def test_columns_are_found_by_a_part_of_their_name_and_only_those_are_ticked(hand):
    guest = hand("breast_cancer")
    guest.click(guest.dialog.columns.none)
    guest.type(guest.dialog.columns.finder, "worst")
    guest.click(guest.dialog.columns.all)
    used = guest.dataset.recipe.used
    assert len(used) == 10
    assert all("worst" in name for name in used)


def test_a_click_on_a_column_opens_the_stage_that_makes_something_of_it(hand):
    guest = hand("penguins")
    guest.look_at("bill_depth_mm")
    assert guest.dialog.recipe.open_stage == "numbers"
    guest.look_at("species")
    assert guest.dialog.recipe.open_stage == "numbers"  # what is open stays open
    guest.dialog.recipe.open("")
    guest.look_at("species")
    guest.look_at("species")
    assert guest.dialog.recipe.open_stage == "target"


def test_the_column_that_is_looked_at_stays_while_answers_change(hand):
    guest = hand("penguins")
    guest.look_at("flipper_length_mm")
    guest.answer("scale", "min_max")
    assert guest.dialog.columns.selected == "flipper_length_mm"
    assert guest.dialog.columns.view.currentIndex().row() == 4


def test_rows_are_shown_raw_or_as_the_network_gets_them(hand):
    guest = hand("penguins")
    guest.dialog.tabs.setCurrentIndex(1)
    preview = guest.dialog.preview.rows
    assert preview.data(preview.index(0, 2)) == "39.1"
    guest.click(guest.dialog.first_rows.prepared)
    names = [preview.headerData(place, Qt.Orientation.Horizontal) for place in range(preview.columnCount())]
    assert names[0] == "bill_length_mm\ninput"
    assert names[4:] == ["Adelie\noutput", "Gentoo\noutput", "Chinstrap\noutput"]
    dataset = guest.dataset
    part = (dataset.train_rows, dataset.X_train) if 0 in dataset.train_rows else (dataset.test_rows, dataset.X_test)
    first = part[1][np.flatnonzero(part[0] == 0)[0], 0]
    assert float(preview.data(preview.index(0, 0)).replace("−", "-")) == pytest.approx(first, abs=1e-3)
    assert preview.data(preview.index(3, 0)) == "–"
    assert "not used" in preview.data(preview.index(3, 0), Qt.ItemDataRole.ToolTipRole)


@pytest.mark.slow
def test_ten_thousand_columns_are_shown_found_and_loaded(hand, table):
    numbers = np.random.default_rng(1).integers(0, 9, size=(6, 10_000))
    head = ",".join(f"gene_{place}" for place in range(10_000))
    lines = [f"{head},kind", *(",".join(map(str, row)) + f",{'ab'[place % 2]}" for place, row in enumerate(numbers))]
    guest = hand(table("\n".join(lines) + "\n"))
    assert guest.headline == "6 of 6 rows → 10,000 inputs → 2 outputs"
    ticks = guest.dialog.columns.ticks
    assert ticks.rowCount() == 10_001
    assert sum(cell(guest.dialog, "gene_9999", SPREAD, PORTRAIT).counts) == 6
    guest.type(guest.dialog.columns.finder, "gene_9999")
    assert [row for row in range(10_001) if not guest.dialog.columns.view.isRowHidden(row)] == [9_999]
    [dataset] = guest.accept()
    assert dataset.X_train.shape[1] == 10_000


def test_a_click_beside_a_tick_does_not_tick(qtbot, hand):
    guest = hand("penguins")
    place = guest.cell("year", NAME)
    place.setX(place.x() + 60)
    guest.click(guest.dialog.columns.view.viewport(), place)
    assert guest.dialog.answers.choices() == {}
    assert guest.dialog.columns.selected == "year"
