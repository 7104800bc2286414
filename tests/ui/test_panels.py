"""What the panels show, and what they change."""

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel

from simulator.interchange import Model
from ui.panels import PANELS
from ui.panels.output import Answer, answer, sentence
from ui.selection import inputs_of, places


@pytest.fixture
def guest(lasting):
    return lasting()


def test_the_bar_shows_what_was_reached(guest):
    guest.advance_to(7)
    record = guest.bridge.snapshot.record
    assert guest.find("readout.epoch", QLabel).text() == "7"
    assert float(guest.find("readout.train_loss", QLabel).text()) == pytest.approx(record.train_loss, abs=6e-5)
    assert float(guest.find("readout.test_loss", QLabel).text()) == pytest.approx(record.test_loss, abs=6e-5)
    assert guest.find("readout.accuracy", QLabel).text() == f"{100 * record.test_accuracy:.1f} %"


def test_the_canvas_shows_the_chosen_row_in_real_units(guest):
    picture = guest.window.canvas.picture
    assert picture.input_names == ("bill length", "bill depth", "flipper length", "body mass")
    assert picture.input_values[0] == "39.1 mm"
    assert picture.output_names == ("Adelie", "Gentoo", "Chinstrap")
    assert picture.actual == 0
    guest.window.selection.choose_row(200)
    assert guest.window.canvas.picture.input_values != picture.input_values


def test_the_canvas_and_the_output_panel_agree_with_a_prediction(guest):
    guest.advance_to(10)
    chosen = guest.window.selection.chosen
    dataset, snapshot = guest.bridge.dataset, guest.bridge.snapshot
    model = Model(snapshot.network, snapshot.config, snapshot.parameters, dataset.recipe)
    expected = model.predict(dataset.table.iloc[[chosen.row]]).iloc[0, 1:].to_numpy(dtype=float)
    assert guest.window.canvas.picture.probabilities == pytest.approx(expected, abs=1e-12)
    assert answer(snapshot, dataset, chosen).shares == pytest.approx(expected, abs=1e-12)
    assert guest.window.panels["output"].bars.answer.shares == pytest.approx(expected, abs=1e-12)
    assert guest.find("output.sentence", QLabel).text().startswith("The network says")


def test_a_row_that_is_not_used_is_drawn_without_numbers(guest):
    guest.window.selection.choose_row(3)
    assert guest.window.canvas.picture.activations == ()
    assert "missing" in guest.find("output.sentence", QLabel).text()


def test_a_value_is_predicted_in_real_units(make_window):
    guest = make_window("diabetes")
    guest.advance_to(3)
    assert "The network predicts progression" in guest.find("output.sentence", QLabel).text()
    assert guest.window.canvas.picture.truth_text == "151"
    assert not guest.window.transport.readouts["accuracy"].isVisible()


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (Answer(("a", "b"), (0.9, 0.1), 0, 0), "The network says a: right."),
        (Answer(("a", "b"), (0.9, 0.1), 0, 1), "The network says a, but it is b."),
        (Answer(("a", "b")), "A value is missing in this row: the network cannot see it."),
        (Answer(value=3.0, truth=5.0), "The network predicts mpg 3; it is 5, so it is 2 off."),
    ],
)
def test_the_answer_is_one_sentence(shown, said):
    assert sentence(shown, "mpg") == said


def test_every_raw_row_knows_where_it_went(guest):
    dataset = guest.bridge.dataset
    where = places(dataset)
    X = inputs_of(dataset, where)
    assert np.array_equal(X[dataset.train_rows], dataset.X_train)
    assert np.array_equal(X[dataset.test_rows], dataset.X_test)
    assert np.isnan(X[[3, 271]]).all()


def test_the_curves_hold_every_epoch_of_this_run_only(guest):
    panel = guest.window.panels["curves"]
    guest.wait(lambda: panel.view is not None)
    guest.advance_to(20)
    assert len(panel.series["test_loss"]) == 21
    guest.trigger("reset")
    guest.wait(lambda: len(panel.series["test_loss"]) == 1)
    guest.advance_to(3)
    x, y = panel.series["train_loss"].look(0, 4, 100)
    assert np.array_equal(y, guest.bridge.records["train_loss"])
    guest.wait(lambda: not panel._stale)
    drawn_x, drawn_y = panel.view.line("train_loss").getData()
    assert np.array_equal(drawn_x, x)
    assert np.array_equal(drawn_y, y)


def test_the_log_scale_draws_logarithms(guest):
    panel = guest.window.panels["curves"]
    guest.wait(lambda: panel.view is not None)
    guest.advance_to(5)
    guest.find("curves.log", QAbstractButton).click()
    _, y = panel.view.line("train_loss").getData()
    assert y == pytest.approx(np.log10(guest.bridge.records["train_loss"]))


def test_the_curves_read_out_the_epoch_under_the_pointer(guest):
    panel = guest.window.panels["curves"]
    guest.advance_to(9)
    panel._hover(4.2)
    text = guest.find("curves.reading", QLabel).text()
    assert text.startswith("epoch 4 ")
    assert f"{guest.bridge.records['train_loss'][4]:.4g}" in text
    panel._hover(1e9)
    assert guest.find("curves.reading", QLabel).text().startswith("epoch 9 ")
    panel._hover(None)
    assert guest.find("curves.reading", QLabel).text() == ""


def test_a_million_epochs_are_drawn_by_few_points(guest):
    from simulator.snapshot import RECORD

    panel = guest.window.panels["curves"]
    guest.wait(lambda: panel.view is not None)
    block = np.zeros(1_000_000, RECORD)
    block["epoch"] = np.arange(1_000_000)
    block["train_loss"] = np.exp(-np.arange(1_000_000) / 1e5)
    guest.bridge._ledger.write(block)
    panel._record(block)
    panel._draw()
    x, _ = panel.view.line("train_loss").getData()
    assert x[-1] == 999_999
    assert len(x) < 4 * panel.view.width()


def test_the_data_panel_says_what_is_learnt_and_what_was_dropped(guest):
    panel = guest.window.panels["data"]
    shown = [label.text().replace("\u200b", "") for label in panel.findChildren(QLabel)]
    assert "species (3 classes)" in shown
    assert "344: 274 for training, 68 for testing, 2 not used" in shown
    assert any("dropped for missing values" in text for text in shown)


def test_another_set_is_chosen_in_the_data_panel(guest):
    box = guest.find("data.set", QComboBox)
    box.setCurrentIndex(box.findData("wine"))
    box.activated.emit(box.currentIndex())
    guest.wait(lambda: guest.bridge.dataset.name == "wine")
    assert guest.bridge.network.inputs == 13


def test_another_engine_can_be_chosen_and_stays_chosen(guest):
    bridge, box = guest.window.bridge, guest.find("training.engine", QComboBox)
    assert (bridge.engine, box.currentData()) == ("compiled", "auto")
    for name, engine in (("reference", "reference"), ("auto", "compiled")):
        index = box.findData(name)
        box.setCurrentIndex(index)
        box.activated.emit(index)
        guest.wait(lambda engine=engine: bridge.engine == engine)
        assert box.currentData() == name
        assert engine in box.toolTip()


def test_every_panel_can_be_drawn_in_both_themes(guest):
    for name in PANELS:
        guest.window.show_panel(name)
        guest.wait(lambda name=name: not guest.window.panels[name].grab().isNull())
    guest.advance_to(1)
    for _ in range(2):
        guest.trigger("theme")
        for name, panel in guest.window.panels.items():
            guest.window.show_panel(name)
            guest.wait(lambda panel=panel: not panel.grab().isNull())
