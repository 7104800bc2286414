"""Models in: files of ours, and networks of other programs, judged by the running data."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from safetensors.numpy import save_file

from simulator.data import Dataset, open_dataset
from simulator.interchange import ALSO_READ, CONVERTING, FORMATS, Foreign, Model, save_model
from simulator.nn.activations import ACTIVATIONS
from simulator.training.defaults import default_config, default_network
from simulator.training.session import Session
from ui.dialogs.adopt import AdoptDialog
from ui.dialogs.adopting.questions import facts
from ui.dialogs.adopting.ways import assumptions, pairs, ways
from ui.dialogs.failure import FailureDialog
from ui.dialogs.import_model import ask_for_model, filters, import_model

READABLE = [name for name, row in FORMATS.items() if row.load is not None]


def failures() -> list[FailureDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, FailureDialog) and each.isVisible()]


@pytest.fixture(autouse=True)
def _close_all(qtbot):
    yield
    for each in failures():
        each.close()


@pytest.fixture(scope="module")
def trained(penguins) -> Model:
    network = default_network(penguins, activation="relu")
    session = Session(penguins, network, default_config(penguins), engine="reference")
    session.advance(10)
    return session.model()


def foreign_of(model: Model, **said) -> Foreign:
    return Foreign(model.layers, (None,) * len(model.network.hidden), **said)


@pytest.fixture
def adopt(qtbot, bridge, penguins, tmp_path):
    """Open the dialog on a network, and wait until it was tried."""

    def make(foreign: Foreign, dataset: Dataset | None = penguins) -> AdoptDialog:
        dialog = AdoptDialog(bridge, foreign, tmp_path / "net.onnx", dataset)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: not dialog.running)
        return dialog

    return make


def taken(qtbot, dialog: AdoptDialog) -> list:
    with qtbot.waitSignal(dialog.adopted) as caught:
        qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    return caught.args


def test_there_is_a_filter_for_every_suffix_that_can_be_opened():
    first, *others = filters()
    suffixes = {FORMATS[name].suffix for name in READABLE} | {*ALSO_READ}
    assert len(others) == len(suffixes)
    assert all(f"*{suffix}" in first for suffix in suffixes)
    assert not any("*.csv" in text for text in filters())


@pytest.mark.parametrize("name", READABLE)
def test_a_file_of_ours_comes_back_with_the_same_bits_and_is_remembered(
    qtbot, bridge, model, preferences, tmp_path, name
):
    path = save_model(model, tmp_path / f"net{FORMATS[name].suffix}", name)
    found, dialogs = [], []
    import_model(None, path, bridge=bridge, preferences=preferences, on_model=found.append, on_foreign=dialogs.append)
    qtbot.waitUntil(lambda: bool(found or dialogs))
    [back] = found
    np.testing.assert_array_equal(back.parameters, model.parameters)
    assert preferences.recent_files == (path,)
    assert preferences.folder("model") == tmp_path


def test_the_last_folder_is_offered_again_and_one_can_think_better_of_it(preferences, tmp_path):
    preferences.set_folder("model", tmp_path)
    asked = []
    assert ask_for_model(None, preferences, choose=lambda *question: asked.append(question[2])) is None
    assert asked == [tmp_path]


BROKEN = {
    "an empty file": ("net.safetensors", b""),
    "another kind of file": ("net.json", b"<html>"),
    "weights only": ("net.csv", b"layer,row,column,value\n"),
    "an unknown suffix": ("net.xyz", b"x"),
    "a file cut off": ("net.npz", b"PK\x03\x04abc"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_model_is_refused_and_nothing_changes(qtbot, bridge, preferences, table, name):
    file, content = BROKEN[name]
    models, failed = [], []
    import_model(
        None, table(content, file), bridge=bridge, preferences=preferences, on_model=models.append,
        on_failed=lambda: failed.append(1),
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(failed))
    [failure] = failures()
    assert failure.windowTitle() == "The model was not opened"
    assert failure.hint.text()
    assert models == []
    assert preferences.recent_files == ()


def test_a_pickle_of_pytorch_is_refused_with_the_lines_that_convert_it(qtbot, bridge, preferences, table):
    failed = []
    import_model(
        None, table(b"x", "net.pt"), bridge=bridge, preferences=preferences, on_model=failed.append,
        on_failed=lambda: failed.append(1),
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(failed))
    [failure] = failures()
    assert failure.details.toPlainText() == CONVERTING
    qtbot.mouseClick(failure.findChild(object, "failure.copy_content"), Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == CONVERTING
    assert failure.isVisible()


def test_a_state_dict_of_another_program_is_asked_about(qtbot, bridge, preferences, trained, penguins, tmp_path):
    path = tmp_path / "theirs.safetensors"
    tensors = {}
    for place, layer in enumerate(trained.layers):
        tensors[f"{2 * place}.weight"] = np.ascontiguousarray(layer.weight.T)
        tensors[f"{2 * place}.bias"] = np.ascontiguousarray(layer.bias)
    save_file(tensors, path)
    dialogs, models = [], []
    import_model(
        None, path, bridge=bridge, preferences=preferences, dataset=penguins, on_model=models.append,
        on_foreign=dialogs.append, on_adopted=lambda *made: models.append(made),
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(dialogs))
    [dialog] = dialogs
    qtbot.waitUntil(lambda: not dialog.running)
    assert preferences.recent_files == ()
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(models))
    [(model, dataset)] = models
    np.testing.assert_array_equal(model.parameters, trained.parameters)
    assert dataset.recipe == penguins.recipe
    assert preferences.recent_files == (path,)


# -- what is asked ------------------------------------------------------------------------------------------------


def test_the_activation_is_suggested_by_the_running_data(qtbot, adopt, trained, penguins):
    dialog = adopt(foreign_of(trained))
    assert dialog.way.id == "here"
    assert [each.activation for each in dialog.evidence.candidates] == list(ACTIVATIONS)
    assert dialog.assumed.activation == "relu"
    assert dialog.questions.form.fields["activation"].box.currentData() == "relu"
    assert dialog.assumed.link == "softmax"
    model, dataset = taken(qtbot, dialog)
    assert model.predict(penguins.table).equals(trained.predict(penguins.table))
    np.testing.assert_array_equal(dataset.X_train, penguins.X_train)
    Session(dataset, model.network, model.config, engine="reference", start=model.parameters).advance(1)


def test_the_table_chooses_and_shows_predictions(qtbot, adopt, trained):
    dialog = adopt(foreign_of(trained))
    table = dialog.view.table
    assert dialog.view.predictions.topLevelItemCount() > 0
    row = list(ACTIVATIONS).index("sigmoid")
    table.setCurrentItem(table.topLevelItem(row))
    assert dialog.assumed.activation == "sigmoid"
    assert dialog.questions.form.fields["activation"].box.currentData() == "sigmoid"
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert dialog.assumed.activation == "tanh"
    assert taken(qtbot, dialog)[0].network.hidden[0].activation == "tanh"


def test_only_what_the_file_does_not_say_is_asked(qtbot, adopt, trained):
    activations = tuple(layer.activation for layer in trained.network.hidden)
    said = dataclasses.replace(foreign_of(trained), activations=activations, link="softmax")
    dialog = adopt(said)
    assert dialog.questions.form is None
    assert len(dialog.evidence.candidates) == 1
    assert taken(qtbot, dialog)[0].network == trained.network
    half = adopt(dataclasses.replace(said, link=None))
    assert list(half.questions.form.fields) == ["link"]


def test_another_link_is_tried_anew(qtbot, adopt, trained):
    dialog = adopt(foreign_of(trained))
    before = dialog.evidence
    box = dialog.questions.form.fields["link"].box
    box.setCurrentIndex(box.findData("sigmoid"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: not dialog.running)
    assert dialog.evidence is not before
    assert taken(qtbot, dialog)[0].network.link == "sigmoid"


def test_a_file_that_gives_out_sums_is_asked_about_and_taken_for_one_of_logits_where_the_data_has_classes(
    qtbot, adopt, trained
):
    activations = tuple(layer.activation for layer in trained.network.hidden)
    logits = dataclasses.replace(foreign_of(trained), activations=activations, link="linear")
    dialog = adopt(logits)
    assert list(dialog.questions.form.fields) == ["link"]
    assert dialog.assumed.link == "softmax"
    dialog.questions.buttons["own"].click()  # no classes but its own: what the file computes
    qtbot.waitUntil(lambda: not dialog.running)
    assert dialog.assumed.link == "linear"
    dialog.questions.buttons["here"].click()
    qtbot.waitUntil(lambda: not dialog.running)
    assert taken(qtbot, dialog)[0].network.link == "softmax"


def test_inputs_can_be_prepared_in_another_way(qtbot, adopt, trained, penguins):
    dialog = adopt(foreign_of(trained))
    assert list(dialog.questions.buttons) == ["here", "none", "min_max", "own"]
    dialog.questions.buttons["none"].click()
    qtbot.waitUntil(lambda: not dialog.running)
    _, dataset = taken(qtbot, dialog)
    raw = penguins.table[list(penguins.feature_names)].to_numpy()[dataset.train_rows]
    np.testing.assert_array_equal(dataset.X_train, raw)


def test_without_data_that_fits_it_makes_rows_for_itself(qtbot, adopt):
    layers = foreign_of(Session(open_dataset("digits"), engine="reference").model()).layers
    dialog = adopt(Foreign(layers, (None,) * (len(layers) - 1), class_names=("zero", "one", "two")))
    assert list(dialog.questions.buttons) == ["own"]
    assert "no data" in dialog.view.head.text()
    model, dataset = taken(qtbot, dialog)
    assert dataset.name == "rows made by net.onnx"
    assert "drawn at random" in str(dataset.report)
    assert model.network.inputs == 64


def test_a_data_set_that_is_opened_meanwhile_is_taken_if_it_fits(qtbot, adopt, trained, penguins):
    dialog = adopt(foreign_of(trained), None)
    assert list(dialog.questions.buttons) == ["own"]
    dialog.show_dataset(open_dataset("diabetes"))
    assert "the network has 4 and 3" in dialog.note.text()
    dialog.show_dataset(penguins)
    qtbot.waitUntil(lambda: not dialog.running)
    assert dialog.way.id == "here"
    assert dialog.note.text() == ""
    assert dialog.take.isEnabled()


def test_a_network_with_one_output_for_two_classes_and_one_for_a_value(qtbot, adopt):
    two, value = open_dataset("breast_cancer"), open_dataset("diabetes")
    config = default_config(two, "binary_cross_entropy")
    one = Session(two, default_network(two, loss="binary_cross_entropy"), config, engine="reference").model()
    dialog = adopt(foreign_of(one), two)
    assert dialog.assumed.link == "sigmoid"
    assert taken(qtbot, dialog)[0].network.link == "sigmoid"
    dialog = adopt(foreign_of(Session(value, engine="reference").model()), value)
    assert dialog.assumed.link == "linear"
    assert dialog.evidence.value
    assert dialog.view.table.headerItem().text(1) == "R²"
    assert taken(qtbot, dialog)[1].recipe.task == "regression"


def test_assumptions_that_do_not_fit_are_refused_in_the_dialog(qtbot, adopt):
    two = open_dataset("breast_cancer")
    config = default_config(two, "binary_cross_entropy")
    one = Session(two, default_network(two, loss="binary_cross_entropy"), config, engine="reference").model()
    dialog = adopt(foreign_of(one), two)
    box = dialog.questions.form.fields["link"].box
    box.setCurrentIndex(box.findData("linear"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: not dialog.running)
    assert "output" in dialog.note.text()
    assert not dialog.take.isEnabled()
    box.setCurrentIndex(box.findData("sigmoid"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: dialog.take.isEnabled())


def test_cancelling_makes_nothing(qtbot, adopt, trained):
    dialog = adopt(foreign_of(trained))
    made = []
    dialog.adopted.connect(lambda *each: made.append(each))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert made == []


def test_names_stand_side_by_side_and_columns_follow_those_of_the_file(trained, penguins):
    names = penguins.feature_names[::-1]
    foreign = foreign_of(trained, feature_names=names, class_names=penguins.class_names[::-1])
    here = ways(foreign, penguins)[0]
    assert pairs(foreign, here) == (*zip(names, names, strict=True), *((each,) * 2 for each in foreign.class_names))
    plain = foreign_of(trained)
    assert pairs(plain, ways(plain, penguins)[0])[0] == ("input 1", penguins.feature_names[0])
    assert assumptions(plain, ways(plain, None)[0]).recipe is None


def test_what_a_file_says_is_listed(trained):
    said = dict(facts(dataclasses.replace(foreign_of(trained), dropout=(0.5, 0.0), notes=("A node was left out.",))))
    assert said["Layers"] == "4 – 8 – 8 – 3"
    assert said["Numbers"] == "139 weights and biases, float32"
    assert said["Activation"] == "not said"
    assert said["Dropout"] == "0.5, 0"
    assert said["Notes"] == "A node was left out."


def test_names_of_files_are_never_read_as_markup(adopt, trained):
    dialog = adopt(foreign_of(trained, notes=("<b>bold</b>",)))
    assert dialog.questions.values["Notes"].textFormat() == Qt.TextFormat.PlainText
    assert dialog.findChild(QLabel, "adopt.title").textFormat() == Qt.TextFormat.PlainText
