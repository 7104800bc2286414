import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from simulator.errors import ExportError
from ui.pictures import write

BEGINNINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
SIZE = QSize(60, 40)
OLD = b"the old picture"


def paint(painter):
    painter.fillRect(0, 0, 10, 10, QColor("red"))
    painter.drawText(20, 35, "text")


@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_a_picture_is_written_as_its_suffix_says_and_nothing_beside_it(qapp, tmp_path, suffix):
    path = write(tmp_path / f"pic ture{suffix.upper()}", SIZE, paint)
    assert path.read_bytes().startswith(BEGINNINGS[suffix])
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_drawn_stands_in_the_file(qapp, tmp_path):
    made = QImage(str(write(tmp_path / "x.png", SIZE, paint)))
    assert made.size() == SIZE
    assert made.pixelColor(2, 1) == QColor("red")
    assert made.pixelColor(50, 1).alpha() == 0


@pytest.mark.parametrize("suffix", BEGINNINGS)
def test_a_painter_that_fails_leaves_the_old_picture(qapp, tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(OLD)

    def fail(painter):
        painter.end()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(path, SIZE, fail)
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_picture_stays_where_it_may_not_be_replaced_and_nothing_is_drawn(qapp, tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(OLD)
    drawn = []
    with pytest.raises(ExportError, match="already there"):
        write(path, SIZE, drawn.append, overwrite=False)
    assert path.read_bytes() == OLD
    assert not drawn


@pytest.mark.parametrize(
    ("name", "size", "said", "advice"),
    [
        ("x.gif", SIZE, "cannot draw into", ".png, .svg, .pdf"),
        ("none/x.svg", SIZE, "no such file", "Make the folder"),
        (f"{'n' * 300}.pdf", SIZE, "too long", "shorter"),
        ("x.png", QSize(2_000_000, 2_000_000), "cannot be drawn", "smaller"),
    ],
)
def test_what_cannot_be_written_is_refused_with_a_hint(qapp, tmp_path, name, size, said, advice):
    with pytest.raises(ExportError, match=said) as refused:
        write(tmp_path / name, size, paint)
    assert advice in refused.value.hint
    assert list(tmp_path.iterdir()) == []
