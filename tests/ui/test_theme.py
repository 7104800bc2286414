import os
import re
import xml.etree.ElementTree as ElementTree

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo, QIcon, QPalette
from PySide6.QtWidgets import QToolButton

from ui import theme as themes
from ui.canvas.colour import contrast, rgb
from ui.pictures import content
from ui.portrait import painted_by

THEMES = [pytest.param(theme, id=f"the {theme.name} theme") for theme in themes.THEMES.values()]
ICONS = sorted(path.stem for path in themes.resource_path("icons").glob("*.svg"))
NEEDED = {
    "play", "pause", "advance", "reset", "back", "new_weights", "open", "save", "export", "import", "undo", "redo",
    "plus",    "minus", "theme", "help", "quit", "fit", "previous", "next",
}  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", themes.TEXT_PAIRS)
def test_text_is_readable_on_every_background_it_is_written_on(theme, text):
    for background in themes.TEXT_PAIRS[text]:
        assert contrast(rgb(getattr(theme, text)), rgb(getattr(theme, background))) >= 4.5, background


@pytest.mark.parametrize("theme", THEMES)
def test_class_colours_stand_out_from_the_background_and_from_each_other(theme):
    assert len(set(theme.classes)) == len(theme.classes) >= 10
    for colour in theme.classes:
        assert contrast(rgb(colour), rgb(theme.surface)) >= 3.0, colour


@pytest.mark.parametrize("theme", THEMES)
def test_the_colours_of_numbers_are_those_of_the_look(theme):
    look = {"dark": ("#ff9a3c", "#2b3446", "#4aa3ff"), "light": ("#e06a00", "#e8eaeb", "#1f6fd6")}
    assert (theme.negative, theme.zero, theme.positive) == look[theme.name]


@pytest.mark.parametrize("theme", THEMES)
def test_the_palette_has_the_themes_colours(qapp, theme):
    palette = themes.palette(theme)
    assert palette.color(QPalette.ColorRole.Window).name() == theme.window
    assert palette.color(QPalette.ColorRole.Text).name() == theme.text
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert disabled.name() != theme.text


@pytest.mark.parametrize("theme", THEMES)
def test_the_style_sheet_has_no_unknown_colour(theme):
    sheet = themes.style_sheet(theme)
    assert "@" not in sheet
    assert theme.hairline in sheet


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_drawn_in_the_colour_of_the_theme(qapp, name):
    image = themes.icon(name, themes.DARK).pixmap(QSize(64, 64)).toImage()
    seen = [image.pixelColor(x, y) for x in range(64) for y in range(64)]
    inked = [colour for colour in seen if colour.alpha() > 250]
    assert inked
    wanted = themes.DARK.color("text")
    for colour in inked:
        assert max(abs(a - b) for a, b in zip(colour.getRgb(), wanted.getRgb(), strict=True)) <= 8
    faint = themes.icon(name, themes.DARK).pixmap(QSize(64, 64), QIcon.Mode.Disabled).toImage()
    assert faint != image


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_a_button_has_the_curves_of_its_icon_in_a_picture_of_curves(qtbot, suffix):
    button = QToolButton()
    button.setAutoRaise(True)  # else Qt copies the pixels of its frame
    qtbot.addWidget(button)
    button.setIcon(themes.icon("film", themes.DARK))
    made = content(suffix, button.sizeHint(), painted_by(button))
    if suffix == ".svg":
        assert b"<image" not in made
        assert b'<rect x="3.5" y="5" width="17" height="14" rx="1.8"/>' in made
        ElementTree.fromstring(made)
    else:  # eight times as fine as on the screen
        assert re.search(rb"/Width (128|160|192)\b", made)


def test_every_icon_that_the_actions_need_exists_and_is_well_formed():
    assert set(ICONS) >= NEEDED
    for name in ICONS:
        source = themes.resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
        assert ElementTree.fromstring(source).get("viewBox") == "0 0 24 24"
        assert "currentColor" in source


def test_the_bundled_font_is_used_with_its_licence_beside_it(qapp):
    assert QFontInfo(themes.font(13)).family() == "Inter"
    assert QFontInfo(themes.font(13, bold=True)).weight() == 600
    assert "SIL OPEN FONT LICENSE" in themes.resource_path("fonts", "OFL.txt").read_text(encoding="utf-8")


def test_resources_are_found_in_a_checkout_and_in_an_installed_package(monkeypatch, tmp_path):
    assert themes.resource_path("style.qss").is_file()
    installed = tmp_path / "ui"
    (installed / "resources").mkdir(parents=True)
    (installed / "resources" / "style.qss").write_text("")
    monkeypatch.setattr(themes, "__file__", str(installed / "theme.py"))
    assert themes.resource_path("style.qss") == installed / "resources" / "style.qss"
    with pytest.raises(FileNotFoundError, match=r"icons/play\.svg"):
        themes.resource_path("icons", "play.svg")


def test_the_systems_theme_is_dark_or_light(qapp):
    before = qapp.palette()
    try:
        for name, theme in themes.THEMES.items():
            qapp.setPalette(themes.palette(theme))
            assert themes.system_theme() in {"dark", "light"}
            if qapp.styleHints().colorScheme().name == "Unknown":
                assert themes.system_theme() == name
    finally:
        qapp.setPalette(before)
