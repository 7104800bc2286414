"""Every view that has a picture or numbers gives them away in the same way."""

import csv
import io

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from simulator.progress import Progress
from ui.panels.exports import OFFERS, lines, tabbed, write_csv

VIEWS = {
    "evaluation": True, "curves": True, "triangle": True, "weights": True, "surface": True, "distributions": True,
    "map": False,
}  # fmt: skip
"""Whether each view has numbers besides its picture."""


def test_numbers_are_written_piece_by_piece(tmp_path):
    rows = [["name", "value"], *([f'"{nth}", quoted', nth / 7] for nth in range(5000))]
    made = lines(lambda: rows)
    assert len(list(made(",", Progress()))) == 3
    path = write_csv(tmp_path / "numbers.csv", made, Progress())
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))
    assert found == [[str(each) for each in row] for row in rows]
    assert list(csv.reader(io.StringIO(tabbed(made, Progress())), delimiter="\t")) == found


def test_every_view_copies_its_picture_and_its_numbers_by_its_menu(guest, tmp_path, monkeypatch):
    guest.advance_to(3)
    clipboard, window = QGuiApplication.clipboard(), guest.window
    monkeypatch.setattr(
        "ui.dialogs.files.choose_file_to_write",
        lambda _parent, _title, suggested, filters: (tmp_path / suggested.name, list(filters)[len(filters) > 1]),
    )
    for name, numbers in VIEWS.items():
        window.show_panel(name)
        panel = window.panels[name]
        guest.wait(lambda panel=panel: panel.exports() is not None and panel.exports().paint is not None)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(20, 60), panel.mapToGlobal(QPoint(20, 60)))
        QApplication.sendEvent(panel, event)
        menu = panel.findChild(QMenu, f"{panel.objectName()}.menu")
        offered = {each.objectName().rpartition(".")[2] for each in menu.actions() if each.objectName()}
        assert offered == {each for each in OFFERS if numbers or "picture" in each}, name
        menu.close()
        clipboard.clear()
        panel.take_elsewhere("copy_picture")
        export = panel.exports()
        assert not clipboard.image().isNull(), name
        if not numbers:
            continue
        panel.take_elsewhere("copy_numbers")
        guest.wait(lambda: bool(clipboard.text()))
        head, *rest = csv.reader(io.StringIO(clipboard.text()), delimiter="\t")
        assert rest, name
        assert {len(row) for row in rest} == {len(head)}, name
        panel.take_elsewhere("save_numbers")
        path = tmp_path / f"penguins-{export.name}.csv"
        guest.wait(path.exists)
        assert len(path.read_text().splitlines()) >= len(rest) + 1
