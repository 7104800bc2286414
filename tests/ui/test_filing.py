"""Files into the window and out of it."""

import json

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog, QLabel, QMenu
from safetensors.numpy import save_file

from simulator.data import BUNDLED, open_dataset
from simulator.interchange import FORMATS, load_model, save_model
from simulator.training.session import Session


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_set_is_drawn_and_trains(make_window, name):
    guest = make_window(name)
    dataset = guest.bridge.dataset
    assert guest.bridge.network.inputs == len(dataset.feature_names)
    guest.advance_to(1)
    picture = guest.window.canvas.picture
    assert picture.sizes == guest.bridge.network.sizes
    assert picture.title == BUNDLED[name].title
    assert len(picture.input_values) == len(dataset.feature_names)
    assert BUNDLED[name].title in guest.window.windowTitle()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "my own data.csv"
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"height_cm": random.normal(170, 10, 80).round(1), "weight_kg": random.normal(70, 9, 80).round(1)}
    )
    frame["sex"] = np.where(frame["height_cm"] + frame["weight_kg"] > 240, "m", "f")
    frame.to_csv(path, index=False)
    return path


def accept(guest):
    dialog = guest.window.filing.dialog
    guest.wait(lambda: dialog.reading is not None and not dialog.running)
    dialog.accept()


def test_a_file_opens_by_the_dialog_and_is_remembered(guest, table, preferences):
    guest.window.open_path(table)
    accept(guest)
    guest.wait(lambda: guest.bridge.dataset.path == table)
    assert guest.bridge.network.sizes == (2, 8, 8, 2)
    assert preferences.recent_files[0] == table
    assert guest.window.panels["data"].sets.currentText() == "my own data"
    guest.advance_to(2)
    menu = QMenu()
    guest.window.filing.fill_recent(menu)
    assert table.name in menu.actions()[0].text()


def test_a_dropped_file_opens(guest, table):
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(table))])
    event = QDropEvent(QPointF(100, 100), Qt.DropAction.CopyAction, content, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    guest.window.dropEvent(event)
    accept(guest)
    guest.wait(lambda: guest.bridge.dataset.path == table)


def test_a_table_in_json_opens_as_a_data_set_and_a_model_in_json_as_a_model(guest, tmp_path):
    birds = tmp_path / "birds.json"
    rows = [{"bill": 39.0 + place % 7, "mass": 3000 + 10 * place, "kind": "ab"[place % 2]} for place in range(20)]
    birds.write_text(json.dumps(rows))
    guest.window.filing.open_path(birds)
    accept(guest)
    guest.wait(lambda: guest.bridge.dataset.path == birds)
    guest.advance_to(2)
    model = save_model(guest.window.models.model(), tmp_path / "model.json")
    before = guest.bridge.snapshot
    guest.window.filing.open_path(model)
    guest.wait(lambda: guest.bridge.snapshot is not before and guest.bridge.snapshot.epoch == 0)
    assert guest.bridge.dataset.class_names == ("a", "b")


def test_a_broken_file_is_refused_and_the_running_network_stays(guest, tmp_path):
    guest.advance_to(3)
    before = guest.parameters
    path = tmp_path / "broken.csv"
    path.write_text("a,b,c\n1,2,x\n3,4\n5,6,7,8,9\n")
    failures = []
    guest.window.filing._fail = failures.append
    guest.bridge.run_job(guest_read, path, on_failed=failures.append)
    guest.wait(lambda: bool(failures))
    assert "line" in failures[0].message
    assert np.array_equal(guest.parameters, before)
    guest.advance_to(4)


def guest_read(path, progress):

    return open_dataset(path, progress)


def test_a_set_that_does_not_exist_says_so_in_a_dialog(guest, tmp_path):
    guest.window.filing.load(tmp_path / "nowhere.csv")
    guest.wait(lambda: guest.window.findChild(object, "dialog.failure") is not None)
    assert "no such file" in guest.find("failure.message", QLabel).text().lower()
    guest.find("dialog.failure").close()
    assert guest.bridge.dataset.name == "penguins"


def test_a_later_load_takes_the_place_of_an_earlier_one(guest):
    guest.window.filing.load("mnist")
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    guest.wait(lambda: not guest.bridge.busy)
    guest.wait_until_obeyed()
    assert guest.bridge.dataset.name == "iris"


def test_another_share_of_test_rows_keeps_the_network(guest):
    guest.window.editor.set_layer(1, units=5)
    guest.wait(lambda: guest.bridge.network.sizes == (4, 5, 8, 3))
    before = guest.bridge.dataset
    guest.window.panels["data"]._split.committed.emit(0.5)
    guest.wait(lambda: guest.bridge.dataset is not before)
    assert len(guest.bridge.dataset.X_test) == pytest.approx(171, abs=2)
    assert guest.bridge.network.sizes == (4, 5, 8, 3)


@pytest.mark.parametrize("name", ["safetensors", "onnx"])
def test_a_model_is_exported_and_imported_and_goes_on(guest, tmp_path, preferences, name):
    path = tmp_path / f"penguins{FORMATS[name].suffix}"
    preferences.set_folder("model", tmp_path)
    guest.advance_to(5)
    trained = guest.parameters
    guest.trigger("export")
    guest.wait(lambda: guest.window.findChild(object, "dialog.export") is not None)
    dialog = guest.find("dialog.export")
    assert "After epoch 5: train loss" in dialog.page.facts["Moment"].text()
    dialog.formats.choose(name)
    guest.wait(dialog.write.isEnabled)
    dialog.write.click()
    guest.wait(lambda: path.exists() and guest.window.findChild(object, "dialog.notice") is not None)
    guest.find("dialog.notice").close()
    assert np.array_equal(load_model(path).parameters, trained)
    guest.trigger("new_weights")
    guest.wait(lambda: guest.epoch == 0)
    guest.window.open_path(path)
    guest.wait(lambda: np.array_equal(guest.parameters, trained))
    assert guest.bridge.dataset.recipe == load_model(path).recipe
    begun = 5 if FORMATS[name].group == "ours" else 0
    assert guest.epoch == begun
    guest.advance_to(begun + 2)
    uninterrupted = Session(open_dataset("penguins"))
    uninterrupted.advance(7)
    assert np.array_equal(guest.parameters, uninterrupted.model().parameters) == (begun == 5)
    assert not np.array_equal(guest.parameters, trained)


def test_a_model_of_another_set_finds_its_bundled_data(make_window, tmp_path):
    iris = make_window("iris")
    model = iris.window.models.model()
    penguins = make_window("penguins")
    penguins.window.models._imported(model)
    penguins.wait(lambda: penguins.bridge.dataset.name == "iris")
    assert np.array_equal(penguins.parameters, model.parameters)


def drop(guest, path):
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(QPointF(100, 100), Qt.DropAction.CopyAction, content, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    guest.window.dropEvent(event)


def test_a_model_of_any_suffix_is_opened_by_dropping_it_on_the_window(guest, tmp_path):
    guest.advance_to(1)
    trained, model = guest.parameters, guest.window.models.model()
    for suffix in sorted({row.suffix for row in FORMATS.values() if row.load is not None}):
        guest.trigger("new_weights")
        guest.wait(lambda: guest.epoch == 0 and not np.array_equal(guest.parameters, trained))
        drop(guest, save_model(model, tmp_path / f"dropped{suffix}"))
        guest.wait(lambda: np.array_equal(guest.parameters, trained))


def test_a_network_of_another_program_is_asked_about_drawn_and_trained(guest, tmp_path):
    model = guest.window.models.model()
    path = tmp_path / "theirs.safetensors"
    save_file({f"{2 * place}.{kind}": np.ascontiguousarray(getattr(layer, kind).T)
               for place, layer in enumerate(model.layers) for kind in ("weight", "bias")}, path)  # fmt: skip
    running = guest.bridge.snapshot
    drop(guest, path)
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.adopt") is not None)
    dialog = guest.find("dialog.adopt")
    guest.wait(lambda: not dialog.running)
    assert guest.bridge.snapshot is running
    dialog.view.table.setCurrentItem(dialog.view.table.topLevelItem(1))
    dialog.take.click()
    guest.wait(lambda: guest.bridge.network.hidden[0].activation == "relu" and guest.epoch == 0)
    guest.wait(lambda: np.array_equal(guest.parameters, model.parameters))
    guest.advance_to(1)


def test_a_cancelled_import_leaves_the_running_network_alone(guest, tmp_path):
    guest.advance_to(2)
    before = guest.parameters
    path = tmp_path / "theirs.safetensors"
    save_file({"0.weight": np.ones((2, 5), np.float32), "0.bias": np.zeros(2, np.float32)}, path)
    guest.window.open_path(path)
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.adopt") is not None)
    guest.find("dialog.adopt").reject()
    guest.wait_until_obeyed()
    assert np.array_equal(guest.parameters, before)
    guest.advance_to(3)


@pytest.fixture
def lost(guest, table):
    """A model of ours whose table is not open: the dialog that says so."""
    model = Session(open_dataset(table), engine="reference").model()
    guest.window.models._imported(model)
    guest.wait(lambda: guest.window.findChild(QDialog, "dialog.lost_data") is not None)
    dialog = guest.find("dialog.lost_data")
    assert dialog.details.toPlainText().split("\n") == ["height_cm", "weight_kg", "sex"]
    return model, dialog


def test_a_model_whose_data_is_not_open_is_drawn_with_rows_that_it_makes(guest, lost):
    model, dialog = lost
    dialog.make.click()
    guest.wait(lambda: guest.bridge.dataset.name == "rows made by the network")
    guest.wait(lambda: np.array_equal(guest.parameters, model.parameters))
    assert guest.bridge.dataset.recipe.columns == model.recipe.columns
    guest.advance_to(1)


def test_a_model_whose_data_is_opened_meanwhile_goes_on_with_it(guest, lost, table):
    model, dialog = lost
    dialog.open_data.click()
    opening = guest.find("dialog.open_dataset")
    opening.open_source(table)
    guest.wait(lambda: opening.reading is not None and not opening.running)
    opening.accept()
    guest.wait(lambda: guest.bridge.dataset.path == table)
    assert guest.bridge.dataset.recipe == model.recipe
    guest.wait(lambda: np.array_equal(guest.parameters, model.parameters))


def test_other_data_than_a_model_needs_is_said_and_asked_about_again(guest, lost):
    _model, dialog = lost
    running = guest.bridge.dataset
    dialog.data_chosen.emit(open_dataset("iris"))
    dialog.close()
    guest.wait(lambda: guest.window.models.dialog not in (None, dialog))
    again = guest.window.models.dialog
    assert "opened data" in again.message.text()
    again.reject()
    assert guest.bridge.dataset is running


def test_a_model_that_is_chosen_where_a_table_is_asked_for_is_imported(guest, tmp_path):
    model = guest.window.models.model()
    path = save_model(model, tmp_path / "m.safetensors")
    guest.trigger("new_weights")
    guest.wait(lambda: not np.array_equal(guest.parameters, model.parameters))
    guest.window.filing.ask_for_dataset()
    guest.window.filing.dialog.sources.chosen.emit(path)
    guest.wait(lambda: np.array_equal(guest.parameters, model.parameters))
