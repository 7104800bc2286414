"""The stages of the recipe in the dialog that loads a data set: each question, each way back, what each stage shows."""

import dataclasses
import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit

from simulator.data import BUNDLED, open_dataset
from ui.dialogs.dataset.stages.table import STAGES

SMALL = [name for name in BUNDLED if name != "mnist"]


def same(first, second) -> bool:
    arrays = ("X_train", "Y_train", "X_test", "Y_test", "train_rows", "test_rows")
    equal = all(np.array_equal(getattr(first, each), getattr(second, each)) for each in arrays)
    return equal and (first.recipe, first.report, first.name) == (second.recipe, second.report, second.name)


@pytest.mark.parametrize("name", SMALL)
def test_every_bundled_set_is_right_by_ok_alone(hand, name):
    [dataset] = hand(name).accept()
    assert same(dataset, open_dataset(name))


def test_pictures_of_digits_are_right_by_ok_alone(hand):
    guest = hand("mnist")
    assert guest.headline == "5,000 of 5,000 rows → 784 inputs → 10 outputs"
    [dataset] = guest.accept()
    assert (dataset.name, dataset.recipe.target, dataset.task) == ("mnist", "column_785", "classification")


def test_one_card_is_open_at_a_time_by_the_mouse_and_by_keys(qtbot, hand):
    guest = hand("penguins")
    recipe = guest.dialog.recipe
    assert recipe.open_stage == ""
    for made in STAGES:
        guest.click(recipe.cards[made.id].head)
        assert [stage for stage, card in recipe.cards.items() if card.is_open] == [made.id]
        assert recipe.bodies[made.id].isVisible()
    guest.click(recipe.cards["faults"].head)
    assert recipe.open_stage == ""
    recipe.cards["split"].head.setFocus()
    qtbot.keyClick(recipe.cards["split"].head, Qt.Key.Key_Space)
    assert recipe.open_stage == "split"


def test_closed_cards_say_what_they_do_and_how_large_the_table_is_then(hand):
    heads = {stage: card.head for stage, card in hand("penguins").dialog.recipe.cards.items()}
    said = {stage: head.summary for stage, head in heads.items()}
    assert said["file"] == "commas, decimal point, a header"
    assert said["derived"] == "none"
    assert said["rows"] == "all rows"
    assert said["missing"] == "drop rows with an empty cell, in 4 columns"
    assert said["categories"] == "no categories among the features"
    assert said["numbers"] == "standardise 4 numbers"
    assert said["target"] == "species: 3 classes"
    assert said["split"] == "274 for training, 68 for testing, at random"
    assert said["faults"] == "none"
    assert (heads["file"].size_text, heads["missing"].size_text) == ("344 × 8", "342 × 4")
    assert not any(head.decided for head in heads.values())


ANSWERS = {
    "unique": (True, lambda dataset: dataset.choices.unique),
    "most_rows": (100, lambda dataset: len(dataset.train_rows) + len(dataset.test_rows) in range(95, 101)),
    "where": ("body_mass_g > 4000", lambda dataset: dataset.report.lost[0] == ("condition", 172)),
    "missing": ("median", lambda dataset: len(dataset.train_rows) + len(dataset.test_rows) == 344),
    "encoding": ("ordinal", lambda dataset: dataset.choices.encoding == "ordinal"),
    "unknown": ("most_frequent", lambda dataset: dataset.choices.unknown == "most_frequent"),
    "scale": ("min_max", lambda dataset: dataset.X_train.min() == 0.0),
    "target": ("island", lambda dataset: dataset.class_names == ("Torgersen", "Biscoe", "Dream")),
    "test_fraction": ("50 %", lambda dataset: len(dataset.test_rows) == 171),
    "stratify": (False, lambda dataset: not dataset.choices.stratify),
    "seed": (2**63, lambda dataset: dataset.choices.seed == 2**63),
    "leakage": (True, lambda dataset: dataset.choices.leakage),
    "unscaled": (True, lambda dataset: dataset.X_train.max() > 1000),
    "label_noise": ("10 %", lambda dataset: len(dataset.noisy_rows) > 0),
    "duplicates": ("25 %", lambda dataset: len(dataset.copies) == 86),
}


@pytest.mark.parametrize("stage", [made.id for made in STAGES if set(made.names) & set(ANSWERS)])
def test_a_guess_is_overruled_marked_and_taken_back(hand, stage):
    guest = hand("penguins")
    before = guest.dataset
    for name in guest.open(stage).names:
        if name in ANSWERS:
            value, follows = ANSWERS[name]
            guest.answer(name, value)
            assert follows(guest.dataset), name
            question = guest.question(name)
            assert guest.dialog.recipe.cards[stage].head.decided
            assert question.back.isVisible()
            guest.click(question.back)
            assert guest.dialog.answers.choices() == {}
            assert not question.back.isVisible()
    assert not guest.dialog.recipe.cards[stage].head.decided
    assert same(guest.dataset, before)


def test_a_split_that_leaves_a_class_untrained_offers_another(hand):
    guest = hand("penguins")
    guest.answer("split", "order")  # the penguins stand in the file by their species
    [button] = guest.dialog.findings.offers
    assert button.text() == "Split at random"
    guest.click(button)
    assert guest.headline == "342 of 344 rows → 4 inputs → 3 outputs"
    assert guest.dialog.recipe.cards["split"].head.decided


@pytest.mark.parametrize(
    ("delimiter", "decimal", "header", "said"),
    [
        (",", ".", True, ("comma", "point", "first row")),
        (";", ",", True, ("semicolon", "comma", "first row")),
        ("\t", ".", True, ("tab", "point", "first row")),
        ("|", ".", True, ("bar", "point", "first row")),
        (" ", ".", False, ("blanks", "point", "none")),
    ],
    ids=["comma", "semicolon and decimal comma", "tab", "bar", "blanks without header"],
)
def test_how_a_file_is_spelt_is_guessed_and_shown(hand, table, rows, delimiter, decimal, header, said):
    guest = hand(table(rows(delimiter, decimal, header)))
    assert [guest.guessed(name) for name in ("delimiter", "decimal", "header")] == [f"{it} (guessed)" for it in said]
    assert guest.headline == "40 of 40 rows → 4 inputs → 2 outputs"


def test_the_delimiter_can_be_overruled_and_all_guessed_again(hand, table, rows):
    guest = hand(table(rows(";")))
    guest.answer("delimiter", "|")
    assert guest.dialog.findings.state == "bad"
    assert "only one column" in guest.dialog.findings.words
    assert not guest.dialog.load.isEnabled()
    guest.click(guest.dialog.guess)
    assert guest.dialog.load.isEnabled()
    assert guest.dialog.answers.choices() == {}


def test_with_another_header_what_was_said_about_columns_is_forgotten(hand, table, rows):
    guest = hand(table(rows()))
    guest.tick("place")
    guest.choose("length", "category")
    guest.answer("header", False)
    assert guest.dialog.answers.choices() == {"header": False}
    assert guest.dialog.columns.ticks.columns[0].name == "column_1"


def test_a_file_is_read_once_as_long_as_its_spelling_is_the_same(hand, table, rows, monkeypatch):
    from ui.dialogs.dataset import reading

    read, count = reading.read_table, []
    monkeypatch.setattr(reading, "read_table", lambda *given: count.append(given[0]) or read(*given))
    path = table(rows())
    guest = hand(path)
    guest.answer("scale", "robust")
    guest.tick("place")
    assert len(count) == 1
    guest.answer("ragged", "drop")
    assert len(count) == 2
    path.write_text(rows() + "3,4,north,a\n")
    guest.answer("seed", 7)
    assert len(count) == 3
    assert "of 41 rows" in guest.headline


def test_the_kind_of_task_can_be_overruled(hand):
    guest = hand("digits")
    guest.answer("task", "regression")
    assert guest.headline == "1,797 of 1,797 rows → 64 inputs → 1 output"
    guest.answer("target_log", True)
    assert guest.dialog.recipe.cards["target"].head.summary.endswith("the log of a value")
    assert guest.dataset.recipe.outcome.log


def test_a_new_target_is_taken_out_of_the_chosen_features(hand, table, rows):
    guest = hand(table(rows()))
    guest.tick("place")
    guest.answer("target", "width")
    assert guest.guessed("task") == "a value (guessed)"
    assert not guest.open("split").question("stratify").editor.isEnabled()
    assert guest.dataset.recipe.used == ("length",)


def test_the_order_of_the_classes_is_changed_by_keys(qtbot, hand):
    guest = hand("penguins")
    order = guest.open("target").order
    order.setFocus()
    order.setCurrentRow(2)
    qtbot.keyClick(order, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    guest.settle()
    assert guest.dataset.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert guest.dialog.recipe.cards["target"].head.decided


def test_one_column_is_scaled_otherwise_and_the_mark_takes_it_back(hand):
    guest = hand("penguins")
    guest.look_at("body_mass_g")
    body = guest.open("numbers")
    assert body.only.text() == "Only body_mass_g"
    guest.click(body.only)
    guest.answer("scale", "log")
    scaling = {step.column: step.scaling.way for step in guest.dataset.recipe.columns}
    assert scaling["body_mass_g"] == "log"
    assert scaling["bill_length_mm"] == "standardise"
    assert body.effect.said.text().startswith("(ln(1 + body_mass_g) − ")
    chip = body.findChild(QAbstractButton, "dataset.override")
    assert "body_mass_g: logarithm" in chip.text()
    guest.look_at("bill_length_mm")
    assert body.all.isChecked()
    guest.click(body.findChild(QAbstractButton, "dataset.override"))
    assert guest.dialog.answers.choices() == {}


def test_the_other_column_s_own_choice_is_shown_when_it_is_selected_again(hand):
    guest = hand("penguins")
    guest.look_at("body_mass_g")
    guest.click(guest.open("numbers").only)
    guest.answer("scale", "robust")
    guest.look_at("bill_length_mm")
    assert guest.question("scale").editor.currentData() == "standardise"
    guest.look_at("body_mass_g")
    assert guest.question("scale").editor.currentData() == "robust"


def test_a_stage_says_which_columns_it_is_not_about(hand):
    guest = hand("penguins")
    guest.look_at("species")
    body = guest.open("numbers")
    assert not body.only.isEnabled()
    assert "no feature" in body.only.toolTip()


def test_categories_are_put_in_order_for_one_column(qtbot, hand):
    guest = hand("penguins")
    guest.tick("island")
    guest.look_at("island")
    body = guest.open("categories")
    guest.click(body.only)
    guest.answer("encoding", "ordinal")
    assert body.order.names == ("Torgersen", "Biscoe", "Dream")
    body.order.setFocus()
    body.order.setCurrentRow(0)
    qtbot.keyClick(body.order, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    guest.settle()
    step = next(step for step in guest.dataset.recipe.columns if step.column == "island")
    assert step.categories == ("Biscoe", "Torgersen", "Dream")


def test_missing_cells_are_filled_by_a_constant_with_an_input_that_says_so(hand):
    guest = hand("penguins")
    assert not guest.open("missing").question("constant").editor.isVisible()
    assert not guest.question("flag_missing").editor.isEnabled()
    guest.answer("missing", "constant")
    guest.answer("constant", "40")
    guest.answer("flag_missing", True)
    assert "bill_length_mm is missing" in guest.dataset.feature_names
    assert guest.headline == "344 of 344 rows → 8 inputs → 3 outputs"
    guest.look_at("bill_length_mm")
    assert guest.open("missing").effect.said.text() == "an empty cell becomes 40"


def test_parts_of_a_date_are_chosen(hand):
    guest = hand("penguins_raw")
    guest.tick("Date Egg")
    guest.look_at("Date Egg")
    body = guest.open("dates")
    guest.click(body.only)
    assert [part for part, box in body.boxes.items() if box.isChecked()] == ["year", "month", "day"]
    guest.click(body.boxes["weekday"])
    guest.click(body.boxes["day"])
    assert "Date Egg weekday" in guest.dataset.feature_names
    assert "Date Egg day" not in guest.dataset.feature_names


def test_a_column_is_derived_by_a_formula_and_refused_as_it_is_typed(hand):
    guest = hand("penguins")
    body = guest.open("derived")
    [row] = body.rows
    guest.type(row.name, "ratio")
    guest.type(row.formula, "bill_length_mm / (bill_depth_mm", enter=False)
    assert row.refusal.isVisible()
    assert "character" in row.refusal.text()
    assert not guest.dialog.load.isEnabled()
    guest.type(row.formula, "bill_length_mm / bil_depth_mm", enter=False)
    assert "'bil_depth_mm'" in row.refusal.text()
    guest.type(row.formula, "bill_length_mm / bill_depth_mm")
    assert not row.refusal.isVisible()
    assert guest.headline == "342 of 344 rows → 5 inputs → 3 outputs"
    assert guest.dialog.recipe.cards["derived"].head.summary == "ratio = bill_length_mm / bill_depth_mm"
    assert guest.dialog.columns.ticks.columns[-1].name == "ratio"
    guest.type(body.rows[1].name, "double")
    guest.type(body.rows[1].formula, "2 * ratio")
    assert guest.headline == "342 of 344 rows → 6 inputs → 3 outputs"
    guest.type(body.rows[0].formula, "log(bill_length_mm)")
    assert guest.dataset.choices.derived[0].formula == "log(bill_length_mm)"
    guest.click(body.rows[1].remove)
    guest.click(body.rows[0].remove)
    assert guest.dialog.answers.choices() == {}
    assert guest.headline == "342 of 344 rows → 4 inputs → 3 outputs"


def test_a_derived_column_goes_with_features_that_were_chosen(hand):
    guest = hand("penguins")
    guest.tick("bill_length_mm")
    [row] = guest.open("derived").rows
    guest.type(row.name, "half")
    guest.type(row.formula, "bill_length_mm / 2")
    assert guest.dataset.recipe.used == ("bill_depth_mm", "flipper_length_mm", "body_mass_g", "half")
    guest.tick("half")
    assert "half" not in guest.dataset.recipe.used


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("where", "body_mass_g >", "character"),
        ("most_rows", "many", "whole number"),
        ("most_rows", "1", "at least 2"),
        ("test_fraction", "120", "0 to 100"),
        ("test_fraction", "half", "0 to 100"),
        ("seed", "seven", "whole number"),
        ("label_noise", "-3", "0 to 100"),
    ],
)
def test_what_cannot_be_is_refused_while_it_is_typed_and_nothing_is_loaded(hand, name, text, said):
    guest = hand("penguins")
    question = guest.question(name)
    guest.type(question.editor, text, enter=False)
    assert question.refusal.isVisible()
    assert said in question.refusal.text()
    assert guest.dialog.findings.state == "bad"
    assert not guest.dialog.load.isEnabled()
    guest.click(question.back)
    assert not question.refusal.isVisible()
    assert guest.dialog.load.isEnabled()


def test_rows_are_split_by_a_column_of_the_table(hand):
    guest = hand("penguins")
    guest.answer("split", "groups")
    column = guest.question("split_column")
    assert column.editor.isVisible()
    guest.answer("split_column", "year")
    years = guest.dataset.table["year"]
    train, test = set(years.iloc[guest.dataset.train_rows]), set(years.iloc[guest.dataset.test_rows])
    assert not train & test
    guest.click(guest.question("split").back)
    assert guest.dialog.answers.choices() == {}


def test_a_stage_shows_a_column_before_and_after_with_first_cells(hand):
    guest = hand("penguins")
    guest.look_at("bill_length_mm")
    effect = guest.open("numbers").effect
    step = guest.dataset.recipe.columns[0]
    assert effect.said.text() == step.formula()
    assert effect.cells[0].text().splitlines()[0] == "39.1"
    first = float(effect.cells[2].text().splitlines()[0].replace("−", "-"))
    assert first == pytest.approx(float(step.scaling.forward(np.array([39.1]))[0]), abs=1e-3)
    assert sum(effect.before.shown.counts) == sum(effect.after.shown.counts) == 342
    assert guest.open("missing").flow.text() == "344 rows × 8 columns → 342 rows × 4 columns"
    split = guest.open("split").effect
    assert (sum(split.before.shown.counts), sum(split.after.shown.counts)) == (274, 68)


def test_mistakes_on_purpose_are_marked(hand):
    guest = hand("penguins")
    guest.answer("leakage", True)
    guest.answer("unscaled", True)
    body, card = guest.open("faults"), guest.dialog.recipe.cards["faults"]
    assert len(body.said.text().splitlines()) == 2
    assert card.head.mistaken
    assert card.head.summary == "fitted on all rows, unscaled"
    assert guest.dialog.findings.words.count("mistake on purpose") == 2
    [dataset] = guest.accept()
    assert len(dataset.choices.mistakes) == 2


def test_the_names_of_inputs_and_outputs_are_shown_on_demand(hand):
    guest = hand("penguins")
    assert "Inputs" not in guest.dialog.findings.text.toPlainText()
    guest.click(guest.dialog.findings.inputs)
    said = guest.dialog.findings.text.toPlainText()
    assert "bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g" in said
    assert "Adelie, Gentoo, Chinstrap" in said


OFFERS = {
    "a column without values": (
        "a,empty,kind\n" + "".join(f"{row}.5,,{'xy'[row % 2]}\n" for row in range(20)),
        "Ignore 'empty'",
        ("a",),
    ),
    "a class of its own for every row": (
        "a,b,target\n" + "".join(f"{row},{row % 3},{row * 7 % 50}\n" for row in range(15)),
        None,
        ("a", "b"),
    ),
}


def test_a_refusal_offers_a_way_out_and_a_click_takes_it(hand, table):
    text, label, used = OFFERS["a column without values"]
    guest = hand(table(text))
    [button] = guest.dialog.findings.offers
    assert button.text() == label
    guest.click(button)
    assert guest.dialog.load.isEnabled()
    assert guest.dataset.recipe.used == used
    assert guest.dialog.findings.offers == []
    assert guest.dialog.answers.choices() == {"ignore": ("empty",)}


def test_an_offer_is_added_to_what_was_chosen(hand, table):
    guest = hand(table("a,b,c,kind\n" + "".join(f"{row}.5,,{row},{'xy'[row % 2]}\n" for row in range(20))))
    assert "no values" in guest.dialog.findings.words
    guest.tick("c")
    assert guest.dialog.answers.choices()["features"] == ("a", "b")
    guest.click(guest.dialog.findings.offers[0])
    assert guest.dataset.recipe.used == ("a",)


def test_a_column_without_values_can_be_unticked_to_make_a_table_usable(hand, table):
    guest = hand(table(OFFERS["a column without values"][0]))
    guest.tick("empty")
    assert guest.dialog.load.isEnabled()
    assert guest.dataset.recipe.used == ("a",)


def test_a_target_that_cannot_be_learnt_is_refused_but_another_one_can_be_chosen(hand, table):
    guest = hand(table("a,b,target\n" + "".join(f"{row},{row % 2},same\n" for row in range(20))))
    assert guest.dialog.findings.state == "bad"
    assert guest.dialog.preview.rows.columnCount() == 3
    guest.answer("target", "b")
    assert guest.dialog.load.isEnabled()


def test_another_source_begins_with_fresh_guesses(hand):
    guest = hand("penguins")
    guest.answer("test_fraction", "50")
    guest.answer("scale", "none")
    guest.dialog.open_source("iris")
    guest.settle()
    assert guest.dialog.answers.choices() == {}
    assert guest.question("test_fraction").editor.text() == "20 %"
    assert guest.dataset.choices.scale == "standardise"


def test_a_recipe_is_exported_and_used_on_another_table(hand, tmp_path):
    path = tmp_path / "recipe.json"
    guest = hand("penguins", choose=lambda *_: path)
    guest.dialog.exchange._choose_to_write = lambda *_: (path, "")
    guest.answer("scale", "robust")
    guest.tick("island")
    guest.dialog.foot.export.trigger()
    assert "recipe.json" in guest.dialog.foot.progress_text.text()
    assert json.loads(path.read_text())["choices"]["scale"] == "robust"
    wanted = guest.dataset
    guest.click(guest.dialog.guess)
    assert guest.dataset.choices.scale == "standardise"
    guest.dialog.foot.use.trigger()
    guest.settle()
    assert dataclasses.asdict(guest.dataset.choices) == dataclasses.asdict(wanted.choices)
    assert np.array_equal(guest.dataset.X_train, wanted.X_train)
    assert guest.dialog.recipe.cards["numbers"].head.decided


def test_a_file_that_is_no_recipe_is_refused_and_changes_nothing(hand, table):
    path = table("not json", "broken.json")
    guest = hand("penguins", choose=lambda *_: path)
    guest.dialog.foot.use.trigger()
    guest.settle()
    assert "broken.json is no recipe" in guest.dialog.findings.words
    assert guest.dialog.answers.choices() == {}


def inputs_of(dialog):
    kinds = (QComboBox, QAbstractButton, QLineEdit)
    return [each for kind in kinds for each in dialog.findChildren(kind) if each.objectName().startswith("dataset.")]


def test_every_input_has_a_name_and_a_tooltip(hand):
    guest = hand("penguins")
    guest.look_at("bill_length_mm")
    for made in STAGES:
        guest.open(made.id)
    found = inputs_of(guest.dialog)
    assert len(found) >= 60
    for each in found:
        label = each.accessibleName() or (each.text() if isinstance(each, QAbstractButton) else "")
        assert label, each.objectName()
        assert each.toolTip(), each.objectName()


def test_no_two_inputs_in_sight_share_a_letter(hand):
    guest = hand("auto_mpg")
    dialog = guest.dialog
    for made in STAGES:
        guest.open(made.id)
        widgets = [each for kind in (QLabel, QAbstractButton) for each in dialog.findChildren(kind)]
        texts = [each.text() for each in widgets if each.isVisible()]
        texts += [bar.tabText(place) for bar in (dialog.sources.tabs, dialog.tabs.tabBar()) for place in range(2)]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text and "<" not in text]
        assert len(letters) >= 8
        assert sorted(set(letters)) == sorted(letters), made.id


@pytest.mark.parametrize("stage", ["file", "split"])
def test_every_input_in_sight_is_reached_by_the_tab_key(qtbot, hand, stage):
    guest = hand("breast_cancer")
    guest.open(stage)
    dialog = guest.dialog
    dialog.activateWindow()
    dialog.sources.tabs.setFocus()
    seen = []
    for _ in range(60):
        focused = dialog.focusWidget()
        seen.append(focused.objectName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    wanted = {each.objectName() for each in inputs_of(dialog) if each.isEnabled() and each.isVisible()}
    assert wanted | {"dataset.columns", "dataset.report"} <= set(seen)
    names = [question.editor.objectName() for question in dialog.recipe.bodies[stage].questions]
    inside = [seen.index(name) for name in names if name in wanted]
    assert inside == sorted(inside)  # from above to below


@pytest.mark.parametrize("name", ["path", "seed", "finder"])
def test_enter_in_a_line_of_text_ends_the_typing_and_loads_nothing(qtbot, hand, name):
    guest = hand("breast_cancer")
    dialog = guest.dialog
    found = []
    dialog.accepted_dataset.connect(found.append)
    if name == "path":
        dialog.sources.tabs.setCurrentIndex(0)
    edit = {
        "path": dialog.sources.path,
        "seed": guest.question("seed").editor,
        "finder": dialog.columns.finder,
    }[name]
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert found == []
    assert dialog.isVisible()
