"""The panel where data sets are generated, and points are drawn by mouse while training goes on."""

import csv
import dataclasses
import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QSlider, QToolButton

from simulator.data.generators import GENERATORS, generated
from ui.panels.points_axes import Axes, Span, along, span_of, tick_text, ticks
from ui.panels.points_brush import Brush

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Draughtsman:
    """Somebody who draws in the plane with a mouse."""

    def __init__(self, guest) -> None:
        self.guest, self.panel = guest, guest.window.panels["points"]
        self.plane = self.panel.plane
        guest.window.generate()
        guest.wait(lambda: self.plane.isVisible() and bool(self.panel.shapes.tiles))
        guest.pass_time(0.05)

    @property
    def sheet(self):
        return self.panel.sheet

    @property
    def count(self) -> int:
        return len(self.sheet.points)

    def button(self, name: str) -> QToolButton:
        return self.guest.find(f"points.{name}", QToolButton)

    def choose(self, shape: str) -> None:
        self.button(f"shape.{shape}").click()
        self.guest.wait(lambda: self.guest.bridge.dataset.name == shape)

    def place(self, x: float, y: float) -> QPoint:
        axes = self.plane.axes
        return QPoint(round(float(axes.across(x))), round(float(axes.down(y))))

    def click(self, x: float, y: float, button=LEFT) -> None:
        QTest.mouseClick(self.plane, button, Qt.KeyboardModifier.NoModifier, self.place(x, y))

    def drag(self, *places: tuple[float, float], button=LEFT) -> None:
        QTest.mousePress(self.plane, button, Qt.KeyboardModifier.NoModifier, self.place(*places[0]))
        for start, end in itertools.pairwise(places):
            for share in np.linspace(0.1, 1.0, 10):
                x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
                # QTest.mouseMove tells no buttons: a stroke is what happens between press and release.
                QTest.mouseMove(self.plane, self.place(x, y))
        QTest.mouseRelease(self.plane, button, Qt.KeyboardModifier.NoModifier, self.place(*places[-1]))

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        self.plane.setFocus()
        QTest.keyClick(self.plane, key, modifiers)


@pytest.fixture
def hand(guest) -> Draughtsman:
    return Draughtsman(guest)


@pytest.fixture
def moons(hand) -> Draughtsman:
    hand.choose("moons")
    return hand


def test_what_has_no_two_numeric_features_cannot_be_shown_and_the_panel_says_why(hand):
    assert hand.sheet is None
    assert hand.plane.words == (
        "penguins has 4 features; a plane shows two.",
        "Choose two columns as features, or one of the shapes.",
    )
    assert not hand.panel.tools.isVisible()
    hand.click(0, 0)
    assert hand.guest.bridge.dataset.name == "penguins"


def test_a_file_with_two_features_is_shown_in_its_own_units(make_window):
    hand = Draughtsman(make_window("penguins", features=("bill_length_mm", "body_mass_g")))
    assert hand.count == 342
    assert hand.sheet.axes == ("bill_length_mm", "body_mass_g")
    axes = hand.plane.axes
    assert axes.x.low < 32.1
    assert axes.x.high > 59.6
    assert axes.y.length <= 5000
    hand.click(45.0, 4500.0)
    hand.guest.wait(lambda: len(hand.guest.bridge.dataset.table) == 345)
    cell = hand.guest.bridge.dataset.table["body_mass_g"].iloc[-1]
    assert cell == pytest.approx(4500.0, abs=axes.y.length / axes.height)


def test_two_features_after_one_leave_no_mark_of_a_row_that_has_a_single_number(make_window, tmp_path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("x,y\n" + "".join(f"{n},{2 * n}.5\n" for n in range(20)))
    two.write_text("x,z,kind\n" + "".join(f"{n}.5,{n % 5}.5,{'ab'[n % 2]}\n" for n in range(20)))
    guest = make_window(one)
    guest.window.show_panel("points")
    guest.window.filing.load(two)
    guest.wait(lambda: guest.bridge.dataset.name == "two")
    assert guest.window.panels["points"].sheet is not None


def test_every_shape_can_be_chosen_and_is_drawn(hand):
    for shape, row in GENERATORS.items():
        hand.choose(shape)
        assert hand.sheet.base.table.equals(generated(shape).frame)
        assert hand.button(f"shape.{shape}").isChecked()
        assert hand.panel.shapes.title.text() == row.title
        image = hand.plane.grab().toImage()
        inks = {colour.name() for colour in hand.plane.inks.colours()}
        shown = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}
        assert len(inks & shown) >= (len(inks) if hand.sheet.classes else 8), shape


def test_a_setting_changes_the_data_while_training_goes_on(moons):
    guest = moons.guest
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 3)
    field = moons.panel.shapes.form.fields["noise"].line
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.05")
    QTest.keyClick(field, Qt.Key.Key_Return)
    guest.wait(lambda: guest.bridge.dataset.table.equals(generated("moons", noise=0.05).frame))
    assert guest.bridge.network.sizes == (2, 8, 8, 2)


def test_another_seed_gives_other_points(moons):
    moons.button("again").click()
    moons.guest.wait(lambda: moons.guest.bridge.dataset.table.equals(generated("moons", seed=1).frame))
    assert moons.panel.shapes.form.fields["seed"].line.text() == "1"


def test_more_classes_need_a_new_network_that_keeps_its_hidden_layers(moons):
    guest = moons.guest
    guest.window.editor.add_layer()
    guest.wait(lambda: len(guest.bridge.network.hidden) == 3)
    moons.choose("swiss_roll")
    assert guest.bridge.network.sizes == (2, 8, 8, 8, 3)
    assert guest.bridge.dataset.class_names == ("A", "B", "C")


def test_what_cannot_be_generated_is_refused_and_the_points_stay(hand):
    hand.choose("above")
    before = hand.sheet
    field = hand.panel.shapes.form.fields["formula"].line
    for text in ("100", "x +"):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        refusals = [label for label in hand.panel.shapes.findChildren(QLabel) if label.property("refusal")]
        hand.guest.wait(lambda refusals=refusals: any(each.text() for each in refusals))
    assert hand.sheet is before


def test_a_click_draws_one_point_of_the_chosen_class_at_once(moons):
    moons.button("class.1").click()
    moons.click(-4.0, 5.0)
    points = moons.sheet.points
    assert len(points) == 401
    assert (points.x[-1], points.y[-1]) == pytest.approx((-4.0, 5.0), abs=0.05)
    assert points.target[-1] == 1.0
    moons.guest.wait(lambda: len(moons.guest.bridge.dataset.table) == 401)
    assert moons.guest.bridge.dataset.table["class"].iloc[-1] == "B"


def test_a_point_is_seen_in_its_colour_before_anything_is_trained_on_it(moons):
    moons.button("ground").click()
    moons.plane.grab()
    moons.button("class.1").click()
    moons.click(-5.0, 5.0)
    at = moons.place(-5.0, 5.0)
    image: QImage = moons.plane.grab().toImage()
    assert image.pixelColor(at).name() == moons.plane.theme.classes[1]
    moons.plane._repaint()
    assert moons.plane.grab().toImage() == image  # what was added to the picture is what would be drawn anew


def test_dragging_draws_points_along_the_way_within_the_size_of_the_brush(moons):
    moons.guest.find("points.size", QSlider).setValue(6)
    moons.drag((-5.0, -5.0), (5.0, -5.0))
    points, axes = moons.sheet.points, moons.plane.axes
    new = slice(400, None)
    way = 10 / axes.x.length * axes.width
    assert len(points) - 400 == pytest.approx(way / moons.panel.tools.brush.spacing, abs=2)
    off = np.abs(axes.down(points.y[new]) - axes.down(-5.0))
    assert off.max() <= 7
    assert off.max() > 1
    moons.guest.wait(lambda: len(moons.guest.bridge.dataset.table) == len(points))
    assert 0 < points.test[new].sum() < len(points) - 400


def test_training_goes_on_while_points_are_drawn(moons):
    guest = moons.guest
    opened = []
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 2)
    guest.bridge.opened.connect(opened.append)
    moons.drag((-5.0, -5.0), (5.0, 5.0), (-5.0, 5.0))
    guest.wait(lambda: len(guest.bridge.dataset.table) == moons.count)
    reached = guest.epoch
    guest.wait(lambda: guest.epoch >= reached + 2)
    assert reached >= 2
    assert opened == []
    assert guest.bridge.playing
    assert moons.count > 420


def test_the_inputs_of_the_points_that_were_there_do_not_shift(moons):
    before = moons.guest.bridge.dataset
    moons.drag((-5.5, -5.5), (5.5, -5.5))
    moons.guest.wait(lambda: len(moons.guest.bridge.dataset.table) == moons.count)
    after = moons.guest.bridge.dataset
    assert after.recipe == before.recipe
    assert np.array_equal(after.X_train[: len(before.X_train)], before.X_train)
    assert np.array_equal(after.X_test[: len(before.X_test)], before.X_test)


def test_points_are_erased_by_the_right_button_and_by_the_eraser(moons):
    axes = moons.plane.axes
    for height, button in ((2.0, RIGHT), (-2.0, LEFT)):
        before = moons.count
        if button == LEFT:
            moons.button("eraser").click()
        moons.drag((-5.0, height), (5.0, height), button=button)
        assert moons.count < before
        left = np.abs(axes.down(moons.sheet.points.y) - axes.down(height))
        assert left.min() > 0.8 * moons.panel.tools.brush.reach
    moons.guest.wait(lambda: len(moons.guest.bridge.dataset.table) == moons.count)


def test_strokes_are_undone_and_redone_by_keys_and_by_buttons(moons):
    moons.drag((-5.0, -5.0), (0.0, -5.0))
    first = moons.count
    moons.drag((0.0, 5.0), (5.0, 5.0), button=RIGHT)
    moons.click(4.0, 4.0)
    moons.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    moons.button("undo").click()
    assert moons.count == first or moons.count == 400
    while moons.button("undo").isEnabled():
        moons.button("undo").click()
    assert moons.count == 400
    assert "nothing to take back" in moons.button("undo").toolTip()
    moons.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert moons.count == first
    moons.guest.wait(lambda: len(moons.guest.bridge.dataset.table) == first)
    assert moons.guest.window.editor.stack.isClean()


def test_ctrl_z_outside_of_the_plane_takes_an_edit_of_the_network_back(moons):
    guest = moons.guest
    moons.click(0.0, 5.0)
    guest.wait(lambda: len(guest.bridge.dataset.table) == 401)
    guest.window.editor.add_layer()
    guest.wait(lambda: len(guest.bridge.network.hidden) == 3)
    guest.window.canvas.setFocus()
    QTest.keyClick(guest.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    guest.wait(lambda: len(guest.bridge.network.hidden) == 2)
    assert moons.count == 401


def test_keys_choose_the_class_the_eraser_and_the_size_and_draw(moons):
    tools = moons.panel.tools
    moons.key(Qt.Key.Key_2)
    assert tools.brush.target == 1.0
    moons.key(Qt.Key.Key_9)
    assert tools.brush.target == 1.0
    moons.key(Qt.Key.Key_E)
    assert tools.brush.erasing
    assert moons.button("eraser").isChecked()
    moons.key(Qt.Key.Key_1)
    assert (tools.brush.target, tools.brush.erasing) == (0.0, False)
    moons.key(Qt.Key.Key_Plus)
    assert tools.brush.size == Brush().size + 4
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Return):
        moons.key(key)
    assert moons.count == 401
    assert moons.sheet.points.x[-1] > 0
    assert moons.sheet.points.y[-1] > 0
    assert moons.guest.epoch == 0  # the arrows walk in the plane and do not advance the training


def test_a_class_can_be_added_and_drawn(moons):
    guest = moons.guest
    moons.button("more").click()
    guest.wait(lambda: guest.bridge.network.outputs == 3)
    assert moons.panel.tools.brush.target == 2.0
    moons.drag((-5.0, 5.0), (0.0, 5.0))
    guest.wait(lambda: len(guest.bridge.dataset.table) == moons.count)
    assert guest.bridge.dataset.table["class"].iloc[-1] == "C"
    for _ in range(5):
        moons.button("more").click()
    assert len(moons.sheet.classes) == 8
    assert not moons.button("more").isEnabled()


def test_one_draws_from_an_empty_plane(hand):
    guest = hand.guest
    hand.button("shape.empty").click()
    guest.wait(lambda: hand.sheet is not None)
    assert hand.count == 0
    assert guest.bridge.dataset.name == "penguins"
    assert "two training points" in guest.find("points.note", QLabel).text()
    hand.drag((-4.0, 3.0), (-1.0, 3.0))
    hand.button("class.1").click()
    hand.drag((1.0, -3.0), (4.0, -3.0))
    guest.wait(lambda: guest.bridge.dataset.name == "drawn points" and len(guest.bridge.dataset.table) == hand.count)
    guest.advance_to(60)
    assert guest.bridge.snapshot.record.train_accuracy == 1.0


def test_after_everything_was_erased_training_goes_on_with_what_was_there(moons):
    moons.button("clear").click()
    assert moons.count == 0
    assert "two training points" in moons.guest.find("points.note", QLabel).text()
    assert len(moons.guest.bridge.dataset.table) == 400
    moons.guest.advance_to(1)
    moons.button("undo").click()
    assert moons.count == 400


def test_the_row_that_goes_through_the_network_is_marked(moons):
    selection, table = moons.guest.window.selection, moons.guest.bridge.dataset.table
    selection.choose_row(7)
    assert moons.plane._marked == pytest.approx(table[["x", "y"]].iloc[7].tolist())
    before = moons.plane.grab().toImage()
    selection.change_inputs(np.array([1.0, -5.5]))
    assert moons.plane._marked == pytest.approx((1.0, -5.5))
    assert moons.plane.grab().toImage() != before


def test_what_is_undone_to_the_first_points_is_the_first_data_set(moons):
    first = moons.guest.bridge.dataset
    moons.choose("circles")
    moons.click(0.0, 0.0)
    moons.guest.wait(lambda: moons.guest.bridge.dataset.name == "circles, edited")
    moons.button("undo").click()
    moons.button("undo").click()
    moons.guest.wait(lambda: moons.guest.bridge.dataset is first)
    assert moons.button("shape.moons").isChecked()
    assert moons.panel.shapes.title.text() == "Moons"


def test_another_share_of_test_rows_keeps_what_was_drawn_and_its_name(moons):
    guest = moons.guest
    moons.click(0.0, 5.5)
    guest.wait(lambda: len(guest.bridge.dataset.table) == 401)
    guest.window.filing.load(guest.bridge.dataset, test_fraction=0.5)
    guest.wait(lambda: len(guest.bridge.dataset.test_rows) == 200)
    assert guest.bridge.dataset.name == "moons, edited"
    assert moons.count == 401
    assert moons.sheet.points.test.sum() == 200
    assert moons.button("shape.moons").isChecked()


def test_the_ground_shows_what_the_network_says(moons):
    guest, plane = moons.guest, moons.plane
    guest.advance_to(60)
    guest.wait(lambda: plane.ground is not None and not moons.panel.ground._pause.isActive())
    inks = plane.inks.colours()
    for at, name in (((-1.5, 2.2), 0), ((1.5, -2.2), 1)):
        axes, side = plane.axes, plane.ground.width()
        across, down = (int(side * share) for share in ((at[0] + 6) / 12, (6 - at[1]) / 12))
        shade = plane.ground.pixelColor(across, down)
        nearest = min(inks, key=lambda ink, shade=shade: abs(ink.hueF() - shade.hueF()))
        assert nearest == inks[name]
        assert axes.holds(*moons.place(*at).toTuple())
    moons.button("ground").click()
    assert plane.ground is None
    moons.button("ground").click()
    guest.wait(lambda: plane.ground is not None)
    guest.window.docks["points"].hide()
    assert plane.ground is None


def test_the_ground_of_values_has_their_colours(hand):
    hand.choose("plane")
    hand.guest.advance_to(150)
    hand.guest.wait(lambda: hand.plane.ground is not None and not hand.panel.ground._pause.isActive())
    ground = hand.plane.ground
    low, high = ground.pixelColor(2, ground.height() - 3), ground.pixelColor(ground.width() - 3, 2)
    assert low.red() > low.blue()
    assert high.blue() > high.red()


def test_values_are_drawn_too(hand):
    hand.choose("plane")
    slider = hand.guest.find("points.value", QSlider)
    assert slider.isVisible()
    slider.setValue(slider.maximum())
    high = hand.plane.inks.span.high
    hand.click(-5.0, 5.0)
    assert hand.sheet.points.target[-1] == pytest.approx(high)
    hand.key(Qt.Key.Key_1)
    hand.click(-5.0, 4.0)
    assert hand.sheet.points.target[-1] == pytest.approx(-high)
    hand.guest.wait(lambda: len(hand.guest.bridge.dataset.table) == 402)
    assert hand.guest.bridge.dataset.table["value"].iloc[-1] == pytest.approx(-high)


def test_the_points_are_written_to_a_file(moons, tmp_path, monkeypatch):
    from ui.dialogs import files

    path = tmp_path / "mine.csv"
    monkeypatch.setattr(files, "choose_file_to_write", lambda *_: (path, ""))
    moons.click(3.0, 3.0)
    moons.button("save").click()
    moons.guest.wait(path.exists)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["x", "y", "class"]
    assert len(rows) == 402
    assert [float(cell) for cell in rows[-1][:2]] == pytest.approx([3.0, 3.0], abs=0.05)


def test_a_data_set_that_somebody_else_opens_takes_the_place_of_the_points(moons):
    moons.click(0.0, 0.0)
    moons.guest.window.filing.load("iris", features=("petal_length_cm", "petal_width_cm"))
    moons.guest.wait(lambda: moons.guest.bridge.dataset.name == "iris")
    assert moons.sheet.base is moons.guest.bridge.dataset
    assert moons.count == 150
    assert not moons.button("undo").isEnabled()


def test_at_any_size_the_plane_is_a_square_and_nothing_is_cut_off(moons):
    panel, dock = moons.panel, moons.guest.window.docks["points"]
    panel.setParent(None)
    panel.show()
    for width, height in ((240, 640), (400, 270), (810, 290), (1200, 800)):
        panel.resize(width, height)
        moons.guest.pass_time(0.05)
        axes = moons.plane.axes
        assert axes.width == axes.height >= 100
        assert axes.left + axes.width <= moons.plane.width()
        assert axes.top + axes.height <= moons.plane.height()
        for button in panel.findChildren(QToolButton):
            if button.isVisible() and button.text():
                assert button.width() >= button.sizeHint().width(), button.objectName()
    dock.setWidget(panel)


def test_axes_go_from_real_units_to_pixels_and_back():
    axes = Axes(Span(-6, 6), Span(0, 3000), 20, 10, 120, 60)
    assert (float(axes.across(-6)), float(axes.across(6))) == (20, 140)
    assert (float(axes.down(3000)), float(axes.down(0))) == (10, 70)
    x, y = axes.real(axes.across(2.5), axes.down(700))
    assert (float(x), float(y)) == pytest.approx((2.5, 700))
    assert span_of(np.array([-5.9, 5.0]), Span(-6, 6)) == Span(-6, 6)
    wider = span_of(np.array([-7.3, 5.0]), Span(-6, 6))
    assert wider.low <= -7.3
    assert wider.high >= 6
    assert ticks(Span(-6, 6), 6) == [-6, -4, -2, 0, 2, 4, 6]
    assert [tick_text(value) for value in (-0.0, -2.0, 0.30000000000000004, 4500.0)] == ["0", "−2", "0.3", "4,500"]


def test_places_on_a_way_keep_their_distance_across_several_moves():
    places, left = along((0, 0), (10, 0), 4.0, 0.0)
    assert places[:, 0].tolist() == [4.0, 8.0]
    more, _ = along((10, 0), (10, 3), 4.0, left)
    assert more.tolist() == [[10.0, 2.0]]
    none, left = along((0, 0), (1, 0), 4.0, 2.0)
    assert (len(none), left) == (0, 3.0)


def test_an_edit_right_after_a_stroke_keeps_what_was_drawn(guest, moons):
    drawn = dataclasses.replace(guest.bridge.dataset, name="drawn")
    guest.bridge.change_data(drawn)
    guest.window.editor.add_layer()
    guest.wait(lambda: len(guest.bridge.network.hidden) == 3)
    assert guest.bridge.dataset is drawn
