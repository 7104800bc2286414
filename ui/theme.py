"""Palettes, style sheet, icons and fonts: every colour and every bundled file that the window uses.

Both palettes are our own, on the Fusion style, because asking Qt for a colour scheme has no effect on many platforms.
Colours are kept as ``#rrggbb`` text, so that the plain NumPy modules of the canvas can read them without Qt.
"""

import contextlib
import dataclasses
import functools
import gc
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from ui.icons import Drawing

FONT_FAMILY = "Inter"
_FONT_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf")
_PLACES = ("resources", "ui/resources")


@dataclasses.dataclass(frozen=True)
class Theme:
    """Every colour of the program, as ``#rrggbb``.

    Attributes
    ----------
    name, dark
        What the theme is called, and whether its text is light.
    window, surface, raised
        The backgrounds of the window, of panels and inputs, and of cards and menus.
    border, hairline
        The edge of a control, and quiet dividing lines.
    text, quiet
        Text, and text that steps back; both are readable (4.5:1) on every background.
    accent, on_accent, link
        The one accent colour, text on it, and text in it.
    negative, zero, positive
        The colours of numbers; symmetric about zero.
    gradient_negative, gradient_positive
        The colours of what flows back, about the same zero: another pair, so that a gradient is never taken for a
        weight. Whoever confuses red and green still tells the two apart, by violet against yellowish and by lightness.
    node_dark, node_light
        The two colours of numbers on coloured nodes; whichever is used has 4.5:1.
    canvas_top, canvas_bottom
        The network's background, from top to bottom.
    track
        The empty part of a bar.
    good, warning, bad
        Text that praises, warns or refuses.
    classes
        Colours of classes, to be repeated when there are more.
    """

    name: str
    dark: bool
    window: str
    surface: str
    raised: str
    border: str
    hairline: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    link: str
    negative: str
    zero: str
    positive: str
    gradient_negative: str
    gradient_positive: str
    node_dark: str
    node_light: str
    canvas_top: str
    canvas_bottom: str
    track: str
    good: str
    warning: str
    bad: str
    classes: tuple[str, ...]

    def color(self, field: str) -> QColor:
        """Return the colour of a field, as ``theme.color("text")``."""
        return QColor(getattr(self, field))


DARK = Theme(
    name="dark",
    dark=True,
    window="#10141b",
    surface="#161b25",
    raised="#1d2430",
    border="#303a4b",
    hairline="#222a38",
    text="#eef2f8",
    quiet="#a4b1c6",
    accent="#4aa3ff",
    on_accent="#06121f",
    link="#6bb4ff",
    negative="#ff9a3c",
    zero="#2b3446",
    positive="#4aa3ff",
    gradient_negative="#e86bff",
    gradient_positive="#4fd8a0",
    node_dark="#04060a",
    node_light="#ffffff",
    canvas_top="#161b26",
    canvas_bottom="#0d1017",
    track="#2b3446",
    good="#55d6a3",
    warning="#ffc45c",
    bad="#ff8a80",
    classes=(
        "#4aa3ff",
        "#ff9a3c",
        "#3ccfa0",
        "#ef7fbb",
        "#f2d14b",
        "#a596ff",
        "#5fd3e8",
        "#ff7a6b",
        "#a8d65c",
        "#cfa97f",
    ),
)

LIGHT = Theme(
    name="light",
    dark=False,
    window="#f1f4f9",
    surface="#ffffff",
    raised="#ffffff",
    border="#cbd5e3",
    hairline="#e2e8f1",
    text="#182032",
    quiet="#536079",
    accent="#1f6fd6",
    on_accent="#ffffff",
    link="#1a63c2",
    negative="#e06a00",
    zero="#e8eaeb",
    positive="#1f6fd6",
    gradient_negative="#9d1fb0",
    gradient_positive="#1f9d57",
    node_dark="#04060a",
    node_light="#ffffff",
    canvas_top="#f0f4f9",
    canvas_bottom="#fcfdff",
    track="#dae1eb",
    good="#0b7450",
    warning="#8a5a00",
    bad="#bf2c22",
    classes=(
        "#1f6fd6",
        "#e06a00",
        "#0b8f6a",
        "#c2317f",
        "#9a7400",
        "#6a4fd0",
        "#0a87a3",
        "#cf3b2f",
        "#5b8a12",
        "#8a5f35",
    ),
)

THEMES: dict[str, Theme] = {"dark": DARK, "light": LIGHT}
"""Every theme by its name."""

TEXT_PAIRS: dict[str, tuple[str, ...]] = {
    "text": ("window", "surface", "raised", "canvas_top", "canvas_bottom", "hairline"),
    "quiet": ("window", "surface", "raised", "canvas_top", "canvas_bottom", "hairline"),
    "link": ("window", "surface", "raised", "canvas_top", "canvas_bottom"),
    "good": ("window", "surface", "raised", "canvas_top", "canvas_bottom"),
    "warning": ("window", "surface", "raised", "canvas_top", "canvas_bottom"),
    "bad": ("window", "surface", "raised", "canvas_top", "canvas_bottom"),
    "on_accent": ("accent",),
}
"""Which colours are written on which backgrounds; each pair has a contrast of at least 4.5:1."""


def system_theme() -> str:
    """Return ``"dark"`` or ``"light"``: what the desktop asks for, or what its palette looks like."""
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme == Qt.ColorScheme.Unknown:
        return "dark" if QGuiApplication.palette().window().color().lightness() < 128 else "light"
    return "dark" if scheme == Qt.ColorScheme.Dark else "light"


def resource_path(*parts: str) -> Path:
    """Return the path of a bundled file, in a checkout or in an installed wheel.

    Raises
    ------
    FileNotFoundError
        When the program was installed without its resources.
    """
    root = Path(__file__).resolve().parent.parent
    for place in _PLACES:
        path = root.joinpath(place, *parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"the bundled file {'/'.join(parts)} is missing from this installation")


@functools.cache
def load_fonts() -> str:
    """Make the bundled font known to Qt, once, and return its family name."""
    for file in _FONT_FILES:
        QFontDatabase.addApplicationFontFromData(QByteArray(resource_path("fonts", file).read_bytes()))
    return FONT_FAMILY


def font(pixel_size: float, *, bold: bool = False) -> QFont:
    """Return the bundled font with digits of equal width.

    Parameters
    ----------
    pixel_size
        Its height in logical pixels; sizes are in pixels so that a picture is the same on every screen and printer.
    bold
        Semi-bold instead of regular.
    """
    made = QFont(load_fonts())
    made.setPixelSize(max(1, round(pixel_size)))
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def base_pixel_size(widget_font: QFont) -> float:
    """Return how many pixels high a widget's font is: what the canvas scales its own text by."""
    return float(QFontInfo(widget_font).pixelSize())


_ROLES: dict[QPalette.ColorRole, str] = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "window",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "quiet",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "bad",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "link",
    QPalette.ColorRole.LinkVisited: "link",
    QPalette.ColorRole.Light: "border",
    QPalette.ColorRole.Midlight: "hairline",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border",
    QPalette.ColorRole.Shadow: "hairline",
}


def palette(theme: Theme) -> QPalette:
    """Return the theme as a palette for the Fusion style; disabled text is half way to the background."""
    made = QPalette()
    for role, field in _ROLES.items():
        made.setColor(role, theme.color(field))
    faded = mixed(theme.quiet, theme.surface, 0.35)
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, faded)
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, theme.color("border"))
    return made


def style_sheet(theme: Theme) -> str:
    """Return the bundled style sheets with every ``@field`` replaced by the theme's colour."""
    controls = resource_path("controls")
    sheets = (resource_path("style.qss"), controls / "controls.qss")
    sheet = "\n".join(path.read_text(encoding="utf-8") for path in sheets)
    fields = {key: value for key, value in dataclasses.asdict(theme).items() if isinstance(value, str)}
    fields["tick"] = (controls / f"tick_{theme.name}.svg").as_posix()
    for field in sorted(fields, key=len, reverse=True):  # `@canvas_top` before a shorter name that begins alike
        sheet = sheet.replace(f"@{field}", fields[field])
    return sheet


def apply(app: QApplication, theme: Theme, scale: float = 1.0) -> None:
    """Dress the whole application: style, palette, style sheet and font.

    Parameters
    ----------
    app
        The application.
    theme
        A row of `THEMES`.
    scale
        1.5 makes all text half as large again.
    """
    with _nothing_collected():
        app.setStyle("Fusion")
        app.setPalette(palette(theme))
        app.setFont(font(13 * scale))
        app.setStyleSheet(style_sheet(theme))


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep Python from collecting garbage: Qt walks over all widgets, and would come to one that was deleted meanwhile.

    A closed dialog that refers to itself is such garbage, and whatever a widget does when it is dressed collects it.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def icon(name: str, theme: Theme, field: str = "text", selected: str = "") -> QIcon:
    """Return a bundled icon in a colour of the theme, in a fainter one for disabled controls.

    `selected` is its colour in a list's chosen row, if that is another one.
    """
    colour, faded = getattr(theme, field), mixed(theme.quiet, theme.surface, 0.55).name()
    return _icon(name, colour, faded, getattr(theme, selected or field))


@functools.cache
def _icon(name: str, colour: str, faded: str, selected: str) -> QIcon:
    source = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    tints = {QIcon.Mode.Normal: colour, QIcon.Mode.Disabled: faded, QIcon.Mode.Selected: selected}
    return QIcon(Drawing({mode: source.replace("currentColor", tint) for mode, tint in tints.items()}))


def mixed(first: str, second: str, share: float) -> QColor:
    """Return a colour that is `share` (0 to 1) of the way from the first to the second."""
    one, two = QColor(first), QColor(second)
    parts = [round(a + (b - a) * share) for a, b in zip(one.getRgb()[:3], two.getRgb()[:3], strict=True)]  # type: ignore[index]
    return QColor(*parts)


def font_scale(app: QApplication) -> float:
    """Return how much larger than usual the desktop's own font is, from 1 to 2."""
    own = app.property("desktop_pixel_size")
    if own is None:
        own = base_pixel_size(app.font())
        app.setProperty("desktop_pixel_size", own)
    scale = float(own) / 13.0
    return min(2.0, scale) if scale > 1.2 else 1.0
