"""Every prediction as a point: charts and clouds as plain values, and the panel in a window."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from simulator.data import open_dataset
from ui.panels import triangle_charts as charts
from ui.panels.triangle_cloud import Cloud, cloud_of, moving
from ui.panels.triangle_path import way_of
from ui.panels.triangle_words import BROKEN, row_card, summary
from ui.predicting import Predictions
from ui.selection import Pointed, describe, places
from ui.theme import THEMES


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


def told(dataset, train, test, epoch=3):
    snapshot = dataclasses.make_dataclass("Moment", ["epoch", "branch", "way"])(epoch, 0, epoch)
    return Predictions(snapshot, dataset, np.asarray(train, float), np.asarray(test, float))


def right(dataset):
    return told(dataset, dataset.Y_train, dataset.Y_test)


# -- charts and clouds --------------------------------------------------------------------------------------------


def test_which_pictures_there_are_follows_from_the_classes():
    assert charts.kinds_for(0) == (charts.VALUES,)
    assert charts.kinds_for(2) == (charts.SEGMENT,)
    assert charts.kinds_for(3) == (charts.TRIANGLE,)
    assert charts.kinds_for(10) == (charts.POLYGON, charts.COMPONENTS)


def test_a_sure_answer_is_in_its_corner_and_the_areas_meet_in_the_middle():
    chart = charts.triangle(("a", "b", "c"))
    rows = np.arange(3)
    assert chart.place(np.eye(3), np.eye(3), rows) == pytest.approx(chart.corners)
    assert chart.place(np.full((1, 3), 1 / 3), np.eye(3)[:1], rows[:1]) == pytest.approx(0.0)
    for nth, area in chart.areas:
        middle = area.mean(axis=0)
        assert np.argmin(np.linalg.norm(chart.corners - middle, axis=1)) == nth


def test_lines_of_confidence_hold_answers_of_that_confidence():
    chart = charts.triangle(("a", "b", "c"))
    line = next(each for each in chart.levels if each.text == "75 %")
    on_it = chart.place(np.array([[0.75, 0.25, 0.0], [0.75, 0.0, 0.25]]), np.eye(3)[:2], np.arange(2))
    assert sorted(map(tuple, np.round(line.points, 9))) == sorted(map(tuple, np.round(on_it, 9)))


def test_two_classes_have_a_lane_each_and_rows_stay_in_it():
    chart = charts.segment(("no", "yes"))
    outputs, targets, rows = np.array([[0.2], [0.9], [0.9]]), np.array([[0.0], [1.0], [0.0]]), np.array([4, 7, 9])
    x, y = chart.place(outputs, targets, rows).T
    assert x == pytest.approx([-0.6, 0.8, 0.8])
    assert (y > 0).tolist() == [True, False, True]
    assert chart.place(1.0 - outputs, targets, rows)[:, 1] == pytest.approx(y), "the height is the row's own"


def test_components_keep_their_axes_and_say_what_they_explain():
    shares = np.random.default_rng(0).dirichlet(np.ones(6), 80)
    chart = charts.components(tuple("abcdef"), shares, 12)
    assert "projection" in chart.note
    assert "epoch 12" in chart.note
    assert charts.explained_now(chart, shares) == pytest.approx(chart.plane.explained.sum())
    before = chart.place(shares[:5], shares[:5], np.arange(5))
    wide = charts.stretched(chart, 10.0 * before)
    assert wide.x.high > chart.x.high
    assert wide.place(shares[:5], shares[:5], np.arange(5)) == pytest.approx(before)
    assert charts.stretched(chart, chart.place(shares, shares, np.arange(80))) is chart


def test_a_value_lies_on_the_line_where_it_is_right():
    dataset = open_dataset("diabetes")
    found = right(dataset)
    chart = charts.chart_for(charts.VALUES, found)
    cloud = cloud_of(found, chart)
    assert cloud.places[:, 0] == pytest.approx(cloud.places[:, 1])
    assert cloud.places[0, 0] == pytest.approx(float(dataset.table.iloc[cloud.rows[0]]["progression"]))
    assert not cloud.wrong.any()
    assert "Mean error" in summary(cloud, chart, 3.0)


def test_mistakes_are_found_and_drawn_last(penguins):
    Y = np.array(penguins.Y_train)
    Y[:4] = np.roll(Y[:4], 1, axis=1)
    found = told(penguins, Y, penguins.Y_test)
    cloud = cloud_of(found, charts.chart_for(charts.TRIANGLE, found))
    assert sorted(cloud.rows[cloud.wrong]) == sorted(penguins.train_rows[:4])
    assert cloud.wrong[-4:].all()
    assert cloud.counts == {"train": (4, len(Y)), "test": (0, len(penguins.Y_test))}
    only = cloud_of(found, charts.chart_for(charts.TRIANGLE, found), "test")
    assert only.test.all()
    assert set(only.rows) == set(penguins.test_rows)
    assert summary(only, charts.triangle(("a", "b", "c")), None) == f"Mistakes ◆: 0 of {len(only.rows)} test ○."


def test_of_many_rows_some_are_drawn_and_every_mistake(penguins):
    Y = np.array(penguins.Y_train)
    Y[1::50] = np.roll(Y[1::50], 1, axis=1)
    found = told(penguins, Y, penguins.Y_test)
    chart = charts.chart_for(charts.TRIANGLE, found)
    cloud = cloud_of(found, chart, most=60)
    assert len(cloud.rows) < cloud.total
    assert cloud.wrong.sum() == cloud.counts["train"][0] == len(Y[1::50])
    assert "are drawn, with every mistake" in summary(cloud, chart, None)


def test_what_is_not_finite_has_no_place_and_is_no_mistake(penguins):
    found = told(penguins, np.full_like(penguins.Y_train, np.nan), penguins.Y_test)
    cloud = cloud_of(found, charts.chart_for(charts.TRIANGLE, found))
    assert np.isnan(cloud.places[~cloud.test]).all()
    assert not cloud.wrong.any()


def test_a_pointer_finds_the_topmost_of_the_nearest_points():
    nothing = np.zeros(3, np.int64)
    cloud = Cloud(np.zeros((3, 2)), np.array([5, 6, 7]), nothing > 0, nothing > 0, nothing, nothing, np.zeros((3, 1)),
                  3, {})  # fmt: skip
    across, down = np.array([10.0, 10.0, np.nan]), np.array([10.0, 10.0, np.nan])
    assert cloud.nearest(across, down, 12.0, 10.0, 5.0) == 1
    assert cloud.nearest(across, down, 30.0, 10.0, 5.0) is None
    assert cloud.of_row(7) == 2
    assert cloud.of_row(8) is None
    other = dataclasses.replace(cloud, rows=np.array([7, 9, 5]), places=np.ones((3, 2)))
    assert np.isnan(moving(cloud, other)).all(axis=1).tolist() == [False, True, False]


def test_a_card_says_how_likely_each_class_is(penguins):
    found = right(penguins)
    chart = charts.chart_for(charts.TRIANGLE, found)
    cloud = cloud_of(found, chart)
    row = int(cloud.rows[0])
    card = row_card(cloud, chart, row, cloud.places[0], "Adelie")
    assert card.title.startswith(f"Row {row + 1}: ")
    assert [each.value for each in card.rows] == ["100.0 %", "0.0 %", "0.0 %"]
    assert row_card(cloud, chart, 3, cloud.places[0], "") is None, "row 4 has no value for the network"


# -- the panel ----------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(guest):
    guest.window.docks["triangle"].show()
    guest.window.docks["triangle"].raise_()
    guest.wait(lambda: guest.window.panels["triangle"].built)
    return guest.window.panels["triangle"]


def test_rows_fly_from_the_centre_to_their_corners(guest, panel):
    view, predicting = panel.view, guest.window.panels["triangle"].context.predicting
    guest.wait(lambda: view.cloud is not None)
    start = view.cloud
    assert len(start.rows) == len(guest.bridge.dataset.train_rows) + len(guest.bridge.dataset.test_rows)
    for epoch in (20, 60):  # a busy machine may show nothing between two moments that are asked for
        guest.advance_to(epoch)
        guest.wait(lambda: predicting.fresh and panel._seen is predicting.predictions)
    corners = view.chart.corners[view.cloud.actual]
    before = np.linalg.norm(start.places - view.chart.corners[start.actual], axis=1)
    assert np.median(np.linalg.norm(view.cloud.places - corners, axis=1)) < 0.1 * np.median(before)
    assert not view.trails.empty, "they leave trails"
    shares = predicting.predictions.of("all")
    order = [int(np.flatnonzero(predicting.predictions.rows("all") == row)[0]) for row in view.cloud.rows[:20]]
    assert view.cloud.shares[:20] == pytest.approx(shares[order])
    assert guest.find("triangle.words", QLabel).text().startswith("Mistakes ◆: ")

    # A click sends a row through the network, the pointer lights it everywhere.
    row = int(view.cloud.rows[view.cloud.test][5])
    at = QPoint(*(round(each) for each in view.point_of(row)))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    chosen = guest.window.selection.chosen.row
    assert np.hypot(*(np.array(view.point_of(chosen)) - view.point_of(row))) < 12.0
    assert view.chosen_row == chosen
    guest.window.selection.point_at(Pointed(row=row))
    assert view.lit_row == row
    assert view.card is not None
    guest.window.selection.point_at(None)
    assert view.lit_row is None

    # The chosen row has a way over the whole run, and it ends where the row is.
    at = view.cloud.of_row(chosen)

    def arrived():  # not the way of the row that was chosen before, which may still be drawn
        way = view.way
        return way is not None and way.times[-1] == 60 and np.allclose(way.places[-1], view.cloud.places[at], atol=1e-5)

    guest.wait(arrived)
    assert view.way.times[0] == 0

    # Only test rows; then keys: the next row, the next mistake.
    guest.find("triangle.split.test", QPushButton).click()
    assert view.cloud.test.all()
    panel.choose_split("all")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert guest.window.selection.chosen.row > chosen or chosen == panel.context.selection.rows - 1
    wrong = set(view.cloud.rows[view.cloud.wrong].tolist())
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert not wrong or guest.window.selection.chosen.row in wrong

    # Going back in time shows what was then, without trails.
    guest.bridge.go_to(0)
    guest.wait(lambda: guest.epoch == 0 and panel._seen.snapshot.epoch == 0)
    assert view.trails.empty
    assert np.median(np.linalg.norm(view.cloud.places, axis=1)) < 0.6
    assert view.way.times[-1] == 60, "what is to come stays in sight"
    panel.set_theme(THEMES["light"])
    assert not view.grab().isNull()


def test_slow_play_lets_the_points_fly(guest, panel):
    guest.wait(lambda: panel.view.cloud is not None)
    guest.bridge.speed = 5
    guest.bridge.play()
    guest.wait(lambda: panel.view.flying)
    guest.bridge.pause()
    guest.wait(lambda: not panel.view.flying)
    assert np.array_equal(panel.view._drawn, panel.view.cloud.places)


def test_other_data_have_other_pictures(guest, panel):
    for source, kind in (("breast_cancer", charts.SEGMENT), ("digits", charts.POLYGON), ("diabetes", charts.VALUES)):
        guest.window.filing.load(source)
        guest.wait(lambda source=source: guest.bridge.dataset.name == source and guest.epoch == 0)
        guest.wait(lambda kind=kind: panel.view.chart is not None and panel.view.chart.kind == kind)
        guest.advance_to(2)
        if kind == charts.POLYGON:
            guest.find("triangle.components.true", QPushButton).click()
            assert panel.view.chart.kind == charts.COMPONENTS
            assert panel.refit.isVisible()
            fixed = panel.view.chart.plane
            guest.advance_to(4)
            guest.wait(lambda: panel._seen.snapshot.epoch == 4)
            assert panel.view.chart.plane is fixed, "axes stay until they are asked for"
            panel.refit.click()
            assert panel.view.chart.plane is not fixed
        assert not panel.view.grab().isNull()
        assert panel.note.text()
    panel._say(BROKEN, "")
    assert panel.note.isHidden()


def test_a_row_of_other_data_has_no_way(penguins):
    where = places(penguins)
    chosen = describe(penguins, where, int(penguins.train_rows[0]))
    times, outputs = way_of((), chosen, penguins)
    assert len(times) == len(outputs) == 0


def test_one_output_for_two_classes_is_shown_too(guest, panel):
    from simulator.training.defaults import default_config, default_network

    dataset = open_dataset("breast_cancer")
    loss = "binary_cross_entropy"
    guest.bridge.open(dataset, default_network(dataset, (4,), "tanh", loss), default_config(dataset, loss))
    guest.wait(lambda: panel.view.chart is not None and panel.view.chart.kind == charts.SEGMENT)
    assert panel.view.cloud.shares.shape[1] == 2
    assert panel.view.cloud.total == len(dataset.train_rows) + len(dataset.test_rows)
