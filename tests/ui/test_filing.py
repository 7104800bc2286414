"""Files into the window and out of it."""

import json

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QMenu

from simulator.data import BUNDLED, open_dataset
from simulator.interchange import FORMATS, load_model, save_model
from simulator.progress import Progress
from simulator.training.own_data import data_for
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
    model = save_model(guest.window.filing.model(), tmp_path / "model.json")
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
    guest.pass_time(0.3)
    assert guest.bridge.dataset.name == "iris"


def test_another_share_of_test_rows_keeps_the_network(guest):
    guest.window.editor.set_layer(1, units=5)
    guest.wait(lambda: guest.bridge.network.sizes == (4, 5, 8, 3))
    before = guest.bridge.dataset
    guest.window.panels["data"]._split.committed.emit(0.5)
    guest.wait(lambda: guest.bridge.dataset is not before)
    assert len(guest.bridge.dataset.X_test) == pytest.approx(171, abs=2)
    assert guest.bridge.network.sizes == (4, 5, 8, 3)


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.load is not None])
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
    model = iris.window.filing.model()
    penguins = make_window("penguins")
    penguins.window.filing._imported(model)
    penguins.wait(lambda: penguins.bridge.dataset.name == "iris")
    assert np.array_equal(penguins.parameters, model.parameters)


def test_a_model_without_data_says_what_it_needs(guest, table):
    from simulator.errors import ConfigError
    from simulator.interchange import Model

    model = Session(open_dataset(table)).model()
    assert isinstance(model, Model)
    with pytest.raises(ConfigError, match="no data set") as caught:
        data_for(model, guest.bridge.dataset, Progress())
    assert "height_cm" in caught.value.hint
