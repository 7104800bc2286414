"""The shapes that can be generated: a small picture of each, and the settings of the chosen one."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ui.forms import Form
from ui.panels.panel import style_label, text_label
from ui.panels.points_picture import Inks, value_span
from ui.panels.points_tools import Flow
from ui.theme import Theme, icon

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data.generators import Shape

EMPTY = "empty"
_TILE = 35
_SAMPLES = 130
_FILLING = 520
"""How many points a picture has: along curves, and of what fills the plane."""
_SHARED = ("noise", "samples", "imbalance", "seed")


class Shapes(QWidget):
    """Chooses a shape and its settings.

    Signals
    -------
    wanted
        (name, `Shape`): points are to be generated.
    empty_wanted
        An empty sheet is to be begun.
    """

    wanted = Signal(str, object)
    empty_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.name, self.shape = "", None
        self._kept: dict[str, Shape] = {}
        self.tiles: dict[str, QToolButton] = {}
        self.gallery = Flow(3)
        self.title = QLabel("Choose a shape")
        style_label(self.title, "heading")
        self.about = text_label(role="quiet")
        self.form: Form | None = None
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 2, 0, 0)
        self.refusal = text_label()
        self.refusal.setObjectName("points.refusal")
        self.refusal.setProperty("refusal", True)
        self.refusal.hide()
        self.again = QToolButton()
        self.again.setObjectName("points.again")
        self.again.setText("New points")
        self.again.setAccessibleName("New points")
        self.again.setToolTip("Draw the same shape by another seed")
        self.again.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.again.setIconSize(QSize(16, 16))
        self.again.clicked.connect(self._another_seed)
        self.again.hide()
        line = QHBoxLayout()
        line.addWidget(self.title, 1)
        line.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.gallery)
        column.addWidget(self.about)
        column.addLayout(self._place)
        column.addWidget(self.refusal)
        column.addStretch(1)

    def fill(self) -> None:
        """Offer every generator; called when the panel is first seen."""
        from simulator.data.generators import GENERATORS

        if self.tiles:
            return
        for name, row in GENERATORS.items():
            self._tile(name, row.title, row.description)
        self._tile(EMPTY, "Empty", "An empty plane for points of your own.")
        self.gallery.put(list(self.tiles.values()))
        self._draw_tiles()

    def _tile(self, name: str, title: str, tip: str) -> None:
        tile = QToolButton()
        tile.setObjectName(f"points.shape.{name}")
        tile.setAccessibleName(title)
        tile.setAccessibleDescription(tip)
        tile.setToolTip(f"{title}\n{tip}")
        tile.setCheckable(True)
        tile.setIconSize(QSize(_TILE, _TILE))
        tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tile.clicked.connect(lambda _on=False: self._choose(name))
        self.tiles[name] = tile

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.again.setIcon(icon("new_weights", theme))
        self._draw_tiles()

    def show_shape(self, name: str, shape: "Shape | None") -> None:
        """Show which shape the points have; an empty name for none of them."""
        self.refuse("")
        self.name, self.shape = name, shape
        for each, tile in self.tiles.items():
            tile.setChecked(each == name)
        self._describe()
        self.again.setVisible(shape is not None)
        if shape is None:
            self._drop_form()
        elif self.form is not None and type(self.form.value) is type(shape):
            self.form.show_value(shape)
        else:
            self._drop_form()
            self.form = Form(shape, _order(shape))
            self.form.changed.connect(self._changed)
            self._place.addWidget(self.form)

    def refuse(self, text: str) -> None:
        """Say why points cannot be generated."""
        self.refusal.setText(text)
        self.refusal.setVisible(bool(text))

    def _describe(self) -> None:
        from simulator.data.generators import GENERATORS

        row = GENERATORS.get(self.name)
        tile = self.tiles.get(self.name)
        self.title.setText(row.title if row else tile.accessibleName() if tile else "Choose a shape")
        self.about.setText(row.description if row else tile.accessibleDescription() if tile else "")
        self.about.setVisible(bool(self.about.text()))

    def _drop_form(self) -> None:
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.deleteLater()
            self.form = None

    # -- wishes -------------------------------------------------------------------------------------------------

    def _choose(self, name: str) -> None:
        from simulator.data.generators import GENERATORS

        for each, tile in self.tiles.items():
            tile.setChecked(each == name)
        if name == EMPTY:
            self.empty_wanted.emit()
            return
        shape = self._kept.get(name) or GENERATORS[name].shape()
        self.show_shape(name, shape)
        self.wanted.emit(name, shape)

    def _changed(self, shape: "Shape") -> None:
        self.shape = self._kept[self.name] = shape
        self.wanted.emit(self.name, shape)

    def _another_seed(self) -> None:
        if self.shape is not None and self.form is not None:
            shape = dataclasses.replace(self.shape, seed=(self.shape.seed + 1) % 2**31)
            self.form.show_value(shape)
            self._changed(shape)

    # -- pictures -----------------------------------------------------------------------------------------------

    def _draw_tiles(self) -> None:
        for name, tile in self.tiles.items():
            tile.setIcon(QIcon(_empty_picture(self.theme) if name == EMPTY else _picture(name, self.theme)))


def _order(shape: Any) -> list[str]:
    """Return the names of a shape's settings: its own before those that all have."""
    from simulator.fields import settings_of

    names = [each.name for each in settings_of(shape)]
    return [name for name in names if name not in _SHARED] + [name for name in _SHARED if name in names]


def _picture(name: str, theme: Theme) -> QPixmap:
    """Return a small picture of a shape, without noise but for clouds, which would be single points."""
    from simulator.data.generators import generated

    curve = name in ("circles", "moons", "spirals", "swiss_roll", "gaussians")
    few = {"samples": _SAMPLES if curve else _FILLING, "noise": 0.9 if name == "gaussians" else 0.0}
    frame = generated(name, **few).frame
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    if "class" in frame:
        names = frame["class"].to_numpy()
        target = np.array([ord(each) - ord("A") for each in names], dtype=np.float64)
        inks = Inks(theme, int(target.max()) + 1)
    else:
        target = frame["value"].to_numpy(dtype=np.float64)
        inks = Inks(theme, 0, value_span(target))
    pixmap, painter = _blank(theme)
    colours, places = inks.colours(), inks.places(target)
    painter.setPen(Qt.PenStyle.NoPen)
    for across, down, place in zip(x / 11.8 + 0.5, 0.5 - y / 11.8, places, strict=True):
        painter.setBrush(colours[int(place)])
        painter.drawEllipse(QPointF(_TILE * across, _TILE * down), 1.2, 1.2)
    painter.end()
    return pixmap


def _empty_picture(theme: Theme) -> QPixmap:
    pixmap, painter = _blank(theme)
    pen = QPen(theme.color("quiet"), 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    middle, arm = 0.5 * _TILE, 0.17 * _TILE
    painter.drawLine(QPointF(middle - arm, middle), QPointF(middle + arm, middle))
    painter.drawLine(QPointF(middle, middle - arm), QPointF(middle, middle + arm))
    painter.end()
    return pixmap


def _blank(theme: Theme) -> tuple[QPixmap, QPainter]:
    """Return a small ground, twice as fine as the screen may be, and what draws on it."""
    pixmap = QPixmap(2 * _TILE, 2 * _TILE)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("canvas_bottom"))
    painter.drawRoundedRect(0, 0, _TILE, _TILE, 4, 4)
    return pixmap, painter
