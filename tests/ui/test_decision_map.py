"""The decision map in a real window: what it shows is what the network says, and what is clicked is chosen."""

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel

from simulator.data import open_dataset
from simulator.interchange import Model
from simulator.spec import Rule, TrainingConfig
from ui import theme as themes
from ui.panels.map_points import MOST, mistaken, rows_of, standing
from ui.panels.map_words import legend_text
from ui.panels.points_axes import Span
from ui.pictures import content


class Map:
    """Somebody who looks at the map."""

    def __init__(self, guest) -> None:
        self.guest, self.panel = guest, guest.window.panels["map"]
        guest.window.show_panel("map")
        self.see()

    @property
    def view(self):
        return self.panel.view

    @property
    def drawn(self):
        return self.view.drawn

    def see(self, ready=lambda: True) -> None:
        """Wait for a map of the present moment and plane."""

        def is_fresh() -> bool:
            drawn, source, bridge = self.panel.built and self.drawn, self.panel.source, self.guest.bridge
            return bool(
                drawn and drawn.wish.snapshot is bridge.snapshot and drawn.wish.plane is source.plane
                and source.space.dataset is bridge.dataset and ready()
            )  # fmt: skip

        self.guest.wait(is_fresh)

    def choose(self, name: str, data: str) -> None:
        box = self.guest.find(f"map.{name}", QComboBox)
        box.setCurrentIndex(box.findData(data))
        box.activated.emit(box.currentIndex())
        self.see()

    def pixel(self, x: float, y: float) -> QPointF:
        axes = self.view.axes
        return QPointF(float(axes.across(x)), float(axes.down(y)))

    def ground(self, x: float, y: float):
        """Return the colour of the map at a place, away from all lines."""
        drawn, at = self.drawn, self.pixel(x, y)
        return drawn.image.pixelColor(round(at.x() - self.view.axes.left), round(at.y() - self.view.axes.top))

    def click(self, at: QPointF) -> None:
        QTest.mouseClick(self.view, Qt.MouseButton.LeftButton, pos=at.toPoint())

    @property
    def reading(self) -> str:
        return self.guest.find("map.reading", QLabel).text()


@pytest.fixture
def looker(guest):
    return Map(guest)


def says(guest, **values):
    """Return what a model of this moment says about a row with these values."""
    dataset, snapshot = guest.bridge.dataset, guest.bridge.snapshot
    model = Model(snapshot.network, snapshot.config, snapshot.parameters, dataset.recipe)
    means = dataset.table.iloc[dataset.train_rows][list(dataset.recipe.used)].mean()
    return model.predict(pd.DataFrame([{**means, **values}])).iloc[0]


def test_the_map_shows_what_the_network_says_and_follows_the_training(looker, make_window):
    guest, panel, view = looker.guest, looker.panel, looker.view
    selection = guest.window.selection
    assert panel.source.names == ("flipper_length_mm", "bill_length_mm")
    assert guest.find("map.held", QComboBox).currentData() == "mean"
    before = looker.drawn.image
    guest.advance_to(60)
    looker.see()
    assert looker.drawn.image != before
    inks = view.inks.colours()
    for place in ((185.0, 36.0), (222.0, 46.0), (182.0, 57.0)):
        said = says(guest, flipper_length_mm=place[0], bill_length_mm=place[1])
        shade = looker.ground(*place)
        nearest = min(range(3), key=lambda each: abs(inks[each].hueF() - shade.hueF()))
        assert guest.bridge.dataset.class_names[nearest] == said["prediction"]

    # The pointer reads out what a model of this moment predicts.
    at = looker.pixel(172.0, 57.0)
    QTest.mouseMove(view, at.toPoint())
    x, y = (
        float(each[0]) for each in view.axes.real(np.array([float(round(at.x()))]), np.array([float(round(at.y()))]))
    )
    said = says(guest, flipper_length_mm=x, bill_length_mm=y)
    share = said[f"probability_{said['prediction']}"]
    guest.wait(lambda: f"{said['prediction']} {100 * share:.1f} %" in looker.reading)
    assert looker.reading.startswith("flipper length 17")

    # A row under the pointer is marked in all views, and a click chooses it.
    wanted = int(np.flatnonzero(panel.rows.raw == 250)[0])
    place = view.places[wanted]
    at = looker.pixel(*place)
    QTest.mouseMove(view, at.toPoint())
    row = selection.pointed.row
    assert np.hypot(*(view.places[np.flatnonzero(panel.rows.raw == row)[0]] - place)) < 3.0
    assert view._ringed is not None
    looker.click(at)
    assert selection.chosen.row == row
    assert view._marked == pytest.approx(tuple(view.places[np.flatnonzero(panel.rows.raw == row)[0]]))

    # A click on the ground asks what if; the second click of a pair takes that back and shows all.
    ground = looker.pixel(172.0, 57.5)
    looker.click(ground)
    assert selection.chosen.split == "changed"
    assert selection.chosen.real[2] == pytest.approx(172.0, abs=0.5)
    assert selection.chosen.real[0] == pytest.approx(57.5, abs=0.5)
    selection.choose_row(row)
    view.zoom_by(2.0, at)
    assert not panel.source.fitted
    looker.click(ground)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=ground.toPoint())
    assert selection.chosen.row == row
    assert selection.chosen.split != "changed"
    assert panel.source.fitted

    # Held at the row, the map follows the row.
    looker.choose("held", "row")
    held = looker.drawn.wish.plane.base
    assert np.array_equal(held, selection.chosen.inputs)
    selection.choose_row(0)
    looker.see()
    assert not np.array_equal(looker.drawn.wish.plane.base, held)
    selection.choose_row(3)  # a value is missing in it
    looker.see()
    QTest.mouseMove(view, QPoint(1, 1))
    guest.wait(lambda: "The row lacks a value" in looker.reading)

    # Going back in time shows the map of then.
    guest.trigger("first")
    guest.wait(lambda: guest.epoch == 0)
    looker.see()
    looker.choose("held", "components")
    assert not guest.find("map.x", QComboBox).isEnabled()
    assert "PC 1" in looker.drawn.wish.plane.axes[0].name
    guest.trigger("theme")
    looker.see(lambda: looker.drawn.wish.inks.theme is guest.window.theme)
    guest.trigger("theme")


def test_it_moves_zooms_and_is_reached_by_keys(looker):
    guest, view, source = looker.guest, looker.view, looker.panel.source
    before = source.sight
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert source.sight[0].length == pytest.approx(before[0].length / 1.25)
    looker.see(lambda: looker.drawn.wish.x == source.sight[0])
    QTest.keyClick(view, Qt.Key.Key_F)
    assert source.sight == before
    epoch = guest.epoch
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.cross is not None
    assert guest.epoch == epoch, "the arrow pointed, and trained nothing"
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert "%" in looker.reading
    chosen = guest.window.selection.chosen
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert guest.window.selection.chosen is not chosen
    middle = QPoint(view.width() // 2, view.height() // 3)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(view, middle + QPoint(40, 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 0))
    assert source.sight[0].low < before[0].low
    assert source.sight[0].length == pytest.approx(before[0].length)

    # The axes change places, one can be given up, and what is drawn can be chosen.
    looker.choose("x", "bill_length_mm")
    assert source.names == ("bill_length_mm", "flipper_length_mm")
    assert source.fitted
    looker.choose("y", "")
    looker.see(lambda: looker.drawn.lines is not None)
    assert looker.drawn.lines.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-5)
    at = view.standing()
    assert np.isfinite(at).all()
    shown = looker.panel.bar.shown
    shown["rows"].setChecked(False)
    assert not view.shows_rows
    shown["rows"].setChecked(True)
    shown["fade"].setChecked(True)
    assert len(set(view.shades.tolist())) > 1
    shown["fade"].setChecked(False)
    assert set(view.shades.tolist()) == {4}


def test_the_same_plane_lies_in_every_neuron_and_that_is_remembered(looker, make_window):
    guest, canvas = looker.guest, looker.guest.window.canvas
    guest.find("map.neurons", QCheckBox).click()
    assert canvas.look.heat_maps
    assert guest.action("heat_maps").isChecked()
    scene = canvas._scene
    guest.wait(lambda: scene.heat_maps.maps is not None)
    guest.advance_to(20)
    guest.wait(lambda: guest.window.panels["map"].neurons._shown[0] is guest.bridge.snapshot)
    maps = scene.heat_maps.maps
    assert maps.sizes == (4, 8, 8, 3)
    assert maps.fields[-1].sum(axis=2) == pytest.approx(np.ones((28, 28)), abs=1e-5)
    flat = [np.ptp(maps.fields[0][:, :, unit]) for unit in range(4)]
    assert flat[0] > 1, "the bill's length goes up"
    assert flat[2] > 1
    assert flat[1] == flat[3] == 0
    assert (np.diff(maps.fields[0][:, 0, 0]) < 0).all(), "the largest value is above"
    guest.wait(lambda: bool(scene.heat_maps._images))
    guest.window.docks["map"].hide()
    guest.advance_to(21)
    guest.wait(lambda: scene.heat_maps.maps is not maps), "it goes on without the panel"
    assert make_window(None).window.canvas.look.heat_maps, "it is remembered"
    guest.trigger("heat_maps")
    assert scene.heat_maps.maps is None


def test_values_drawn_points_and_other_data_have_maps_too(make_window, monkeypatch):
    guest = make_window("diabetes")
    looker = Map(guest)
    guest.advance_to(30)
    looker.see()
    span = looker.view.inks.span
    assert isinstance(span, Span)
    low, high = looker.panel.source.names, looker.drawn.wish
    assert low == ("bmi", "s5")
    assert high.plane.axes[0].column == "bmi"
    assert not guest.find("map.legend", QLabel).isVisible()
    guest.wait(lambda: "off by over 1 SD" in looker.reading)
    QTest.mouseMove(looker.view, looker.view.rect().center())
    guest.wait(lambda: "progression" in looker.reading)
    QTest.mouseMove(looker.view, QPoint(1, 1))

    # Another data set, one output, no test rows: another map, and nothing is left of the one before.
    guest.window.filing.load("moons", test_fraction=0)
    guest.wait(lambda: guest.bridge.dataset.name == "moons")
    looker.see()
    assert looker.panel.source.names in (("x", "y"), ("y", "x"))
    assert "test" not in looker.reading.replace("the", "")
    guest.bridge.open(guest.bridge.dataset, config=TrainingConfig(loss=Rule("binary_cross_entropy")))
    guest.wait(lambda: guest.bridge.snapshot.network.outputs == 1)
    looker.see()
    assert looker.drawn.finite
    assert looker.drawn.image is not None
    guest.wait(lambda: guest.window.predicting.fresh)
    guest.wait(lambda: "✕" in looker.reading)

    # A single feature is a curve.
    table = pd.DataFrame({"x": np.linspace(-3, 3, 60), "value": np.sin(np.linspace(-3, 3, 60))})
    guest.window.filing.load(open_dataset(table, target="value"))
    guest.wait(lambda: guest.bridge.dataset.recipe.used == ("x",))
    looker.see()
    assert looker.drawn.lines.shape == (200, 1)
    assert looker.view.is_single
    assert looker.panel.source.held == "mean"
    looker.view.grab()


def test_a_network_that_diverged_is_said_to_have_done_so(looker):
    import dataclasses

    from simulator.nn import parameters
    from simulator.progress import Progress
    from ui.panels.map_picture import drawn

    wish = looker.drawn.wish
    network = wish.snapshot.network
    broken = np.full(network.parameter_count, np.nan)
    snapshot = dataclasses.replace(wish.snapshot, parameters=broken, layers=parameters.layers(network, broken))
    found = drawn(dataclasses.replace(wish, snapshot=snapshot), Progress())
    assert not found.finite
    assert found.image.pixelColor(20, 20) == wish.inks.theme.color("canvas_bottom")
    looker.view.show_drawn(found)
    looker.panel._read()
    assert "diverged" in looker.reading


def test_rows_are_thinned_evenly_and_mistakes_are_those_of_the_predictions():
    from simulator.progress import Progress
    from simulator.training.session import Session
    from ui.predicting import predictions_of

    dataset = open_dataset("digits")
    rows = rows_of(dataset)
    assert len(rows.raw) <= MOST + 1 < rows.total
    assert len(rows.test) / len(rows.raw) == pytest.approx(len(dataset.test_rows) / rows.total, abs=0.01)
    session = Session(dataset)
    session.advance(2)
    predictions = predictions_of(session.snapshot(), dataset, Progress())
    wrong = mistaken(rows, predictions)
    said = session.model().predict(dataset.table.iloc[rows.raw])["prediction"].to_numpy()
    true = dataset.table[dataset.recipe.target].iloc[rows.raw].astype(str).to_numpy()
    assert np.array_equal(wrong, said != true)
    from simulator.insight.input_plane_space import space_of

    assert standing(rows, space_of(dataset).principal()).shape == (len(rows.raw), 2)


def test_names_of_classes_cannot_break_the_legend():
    text = legend_text(themes.DARK, ("<b>a & b", *(f"class {place}" for place in range(20))))
    assert "&lt;b&gt;a&nbsp;&amp;&nbsp;b" in text
    assert "and 9 more" in text


def test_a_picture_of_the_map_says_which_colour_is_which_class(guest):
    panel = Map(guest).panel
    export = panel.exports()
    assert export is not None
    assert export.paint is not None
    assert "Gentoo" in panel.legend.text()
    assert export.size.height() > panel.view.height()
    svg = content(".svg", export.size, export.paint)
    assert b"Gentoo" in svg
