"""The real window in a file."""

import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer

from simulator.errors import ConfigError, DatasetError, ExportError
from ui.rendering import Request, draw
from ui.theme import THEMES


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("view", ["window", "network"])
def test_a_png_has_its_size_and_the_colours_of_its_theme(qapp, tmp_path, view, theme):
    out = draw(Request(tmp_path / "picture.png", epochs=3, view=view, theme=theme, size="1000x700"))
    image = QImage(str(out))
    assert image.size() == QSize(1000, 700)
    light = sum(image.pixelColor(x, y).lightness() > 128 for x in range(0, 1000, 25) for y in range(0, 700, 25))
    assert (light > 560) == (theme == "light")


@pytest.mark.parametrize("view", ["window", "network", "curves"])
def test_an_svg_can_be_read_again(qapp, tmp_path, view):
    out = draw(Request(tmp_path / "picture.svg", epochs=3, view=view))
    content = out.read_bytes()
    assert QSvgRenderer(QByteArray(content)).isValid()
    assert b"<path" in content or b"<polyline" in content
    if view == "network":
        assert b"<text" in content


def test_a_pdf_is_a_pdf_of_one_page(qapp, tmp_path):
    content = draw(Request(tmp_path / "picture.pdf", epochs=3, view="network", theme="light")).read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") <= 1
    assert content.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"out": "x.gif"}, "cannot draw into 'x.gif'"),
        ({"out": "x"}, "cannot draw into 'x'"),
        ({"view": "cruves"}, "no view called 'cruves'"),
        ({"theme": "blue"}, "no theme called 'blue'"),
        ({"size": "wide"}, "size cannot be 'wide'"),
        ({"size": "0x10"}, "size cannot be '0x10'"),
        ({"size": "99999x10"}, "size cannot be '99999x10'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_option_that_cannot_be_is_refused(qapp, tmp_path, request_, said):
    request_ = {"out": "x.png", **request_}
    request_["out"] = tmp_path / request_["out"]
    with pytest.raises(ConfigError, match=said):
        draw(Request(**request_))


def test_a_set_that_does_not_exist_is_refused_and_nothing_is_written(qapp, tmp_path):
    with pytest.raises(DatasetError):
        draw(Request(tmp_path / "x.png", dataset="pinguine.csv"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_refused(qapp, tmp_path):
    with pytest.raises(ExportError, match="cannot be written"):
        draw(Request(tmp_path / "nowhere" / "x.png", epochs=0))


@pytest.mark.slow
def test_the_same_options_draw_the_same_picture(qapp, tmp_path):
    one, other = (
        QImage(str(draw(Request(tmp_path / f"{name}.png", epochs=5, view="network", size="900x600"))))
        for name in ("one", "other")
    )
    assert one == other


@pytest.mark.slow
def test_a_step_of_the_lesson_is_drawn_in_slow_motion(qapp, tmp_path):
    plain, taught = tmp_path / "plain.png", tmp_path / "taught.png"
    draw(Request(plain, epochs=1))
    draw(Request(taught, epochs=1, lesson=4))
    assert QImage(str(taught)).size() == QImage(str(plain)).size()
    assert taught.read_bytes() != plain.read_bytes()
