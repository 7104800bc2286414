"""The panel Loss surface: planes, the path on them, and what makes them stale."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton

from simulator.insight.rows import rows_of
from simulator.insight.surface import Surface, Window, loss_at
from simulator.spec import Rule
from ui.panels.surface_jobs import Path, thinned
from ui.panels.surface_picture import height, picture
from ui.panels.surface_words import candidates, percent
from ui.theme import DARK


@pytest.fixture
def charted(guest):
    """A window whose panel has drawn the plane of a path of ten epochs, all of it."""
    guest.window.show_panel("surface")
    panel = guest.window.panels["surface"]
    guest.wait(lambda: panel.built and "no path" in panel.charting.trouble)
    guest.advance_to(10)
    guest.wait(lambda: _done(panel))
    return guest, panel


def _done(panel):
    chart = panel.charting.chart
    return chart is not None and len(chart.shades) == 41 and not panel.charting.busy and panel.view.chart is chart


def test_the_path_is_drawn_on_its_plane_and_walked_along(charted):
    guest, panel = charted
    ground, chart = panel.charting.ground, panel.charting.chart
    said = guest.find("surface.said", QLabel)
    assert "of the path's variance" in said.text()
    assert 0.5 < sum(ground.plane.explained) <= 1.0 + 1e-9
    assert np.array_equal(ground.plane.origin, guest.parameters.astype(float))

    # The colours are losses of real networks: that of now lies in the plane.
    snapshot, dataset = guest.bridge.snapshot, guest.bridge.dataset
    rows = rows_of(dataset, snapshot.network, "float32", len(dataset.X_train))
    loss = loss_at(snapshot.network, snapshot.config, snapshot.parameters, rows)
    assert height(chart.surface, 0.0, 0.0) == pytest.approx(loss, rel=0.1)
    assert panel.charting.present[0] == pytest.approx((0.0, 0.0), abs=1e-9)

    # A click on the path goes to its epoch, and so do the keys.
    start = panel.view.at(panel.charting.path.places)[0].toPoint()
    QTest.mouseMove(panel.view, start)
    guest.wait(lambda: guest.find("surface.reading", QLabel).text().startswith("epoch 0"))
    QTest.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=start)
    guest.wait(lambda: guest.epoch == 0)
    guest.wait(lambda: panel.charting.present[0] == pytest.approx(panel.charting.path.places[0], abs=1e-6))
    assert panel.charting.ground is ground, "only the present place moves"
    QTest.mouseMove(panel.view, QPoint(2, 2))
    QTest.keyClick(panel.view, Qt.Key.Key_Left)
    QTest.keyClick(panel.view, Qt.Key.Key_Return)
    guest.wait(lambda: guest.epoch == 10)

    # Zooming draws another part of the same plane; 0 brings the first one back.
    QTest.keyClick(panel.view, Qt.Key.Key_Plus)
    zoomed = panel.view.window_shown
    guest.wait(lambda: panel.charting.chart is not None and panel.charting.chart.surface.window == zoomed)
    guest.wait(lambda: _done(panel))
    QTest.keyClick(panel.view, Qt.Key.Key_0)
    guest.wait(lambda: panel.charting.chart is not None and panel.charting.chart.surface.window == ground.window)

    # While training goes on, the path grows and the plane stays.
    before = len(panel.charting.path.times)
    guest.bridge.play()
    guest.wait(lambda: len(panel.charting.path.times) > before)
    guest.bridge.pause()
    guest.wait_for_rest()
    assert panel.charting.ground is ground
    guest.trigger("theme")
    panel.grab()


def test_other_planes_and_what_makes_them_stale(charted):
    guest, panel = charted
    said = guest.find("surface.said", QLabel)
    before = panel.charting.ground
    guest.find("surface.kind.random").click()
    guest.wait(lambda: panel.charting.ground is not before and _done(panel))
    first = panel.charting.ground.plane.first
    assert guest.find("surface.recompute", QPushButton).text() == "Another"
    guest.find("surface.recompute", QPushButton).click()
    guest.wait(lambda: not np.array_equal(panel.charting.ground.plane.first, first) and _done(panel))

    # Two weights: by name, or by choosing an edge.
    before = panel.charting.ground
    guest.find("surface.kind.weights").click()
    guest.wait(lambda: panel.charting.ground is not before and _done(panel))
    before, was = panel.charting.ground, panel.first.currentData()
    guest.window.selection.choose_edge((0, 0, 3))
    guest.wait(lambda: panel.charting.ground is not before and _done(panel))
    assert panel.charting.ground.request.weights == (3, was)
    assert panel.view.names[0] == "Hidden 1: bill length → 4"

    # The test rows; and a loss of another kind.
    split, before = guest.find("surface.split", QComboBox), panel.charting.ground
    split.setCurrentIndex(1)
    split.activated.emit(1)
    guest.wait(lambda: panel.charting.ground is not before and _done(panel))
    assert said.text().startswith(f"Test loss of all {len(guest.bridge.dataset.X_test)} rows")
    config = dataclasses.replace(guest.bridge.config, loss=Rule("mse"))
    guest.bridge.configure(config)
    guest.wait(lambda: panel.view.stale)
    assert "recompute" in said.text()

    # A job is stopped, another session begins anew.
    guest.find("surface.recompute", QPushButton).click()
    assert guest.find("surface.recompute", QPushButton).text() == "Stop"
    guest.find("surface.recompute", QPushButton).click()
    assert panel.charting.busy == ""
    guest.window.filing.load("diabetes")
    guest.wait(lambda: guest.bridge.dataset.name == "diabetes")
    guest.wait(lambda: panel.charting.ground is not None and _done(panel))
    assert len(panel.charting.ground.plane.origin) == guest.bridge.network.parameter_count

    # Nothing is worked out while nobody looks; what was given up goes on when somebody does.
    panel.charting.zoom(panel.view.window_shown.zoomed(2.0, 0.0, 0.0))
    panel.charting.chart = None
    panel.hide()
    assert panel.charting.busy == ""
    panel.show()
    guest.wait(lambda: _done(panel))


def test_a_long_path_is_thinned_with_both_its_ends():
    count = 401
    times = np.arange(float(count))
    path = Path(times, np.stack([times, times], axis=1), times, tuple((each, 0) for each in range(count)))
    found = thinned(path)
    assert len(found.times) == 200
    assert (found.moments[0], found.moments[-1]) == ((0, 0), (400, 0))
    assert found.places[-1].tolist() == [400.0, 400.0]


def test_heights_between_places_are_on_straight_lines():
    losses = np.add.outer(np.arange(3.0), 10 * np.arange(3.0))
    surface = Surface(Window(0.0, 2.0, 0.0, 2.0), losses, 1, 1)
    assert height(surface, 1.5, 0.25) == pytest.approx(15.25)
    assert height(surface, 2.0, 2.0) == 22.0
    assert height(surface, 2.1, 0.0) is None


def test_low_losses_have_the_accent_and_what_is_infinite_has_none():
    image = picture(np.array([[0.0, 1.0], [np.nan, 0.5]]), DARK)
    assert image.pixelColor(0, 1).name() == DARK.accent
    assert image.pixelColor(1, 1).name() == DARK.canvas_bottom
    assert image.pixelColor(0, 0).name() == DARK.track


def test_weights_that_moved_most_are_offered_first():
    assert candidates(np.array([1.0, -3.0, 2.0]), [np.array([1.0, -2.0, 0.0])], 2) == [2, 1]
    assert candidates(np.array([1.0, -3.0, 2.0]), [], 2) == [1, 2]
    assert [percent(share) for share in (0.964, 0.032, 0.9996)] == ["96 %", "3.2 %", "100.0 %"]
