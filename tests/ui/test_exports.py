"""Every view that has a picture or numbers gives them away in the same way."""

import csv
import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QMenu

from simulator.engines.passes import forward
from simulator.progress import Progress
from ui.offscreen import offscreen
from ui.panels import PANELS
from ui.panels.exports import OFFERS
from ui.pictures import content, image
from ui.portrait import Portrait, draw_part
from ui.writing import lines, tabbed, write_csv

PICTURES_ONLY = {"lesson"}
"""Words and buttons: there is nothing to calculate with."""


def test_numbers_are_written_piece_by_piece(tmp_path):
    rows = [["name", "value"], *([f'"{nth}", quoted', nth / 7] for nth in range(5000))]
    made = lines(lambda: rows)
    assert len(list(made(",", Progress()))) == 3
    path = write_csv(tmp_path / "numbers.csv", made, Progress())
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))
    assert found == [[str(each) for each in row] for row in rows]
    assert list(csv.reader(io.StringIO(tabbed(made, Progress())), delimiter="\t")) == found


def table(numbers):
    """Return the head and the rows that somebody pastes into a spreadsheet."""
    head, *rows = csv.reader(io.StringIO(tabbed(numbers, Progress())), delimiter="\t")
    return head, rows


def column(head, rows, name):
    return [row[head.index(name)] for row in rows]


@pytest.fixture(scope="module")
def seen(kernels, tmp_path_factory):
    """A window where something is chosen, kept and tested, so that every view has something to show."""
    app = QApplication.instance() or QApplication(["nodeglow"])
    with offscreen("dark") as scene:
        window = scene.window
        window.resize(1400, 900)
        window.show()
        scene.open("penguins", 0)
        window.selection.choose_neuron((1, 2))
        window.keep_moment()
        scene.go_to(4)
        yield scene
    app.processEvents()


def shown(scene, name):
    """Show a panel until it has all that it gives."""
    window = scene.window
    window.show_panel(name)
    panel = window.panels[name]
    if name == "rate_finder":
        panel.run.click()
        scene._wait(lambda: panel.result is not None)
    wanted = "picture" if name in PICTURES_ONLY | {"points"} else "numbers"
    scene._wait(lambda: panel.exports() is not None and f"copy_{wanted}" in panel.exports().offers())
    for _ in range(3):  # what was made just now takes its place
        scene.app.processEvents()
    return panel


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_gives_its_picture_and_its_numbers(seen, name):
    panel = shown(seen, name)
    export = panel.exports()
    picture = image(export.size, export.paint, Portrait(2.0))
    assert (picture.width(), picture.height()) == (2 * export.size.width(), 2 * export.size.height())
    pixels = np.frombuffer(picture.constBits(), np.uint32)
    assert len(np.unique(pixels[:: max(1, len(pixels) // 20_000)])) > 3, "the picture is empty"
    svg = content(".svg", export.size, export.paint).decode()
    ElementTree.fromstring(svg)
    assert "<text" in svg
    if name in PICTURES_ONLY | {"points"}:  # four features have no plane
        return
    head, rows = table(export.numbers)
    assert rows
    assert len(set(head)) == len(head) > 1
    assert {len(row) for row in rows} == {len(head)}


def test_a_picture_without_its_ground_is_transparent_where_nothing_is_drawn(seen):
    for export in (seen.window.stage.exports(), shown(seen, "curves").exports(), shown(seen, "triangle").exports()):
        solid, clear = (image(export.size, export.paint, Portrait(1.0, ground)) for ground in (True, False))
        assert clear.pixelColor(1, clear.height() - 2).alpha() == 0, export.name
        if export.name == "network":
            assert solid.pixelColor(1, solid.height() - 2).alpha() == 255
    for name, view in (("history", "history.plot"), ("table", "table.rows")):
        export, part = shown(seen, name).exports(), seen.window.findChild(QAbstractScrollArea, view)
        place = QRect(part.mapTo(seen.window.panels[name], QPoint()), part.size())
        clear = image(export.size, export.paint, Portrait(1.0, ground=False))
        points = [(x, y) for x in range(place.left(), place.right(), 7) for y in range(place.top(), place.bottom(), 7)]
        empty = sum(clear.pixelColor(*point).alpha() == 0 for point in points)
        assert empty > 0.25 * len(points), name


def test_the_numbers_are_those_of_the_network_digit_for_digit(seen):
    bridge = seen.window.bridge
    snapshot, dataset = bridge.snapshot, bridge.dataset
    head, rows = table(shown(seen, "curves").exports().whole)
    assert [float(each) for each in column(head, rows, "train_loss")] == bridge.records["train_loss"].tolist()
    head, rows = table(shown(seen, "compare").exports().numbers)
    weight = np.asarray(snapshot.layers[0].weight, np.float64)
    assert [float(each) for each in column(head, rows, "now")][: weight.size] == weight.ravel().tolist()
    head, rows = table(shown(seen, "output").exports().numbers)
    chosen = seen.window.selection.chosen
    passed = forward(snapshot.network, snapshot.layers, chosen.inputs[None, :])
    assert [float(each) for each in column(head, rows, "probability")] == pytest.approx(passed.outputs[0], rel=1e-12)
    head, rows = table(seen.window.stage.exports().numbers)
    edges = [float(row[-1]) for row in rows if row[0] == "edge" and row[1] == "1"]
    assert edges == weight.ravel().tolist()
    head, rows = table(shown(seen, "table").exports().numbers)
    assert column(head, rows, "species") == dataset.table["species"].tolist()
    head, rows = table(shown(seen, "matrices").exports().numbers)
    account = seen.window.asking.account
    first = [float(row[-1]) for row in rows if row[0] == "X"]
    assert first == account.moment.X.ravel().tolist()


def test_a_key_copies_the_numbers_and_another_one_the_picture(guest):
    clipboard, panel = QGuiApplication.clipboard(), guest.window.panels["output"]
    for modifier, there in (
        (Qt.KeyboardModifier.ControlModifier, lambda: "probability" in clipboard.text()),
        (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier, lambda: not clipboard.image().isNull()),
    ):
        for view in (panel, guest.window.canvas):
            clipboard.clear()
            panel.setFocus()
            guest.bot.keyClick(view, Qt.Key.Key_C, modifier)
            guest.wait(there if view is panel else lambda: bool(clipboard.text()) or not clipboard.image().isNull())


def test_the_canvas_menu_offers_its_picture(guest):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(guest.window.canvas, event)
    menu = guest.find("canvas.forms", QMenu)
    assert {f"canvas.{name}" for name in OFFERS} <= {each.objectName() for each in menu.actions()}
    menu.close()


def test_every_view_copies_its_picture_and_its_numbers_by_its_menu(guest, tmp_path, monkeypatch):
    guest.advance_to(3)
    clipboard, window = QGuiApplication.clipboard(), guest.window
    monkeypatch.setattr(
        "ui.dialogs.files.choose_file_to_write",
        lambda _parent, _title, suggested, filters: (tmp_path / suggested.name, list(filters)[len(filters) > 1]),
    )
    for name in ("evaluation", "map"):
        window.show_panel(name)
        panel = window.panels[name]
        guest.wait(lambda panel=panel: panel.exports() is not None and panel.exports().paint is not None)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(20, 60), panel.mapToGlobal(QPoint(20, 60)))
        QApplication.sendEvent(panel, event)
        menu = panel.findChild(QMenu, f"{panel.objectName()}.menu")
        offered = {each.objectName().rpartition(".")[2] for each in menu.actions() if each.objectName()}
        assert offered == set(OFFERS), name
        menu.close()
        clipboard.clear()
        panel.take_elsewhere("copy_picture")
        export = panel.exports()
        assert not clipboard.image().isNull(), name
        panel.take_elsewhere("copy_numbers")
        guest.wait(lambda: bool(clipboard.text()))
        head, *rest = csv.reader(io.StringIO(clipboard.text()), delimiter="\t")
        assert rest, name
        assert {len(row) for row in rest} == {len(head)}, name
        panel.take_elsewhere("save_numbers")
        path = tmp_path / f"penguins-{export.name}.csv"
        guest.wait(path.exists)
        assert len(path.read_text().splitlines()) >= len(rest) + 1


def test_a_part_of_an_image_is_that_part_in_a_picture_of_curves():
    whole = QImage(2, 4, QImage.Format.Format_RGB32)
    whole.fill(0xFF0000FF)
    whole.setPixel(0, 3, 0xFFFF0000)
    target = QRectF(0, 0, 20, 10)
    svg = content(".svg", QSize(20, 10), lambda painter: draw_part(painter, target, whole, QRectF(0, 3, 2, 1)))
    shown = QImage(20, 10, QImage.Format.Format_RGB32)
    painter = QPainter(shown)
    QSvgRenderer(svg).render(painter, QRectF(0, 0, 20, 10))
    painter.end()
    assert shown.pixelColor(2, 5).name() == "#ff0000"
    assert shown.pixelColor(17, 5).name() == "#0000ff"
