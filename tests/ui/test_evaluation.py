"""The evaluation panel: what it says, where it leads, and that it follows the moment."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from simulator.insight import metrics
from simulator.spec import Rule
from ui.panels.evaluation_matrix_words import sentence
from ui.panels.evaluation_values import Classes
from ui.panels.table_answers import all_answers
from ui.predicting import Predictions
from ui.selection import Pointed, places
from ui.theme import THEMES


def _open(guest):
    guest.window.docks["evaluation"].show()
    guest.window.docks["evaluation"].raise_()
    panel = guest.window.panels["evaluation"]
    _settled(guest, panel)
    return panel


def _settled(guest, panel):
    """Wait until the panel shows the present moment."""
    bridge, predicting = guest.bridge, guest.window.predicting
    guest.wait(
        lambda: (
            predicting.fresh
            and panel.found is not None
            and panel.found.predictions is predicting.predictions
            and panel.found.predictions.snapshot is bridge.snapshot
            and (panel._key[1], panel._key[2]) == (panel.split, panel.page)
        )
    )


def _turn(guest, panel, page):
    panel.show_page(page)
    _settled(guest, panel)
    return panel.views[page]


def _table(guest):
    """Return the rows that the table shows, and under which name."""
    table = guest.window.panels["table"]
    return table.model.rows, table.line.chip.text()


def test_the_matrix_counts_what_the_table_counts_and_leads_to_it(guest):
    guest.advance_to(2)
    panel = _open(guest)
    matrix = panel.views["matrix"]
    dataset, snapshot = guest.bridge.dataset, guest.bridge.snapshot
    for split in ("test", "train", "all"):
        panel.show_split(split)
        _settled(guest, panel)
        rows = panel.found.rows
        said = all_answers(dataset, snapshot, places(dataset)[rows])
        assert np.array_equal(panel.found.taken, said.predicted)
        assert panel.found.mistakes == int((said.right == 0.0).sum())
        assert panel.headline.text().startswith(f"{len(rows)} ")
        assert f"{panel.found.mistakes} mistake" in panel.headline.text()
    assert panel.found.confusion.sum() == len(dataset.X_train) + len(dataset.X_test)

    # A click on the largest cell, by the mouse.
    true, taken = np.unravel_index(panel.found.confusion.argmax(), panel.found.confusion.shape)
    expected = np.sort(panel.found.cell(int(true), int(taken)))
    spot = matrix.place((int(true), int(taken))).center().toPoint()
    QTest.mouseMove(matrix.viewport(), spot)
    assert panel.reading.text() == sentence(matrix.found, (int(true), int(taken)))
    assert guest.window.selection.pointed == Pointed(neuron=(3, int(taken)))
    QTest.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    guest.wait(lambda: np.array_equal(np.sort(_table(guest)[0]), expected))
    assert "all rows" in guest.window.panels["table"].line.chip.toolTip()

    # A name stands for its line; the corner for the mistakes; the keyboard goes everywhere.
    assert matrix.cell_at(QPointF(matrix.grid.left - 5, matrix.place((1, 0)).center().y())) == (1, -1)
    assert matrix.cell_at(QPointF(matrix.place((0, 2)).center().x(), matrix.grid.top - 3)) == (-1, 2)
    assert matrix.cell_at(QPointF(2, 2)) is None
    matrix.setFocus()
    for _ in range(5):
        QTest.keyClick(matrix, Qt.Key.Key_Down)
        QTest.keyClick(matrix, Qt.Key.Key_Right)
    assert matrix.current == (-1, -1)
    QTest.keyClick(matrix, Qt.Key.Key_Return)
    wrong = np.sort(panel.found.rows[panel.found.truth != panel.found.taken])
    guest.wait(lambda: np.array_equal(np.sort(_table(guest)[0]), wrong))
    assert _table(guest)[1].startswith("Mistakes")
    for mode in ("row", "column"):
        panel.modes.buttons[mode].click()
        assert matrix.mode == mode
    guest.window.panels["table"].show_all()


def test_every_page_shows_the_moment_in_both_themes_and_goes_back_with_it(guest):
    guest.advance_to(12)
    panel = _open(guest)
    before = panel.found.shares.copy()
    for page in ("scores", "roc", "pr", "calibration", "matrix"):
        view = _turn(guest, panel, page)
        assert view.isVisible()
        for theme in THEMES.values():
            panel.set_theme(theme)
            assert not panel.grab().isNull()
        assert view.accessibleName()
    guest.bridge.go_to(1)
    guest.wait(lambda: guest.epoch == 1)
    _settled(guest, panel)
    assert not np.array_equal(panel.found.shares, before)
    guest.bridge.go_to(12)
    guest.wait(lambda: guest.epoch == 12)
    _settled(guest, panel)
    assert np.array_equal(panel.found.shares, before), "the same moment, the same predictions"

    scores = _turn(guest, panel, "scores")
    lines = scores.figures.lines
    assert [line[0].text for line in lines[:4]] == ["Adelie", "Gentoo", "Chinstrap", "Macro average"]
    expected = metrics.class_scores(panel.found.confusion)
    assert [line[1].share for line in lines[:3]] == pytest.approx(expected.precision.tolist(), nan_ok=True)
    scores.open(scores.figures.index(1, 2))
    gentoo = panel.found.rows[panel.found.truth == 1]
    guest.wait(lambda: np.array_equal(np.sort(_table(guest)[0]), gentoo))
    assert _table(guest)[1].startswith("Gentoo · test rows")

    roc = _turn(guest, panel, "roc")
    roc.setFocus()
    QTest.keyClick(roc, Qt.Key.Key_Down)
    QTest.keyClick(roc, Qt.Key.Key_Right)
    nth, place = roc.reading
    assert panel.reading.text() == roc.sentence(nth, place)
    ranked = roc.curves[nth].ranked
    QTest.keyClick(roc, Qt.Key.Key_Return)
    called = panel.found.rows[panel.found.shares[:, roc.curves[nth].place] >= ranked.thresholds[place]]
    assert len(called) == ranked.hits[place] + ranked.alarms[place] > 0
    guest.wait(lambda: np.array_equal(np.sort(_table(guest)[0]), called))

    plot = _turn(guest, panel, "calibration")
    assert plot.bins.counts.sum() == len(panel.found.rows)
    panel.classes.setCurrentIndex(2)
    panel.classes.activated.emit(2)
    assert plot.of == 1
    fullest = int(plot.bins.counts.argmax())
    plot.read(fullest)
    plot.open()
    guest.wait(lambda: len(_table(guest)[0]) == plot.bins.counts[fullest])
    assert _table(guest)[1].startswith("Gentoo said with")


def test_numbers_and_pictures_are_taken_elsewhere(guest, tmp_path, monkeypatch):
    guest.advance_to(2)
    panel = _open(guest)
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    panel.take_elsewhere("copy_numbers")
    guest.wait(lambda: bool(clipboard.text()))
    lines = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text()), delimiter="\t"))
    assert lines[0][1:] == ["Adelie", "Gentoo", "Chinstrap"]
    assert [[int(each) for each in line[1:]] for line in lines[1:]] == panel.found.confusion.tolist()
    panel.take_elsewhere("copy_picture")
    assert not QGuiApplication.clipboard().image().isNull()
    monkeypatch.setattr(
        "ui.dialogs.files.choose_file_to_write",
        lambda _parent, _title, suggested, filters: (tmp_path / suggested.name, next(iter(filters))),
    )
    _turn(guest, panel, "pr")
    panel.take_elsewhere("save_numbers")
    numbers = tmp_path / "penguins-pr-test.csv"
    guest.wait(numbers.exists)
    head, *rest = csv.reader(io.StringIO(numbers.read_text()))
    assert head[:2] == ["class", "threshold"]
    assert len(rest) == sum(len(curve.ranked.thresholds) for curve in panel.found.curves)


def test_another_task_has_other_pages_and_two_classes_may_be_one_output(guest):
    panel = _open(guest)
    guest.window.filing.load("auto_mpg", test_fraction=0)
    guest.wait(lambda: guest.bridge.dataset.name == "auto_mpg")
    guest.advance_to(3)
    _settled(guest, panel)
    assert (panel.split, panel.page) == ("train", "predicted")
    assert not panel.splits.buttons["test"].isEnabled()
    assert "no test rows" in panel.splits.buttons["test"].toolTip()
    found, plot = panel.found, panel.views["predicted"]
    record = guest.bridge.snapshot.record
    assert found.figures["RMSE"] == pytest.approx(metrics.rmse(found.truth, found.said))
    assert found.truth.tolist() == guest.bridge.dataset.table["mpg"].iloc[found.rows].tolist()
    assert record.epoch == 3
    across, down = plot._pixels()
    place = int(np.argmax(found.said))
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPointF(across[place], down[place]).toPoint())
    nearest = guest.window.selection.chosen.row
    where = int(np.flatnonzero(found.rows == nearest)[0])
    assert np.hypot(across[where] - across[place], down[where] - down[place]) <= 2.0
    assert plot._marks[0] == where
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=plot.room.topLeft().toPoint())
    QTest.mouseMove(plot, plot.room.center().toPoint())
    QTest.mouseMove(plot, plot.room.bottomRight().toPoint())
    assert "rows" in panel.reading.text()
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=plot.room.bottomRight().toPoint())
    guest.wait(lambda: _table(guest)[1].startswith("True "))
    residuals = _turn(guest, panel, "residuals")
    QTest.keyClick(residuals, Qt.Key.Key_Left)
    assert guest.window.selection.chosen.row != nearest
    figures = _turn(guest, panel, "figures")
    last = figures.figures.lines[-1]
    figures.open(figures.figures.index(len(figures.figures.lines) - 1, 1))
    assert guest.window.selection.chosen.row == last[1].row == int(found.rows[found.residuals.where])

    guest.window.filing.load("breast_cancer")
    guest.wait(lambda: guest.bridge.dataset.name == "breast_cancer")
    guest.window.editor.set_loss(Rule("binary_cross_entropy"))
    guest.wait(lambda: guest.bridge.snapshot.network.outputs == 1)
    guest.advance_to(1)
    _settled(guest, panel)
    assert (panel.split, panel.page) == ("test", "matrix")
    dataset = guest.bridge.dataset
    said = all_answers(dataset, guest.bridge.snapshot, places(dataset)[panel.found.rows])
    assert panel.found.mistakes == int((said.right == 0.0).sum())
    assert [curve.name for curve in panel.found.curves] == [dataset.class_names[1]]
    assert panel.found.probable


def test_nothing_is_worked_out_while_nobody_looks(guest):
    panel = guest.window.panels["evaluation"]
    guest.advance_to(2)
    assert not panel.built
    assert guest.window.predicting.predictions is None
    _open(guest)
    found = panel.found
    guest.window.docks["evaluation"].hide()
    guest.advance_to(5)
    assert panel.found is found


def test_a_diverged_network_is_judged_without_numbers(guest):
    guest.advance_to(1)
    panel = _open(guest)
    known = guest.window.predicting.predictions
    lost = Predictions(
        known.snapshot, known.dataset, np.full_like(known.train, np.nan), np.full_like(known.test, np.nan)
    )
    found = Classes(lost, "test")
    assert not found.finite
    assert not found.probable
    for name in ("matrix", "scores", "roc", "pr", "calibration"):
        panel.page = name
        panel._take(found, name)
        assert not panel.grab().isNull()
    panel.page = "matrix"
    assert panel.views["roc"].headline().endswith("–")
