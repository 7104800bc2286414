"""The panel Curves: its lines, scales, read-out, keys and files; and the plain numbers behind them."""

import csv
import dataclasses
import io
import itertools
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest

from simulator.errors import ExportError
from simulator.progress import Progress
from simulator.snapshot import RECORD
from simulator.spec import Rule
from ui.dialogs import files
from ui.panels.curves_average import Average
from ui.panels.curves_files import numbers
from ui.panels.curves_series import FIELDS, KINDS, Run, parted
from ui.panels.plots_axis import log_places, number
from ui.panels.thinning import Thinned
from ui.writing import tabbed, write_csv

# -- numbers --------------------------------------------------------------------------------------------------------


def smoothed_as_tensorboard_does(values, weight):
    """The loop of TensorBoard's line chart, value by value."""
    last, counted, found = 0.0, 0, []
    for value in values:
        if not np.isfinite(value):
            found.append(value)
            continue
        last, counted = last * weight + (1.0 - weight) * value, counted + 1
        found.append(last / (1.0 - weight**counted))
    return found


NUMBERS = st.one_of(st.floats(-1e3, 1e3), st.just(np.nan), st.just(np.inf))


@settings(deadline=None)
@given(st.lists(NUMBERS, max_size=80), st.floats(0.0, 0.999), st.integers(1, 90))
def test_the_average_is_that_of_tensorboard_however_the_epochs_come_in(values, weight, piece):
    average = Average(weight)
    for first in range(0, len(values), piece):
        average.follow(np.array(values[first : first + piece]))
    _, found = average.values.look(0, len(values), 100)
    assert np.allclose(found, smoothed_as_tensorboard_does(values, weight), rtol=1e-9, atol=1e-9, equal_nan=True)


def test_a_long_average_forgets_its_beginning_and_follows_to_the_end():
    values = np.concatenate([np.full(20_000, 5.0), np.full(20_000, 2.0)])
    average = Average(0.99)
    while average.follow(values[len(average.values) :][:7_000]) < len(values):
        pass
    _, found = average.values.look(39_990, 40_000, 100)
    assert found == pytest.approx(2.0)


@pytest.mark.parametrize("count", [0, 1, 2, 100, 1_000_000])
def test_by_octaves_the_beginning_has_its_points_and_no_epoch_is_before_1(count):
    series = Thinned()
    series.append(np.arange(float(count)))
    x, y = series.look_by_octaves(0, count, 800)
    assert len(x) == len(y) < 2_500
    assert (x >= 1).all()
    assert (np.diff(x) >= 0).all()
    assert list(x[:20]) == list(range(1, min(count, 21)))
    if count > 1:
        assert x[-1] == count - 1


@settings(deadline=None)
@given(st.floats(-12, 12), st.floats(0.01, 12), st.floats(2, 12))
def test_a_logarithmic_axis_has_few_numbers_and_at_least_one_or_two(low, reach, most):
    places = log_places(low, low + reach, most)
    assert 1 <= len(places) <= max(4, most + 1)
    assert places == sorted(places)
    assert all(low - 1e-9 <= place <= low + reach + 1e-9 for place in places)


def test_numbers_of_an_axis_are_short():
    assert [number(each) for each in (1e-7, 0.001, 0.02, 1.0, 20.0, 5000.0, 2e6)] == [
        "1e-7", "0.001", "0.02", "1", "20", "5,000", "2e6",
    ]  # fmt: skip


def rows(count, seed=0):
    made = np.zeros(count, RECORD)
    made["epoch"] = np.arange(count)
    for field in FIELDS:
        made[field] = np.random.default_rng(seed).random(count)
    made["learning_rate"][:1] = np.nan
    return made


def test_the_file_has_every_figure_of_every_branch_to_the_last_digit(tmp_path):
    branches = (("run 1", rows(4)), ('with "quotes", and a comma', rows(3, seed=1)))
    path = write_csv(tmp_path / "curves.csv", numbers(branches), Progress())
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == ["epoch", "branch", *FIELDS]
    assert [(line["epoch"], line["branch"]) for line in found] == [
        (str(epoch), name) for name, made in branches for epoch in made["epoch"].tolist()
    ]
    assert [line["learning_rate"] for line in found if line["epoch"] == "0"] == ["", ""]
    for field in set(FIELDS) - {"learning_rate"}:
        assert [float(line[field]) for line in found] == np.concatenate([made[field] for _, made in branches]).tolist()
    assert tabbed(numbers(branches), Progress()).splitlines()[0].split("\t") == ["epoch", "branch", *FIELDS]
    with pytest.raises(ExportError):
        write_csv(tmp_path / "nowhere" / "curves.csv", numbers(branches), Progress())


def test_a_run_grows_and_knows_which_of_two_lines_stands_for_both():
    whole = rows(9)
    run = Run(0, "run", 0, whole[:4])
    assert len(run.series("train_loss")) == 4
    run.grow(whole)
    assert np.array_equal(run.series("train_loss").look(0, 9, 99)[1], whole["train_loss"])
    assert run.shown("train_loss") == "test_loss"
    whole["test_loss"] = np.nan
    assert run.shown("train_loss") == "train_loss"
    assert run.shown("weight_norm") == "weight_norm"
    assert Run(0, "run", 0, whole[:0]).shown("train_loss") == "train_loss"


def test_branches_part_where_the_first_of_them_left_the_way_of_both():
    def branch(parent, fork, end):
        return types.SimpleNamespace(parent=parent, fork=(fork, 3), end=(end, 0))

    # 0 goes to 50; 1 leaves it after 20, 2 leaves 1 after 30, 3 leaves 0 after 10; 9 is another start.
    all_ = {
        0: branch(None, 0, 50), 1: branch(0, 20, 40), 2: branch(1, 30, 60), 3: branch(0, 10, 15), 9: branch(None, 0, 7),
    }  # fmt: skip
    found = {(one, other): parted(all_, one, other) for one in all_ for other in all_ if one < other}
    assert found == {
        (0, 1): 20, (0, 2): 20, (0, 3): 10, (1, 2): 30, (1, 3): 10, (2, 3): 10,
        (0, 9): 0, (1, 9): 0, (2, 9): 0, (3, 9): 0,
    }  # fmt: skip


# -- the panel ------------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(guest):
    made = guest.window.panels["curves"]
    guest.wait(lambda: made.view is not None)
    return made


def drawn(guest, panel, name):
    """Return what is drawn of a line, after the next frame that has time for it."""
    panel._age()
    guest.wait(lambda: not panel._stale)
    return panel.view.line(name).getData()


def branch_off(guest):
    """Leave a run of 12 epochs after 5 for one of 20."""
    guest.advance_to(12)
    guest.bridge.go_to(5)
    guest.wait(lambda: guest.epoch == 5)
    guest.bridge.configure(dataclasses.replace(guest.bridge.config, optimizer=Rule("sgd", learning_rate=0.05)))
    guest.wait(lambda: len(guest.bridge.branches) == 2)
    guest.advance_to(20)
    guest.bridge.rename(1, "by sgd")
    guest.wait(lambda: guest.bridge.branches[1].name == "by sgd")


def press(view, key, modifiers=Qt.KeyboardModifier.NoModifier):
    override = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
    override.ignore()
    view.event(override)
    QTest.keyClick(view, key, modifiers)
    return override.isAccepted()


def point_at(panel, kind, epoch):
    """Return the place of an epoch in a plot, for the mouse."""
    box = panel.view.plots[kind].box
    scene = QPointF(box.mapViewToScene(QPointF(epoch, 0.0)).x(), box.sceneBoundingRect().center().y())
    return panel.view.mapFromScene(scene)


def test_every_figure_can_be_shown_of_every_branch_smooth_and_on_every_scale(guest, panel):
    assert panel.kinds == ("loss", "accuracy")
    branch_off(guest)
    for action in panel.bar.choices.values():
        assert action.toolTip()
        action.setChecked(True)
    assert panel.kinds == tuple(KINDS)
    records = guest.bridge.records
    for field in FIELDS:
        x, y = drawn(guest, panel, field)
        scale = 100 if field.endswith("accuracy") else 1
        assert np.array_equal(x, records["epoch"])
        assert np.allclose(y, scale * records[field], equal_nan=True)
    other = guest.bridge.branches[0].records
    for kind, field in (("loss", "test_loss"), ("weights", "weight_norm")):
        item = panel.view.plots[kind].lines["branch 0"]
        assert item.getData()[0].tolist() == list(range(5, 13)), "what is its own"
        assert np.array_equal(item.getData()[1], other[field][5:])
    assert panel.view._marks.forks == (5,)
    assert [entry.name for entry in panel.legend.entries] == ["Train", "Test", guest.bridge.branches[0].name]
    panel.bar.slider.setValue(30)
    _, smooth = drawn(guest, panel, "gradient_norm")
    wanted = smoothed_as_tensorboard_does(records["gradient_norm"], panel.bar.weight)
    assert np.allclose(smooth, wanted, equal_nan=True)
    _, raw = panel.view.line("gradient_norm.raw").getData()
    assert np.allclose(raw, records["gradient_norm"], equal_nan=True), "the raw line stays"
    panel.bar.slider.setValue(0)
    panel.bar.log.click()
    panel.bar.log_x.click()
    x, y = drawn(guest, panel, "weight_norm")
    assert np.allclose(x, np.log10(records["epoch"][1:]))
    assert np.allclose(y, np.log10(records["weight_norm"][1:]))
    assert "gradient_norm.raw" not in panel.view.plots["gradient"].lines
    _, y = panel.view.line("test_accuracy").getData()
    assert np.allclose(y, 100 * records["test_accuracy"][1:]), "a share stays on its plain scale"
    for action in panel.bar.choices.values():
        action.setChecked(False)
    assert panel.kinds == ()
    assert not panel.grab().isNull()


def test_the_pointer_and_the_keys_read_out_every_shown_figure_and_a_click_goes_there(guest, panel):
    branch_off(guest)
    panel.bar.choices["gradient"].setChecked(True)
    guest.wait(lambda: not panel._stale)
    QTest.mouseMove(panel.view.viewport(), point_at(panel, "loss", 7.2))
    panel.view.pointed.emit(7)
    said = panel.reading.text().splitlines()
    own, other = guest.bridge.records[7], guest.bridge.branches[0].records[7]
    assert said[0] == "epoch 7 of 20"
    assert said[1] == f"by sgd | {guest.bridge.branches[0].name}"
    assert f"train loss {own['train_loss']:.4g} | {other['train_loss']:.4g}" in said
    assert f"gradient norm {own['gradient_norm']:.4g} | {other['gradient_norm']:.4g}" in said
    assert not any("weight norm" in line for line in said)
    assert panel.rect().contains(panel.reading.geometry())
    view = panel.view
    view.setFocus()
    assert press(view, Qt.Key.Key_Right)
    assert panel.reading.text().startswith("epoch 8 ")
    assert guest.epoch == 20, "the window's own right arrow was not meant"
    press(view, Qt.Key.Key_End)
    assert "| –" in panel.reading.text(), "the other branch does not come so far"
    press(view, Qt.Key.Key_Home)
    press(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert panel.reading.text().startswith("epoch 10 ")
    press(view, Qt.Key.Key_Return)
    guest.wait(lambda: guest.epoch == 10)
    assert press(view, Qt.Key.Key_Escape)
    assert panel.reading.isHidden()
    assert not press(view, Qt.Key.Key_Escape), "the window has it next"
    assert not panel.bar.fit.isEnabled()
    press(view, Qt.Key.Key_Plus)
    assert panel.bar.fit.isEnabled()
    low, high = view.plots["loss"].box.viewRange()[0]
    assert high - low < 20
    assert view.plots["accuracy"].box.viewRange()[0] == pytest.approx([low, high])
    panel.bar.fit.click()
    assert view.plots["gradient"].box.viewRange()[0][1] >= 20
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point_at(panel, "accuracy", 3))
    guest.wait(lambda: guest.epoch == 3)


def test_numbers_and_pictures_are_copied_and_saved_whole(guest, panel, tmp_path, monkeypatch):
    guest.advance_to(3)
    guest.wait(lambda: not panel._stale)
    said = []
    guest.window.carrying.noted.connect(said.append)
    panel.bar.file_wanted.emit("copy_numbers")
    guest.wait(lambda: any("copied" in each for each in said))
    found = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text()), delimiter="\t"))
    assert [line["epoch"] for line in found] == ["0", "1", "2", "3"]
    assert float(found[3]["weight_norm"]) == guest.bridge.records["weight_norm"][3]
    panel.bar.file_wanted.emit("copy_picture")
    image = QGuiApplication.clipboard().image()
    assert image.width() == 2 * panel.view.width()
    chosen = {}

    def choose(_parent, _title, suggested, filters):
        chosen["name"] = suggested.name
        name, kind = chosen["answer"]
        return tmp_path / name, next(text for text, suffix in filters.items() if suffix == kind)

    monkeypatch.setattr(files, "choose_file_to_write", choose)
    chosen["answer"] = "figures", ".csv"
    panel.bar.file_wanted.emit("save_numbers")
    guest.wait(lambda: "Saved to figures.csv" in said)
    assert chosen["name"] == "penguins-curves.csv"
    assert len((tmp_path / "figures.csv").read_text().splitlines()) == 5
    panel.bar.file_wanted.emit("save_picture")
    assert guest.find("dialog.picture").choices.what.currentData() == "curves"


def test_other_data_without_accuracy_or_test_rows_and_numbers_that_are_none(guest, panel):
    guest.window.filing.load("diabetes", test_fraction=0.0)
    guest.wait(lambda: guest.bridge.dataset.name == "diabetes" and guest.epoch == 0)
    panel.bar.choices["gradient"].setChecked(True)
    assert panel.kinds == ("loss", "gradient")
    # The old data's last drawing may still stand for a moment after the new data has come.
    guest.wait(lambda: [entry.name for entry in panel.legend.entries] == ["Train"])
    drawn(guest, panel, "train_loss")
    panel.view.pointed.emit(0)
    assert "accuracy" not in panel.reading.text()
    assert "test loss" not in panel.reading.text()
    guest.advance_to(2)
    block = rows(40)
    for field in FIELDS:
        block[field][5:9] = np.nan, np.inf, 0.0, 1e300
    guest.bridge._ledger.write(block)
    panel._record(block)
    for _ in range(2):
        assert len(drawn(guest, panel, "train_loss")[0])
        panel.bar.log.click()
        panel.bar.slider.setValue(20)
        assert not panel.grab().isNull()


def test_a_small_dock_cuts_nothing_off_and_the_controls_can_be_reached(guest, panel):
    guest.advance_to(2)
    panel.setParent(None)
    panel.resize(260, 200)
    panel.show()
    guest.wait(lambda: not panel._stale)
    bar = panel.bar
    controls = (bar.shown, bar.slider, bar.log, bar.log_x, bar.fit, bar.files)
    for one, other in itertools.pairwise(controls):
        assert one.geometry().right() <= other.geometry().left()
        assert one.width() >= min(one.sizeHint().width(), 44)
    assert controls[-1].geometry().right() <= 260
    for control in (*controls, panel.view):
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert control.accessibleName()
        assert control.toolTip()
        assert control.objectName().startswith("curves.")
    panel._hover(1)
    panel.reading.stand_by(QPoint(250, 190), panel.rect())
    assert panel.rect().contains(panel.reading.geometry())
    panel.close()
