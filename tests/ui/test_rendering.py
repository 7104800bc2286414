"""The real window in a file."""

import itertools

import numpy as np
import PIL.Image
import PIL.ImageSequence
import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer

from simulator.data import open_dataset
from simulator.errors import ConfigError, DatasetError, ExportError
from simulator.progress import Cancelled, Progress
from simulator.training.session import Session
from simulator.training.session_file import write_session
from ui.films.film import Film
from ui.offscreen import offscreen
from ui.rendering import Request, checked, draw
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
        ({"out": "x.bmp"}, "cannot draw into 'x.bmp'"),
        ({"out": "x.gif", "lesson": 3}, "no film"),
        ({"out": "x.gif", "film": Film(first=8), "epochs": 3}, "has no frames"),
        ({"out": "x.png", "scale": 9.0}, "the scale cannot be 9"),
        ({"out": "x.gif", "film": Film(fps=55.0)}, "cannot have 55 frames a second"),
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


def test_a_file_that_is_there_is_replaced_by_those_who_say_so(qapp, tmp_path):
    out = tmp_path / "x.png"
    out.write_text("mine")
    with pytest.raises(ExportError, match="already there") as found:
        draw(Request(out, epochs=0))
    assert "--force" in found.value.hint
    assert out.read_text() == "mine"
    draw(Request(out, epochs=0, view="network", force=True))
    assert not QImage(str(out)).isNull()


def test_a_folder_that_does_not_exist_is_refused(qapp, tmp_path):
    with pytest.raises(ExportError, match="cannot be written"):
        draw(Request(tmp_path / "nowhere" / "x.png", epochs=0))


# -- films ------------------------------------------------------------------------------------------------------


def frames_of(path):
    with PIL.Image.open(path) as film:
        return [np.array(frame.convert("RGB")) for frame in PIL.ImageSequence.Iterator(film)]


def picture_of(path):
    with PIL.Image.open(path) as found:
        return np.array(found.convert("RGB"))


def test_a_film_shows_every_epoch_and_begins_and_ends_as_pictures_of_these_epochs(qapp, tmp_path):
    about = {"view": "network", "size": "480x360"}
    film = frames_of(draw(Request(tmp_path / "film.webp", epochs=4, film=Film(quality=100), **about)))
    assert len(film) == 5
    assert all((one != other).any() for one, other in itertools.pairwise(film))
    for epoch in (0, 4):
        still = picture_of(draw(Request(tmp_path / f"{epoch}.png", epochs=epoch, **about)))
        assert np.array_equal(film[epoch], still)


def test_a_film_that_is_cancelled_leaves_nothing(qapp, tmp_path):
    progress = Progress(lambda done, _text: progress.cancel() if done else None)
    with pytest.raises(Cancelled):
        draw(Request(tmp_path / "film.gif", epochs=4, view="network", size="320x260"), progress)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["penguins", "diabetes"])
def test_every_frame_of_the_window_shows_one_moment_everywhere(qapp, dataset):
    with offscreen("dark") as scene:
        scene.open(dataset, 0)
        shown = scene.view("window", QSize(1200, 800))
        window, curves = scene.window, scene.window.panels["curves"]
        for name in ("table", "evaluation", "map", "distributions"):
            window.show_panel(name)
        for epoch in (0, 1, 2, 5, 9):
            scene.go_to(epoch)
            shown()
            snapshot = window.bridge.snapshot
            assert snapshot.epoch == epoch
            assert window.transport.readouts["epoch"].number.text() == f"{epoch:,}"
            drawn = window.canvas.picture.weights
            assert all(np.array_equal(a, layer.weight) for a, layer in zip(drawn, snapshot.layers, strict=True))
            assert curves.count == epoch + 1
            assert not curves._stale
            assert window.predicting.fresh
            assert window.panels["table"].settled


@pytest.mark.slow
def test_a_saved_session_is_shown_where_it_stands_and_its_film_goes_along_its_branch(qapp, tmp_path):
    saved = tmp_path / "run.nodeglow"
    session = Session(open_dataset("penguins"))
    session.advance(6)
    session.go_to(4)
    write_session(session.record(), saved)
    about = {"dataset": str(saved), "view": "network", "size": "480x360"}
    stands = picture_of(draw(Request(tmp_path / "stands.png", **about)))
    assert np.array_equal(stands, picture_of(draw(Request(tmp_path / "4.png", epochs=4, **about))))
    film = frames_of(draw(Request(tmp_path / "film.webp", film=Film(first=2, quality=100), **about)))
    assert len(film) == 3
    assert np.array_equal(film[-1], stands)
    beyond = frames_of(draw(Request(tmp_path / "on.webp", epochs=8, film=Film(first=6, quality=100), **about)))
    assert len(beyond) == 3


@pytest.mark.parametrize(("items", "first"), [(0, 6), (2, 7)])
def test_a_film_of_a_model_that_goes_on_begins_with_the_first_epoch_that_there_is(qapp, tmp_path, items, first):
    before = Session(open_dataset("penguins"))
    before.advance(6)
    if items:
        before.advance(items, "batch")
    model = before.model()
    session = Session(open_dataset("penguins"), model.network, model.config, start=model)
    session.advance(2)
    saved = tmp_path / "late.nodeglow"
    write_session(session.record(), saved)
    about = {"dataset": str(saved), "view": "network", "size": "320x260"}
    film = frames_of(draw(Request(tmp_path / "film.webp", epochs=8, film=Film(quality=100), **about)))
    assert len(film) == 8 - first + 1
    with pytest.raises(ConfigError, match=f"there is no epoch 3: the session begins at epoch {first}"):
        draw(Request(tmp_path / "early.webp", epochs=8, film=Film(first=3), **about))
    with pytest.raises(ConfigError, match="no epoch 3"):
        draw(Request(tmp_path / "early.png", epochs=3, **about))


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


@pytest.mark.parametrize("wish", [{"transparent": True}, {"scale": 2.0}], ids=str)
def test_what_only_a_picture_can_be_is_refused_for_films_and_reports(tmp_path, wish):
    for name in ("a.gif", "a.html"):
        with pytest.raises(ConfigError, match="for pictures alone"):
            checked(Request(tmp_path / name, **wish))
    assert checked(Request(tmp_path / "a.png", **wish)).width() == 1400
