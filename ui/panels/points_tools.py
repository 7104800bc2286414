"""What is drawn with: a button for every class or a value, the eraser, size and density, undo, and the sheet itself."""

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QVBoxLayout, QWidget

from ui.forms import NoWheel
from ui.panels.points_axes import Span, tick_text
from ui.panels.points_brush import DENSEST, LARGEST, LOOSEST, SMALLEST, Brush
from ui.panels.points_picture import Inks
from ui.theme import Theme, icon

MOST_CLASSES = 8
_GAP = 4
_VALUE_STEPS = 40


class Flow(QWidget):
    """Widgets side by side; what does not fit goes into the next line."""

    def __init__(self, gap: int = _GAP) -> None:
        super().__init__()
        self._gap = gap
        self._widgets: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def put(self, widgets: Sequence[QWidget]) -> None:
        """Show these widgets in this order; those that were there before, and are not among them, are hidden."""
        for widget in self._widgets:
            widget.setVisible(widget in widgets)
        self._widgets = list(widgets)
        for widget in widgets:
            if widget.parentWidget() is not self:
                widget.setParent(self)
            widget.show()
        self.arrange()

    def arrange(self) -> None:
        """Put every widget in its place."""
        x = y = tall = 0
        for widget in self._widgets:
            size = widget.sizeHint().expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())
            if x and x + size.width() > self.width():
                x, y, tall = 0, y + tall + self._gap, 0
            widget.setGeometry(x, y, min(size.width(), max(self.width(), 20)), size.height())
            x, tall = x + size.width() + self._gap, max(tall, size.height())
        if y + tall != self.minimumHeight():
            self.setFixedHeight(y + tall)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.arrange()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(180, self.minimumHeight())


class Tools(QWidget):
    """The tools of the plane.

    Signals
    -------
    brush_changed
        `Brush`.
    class_wanted, clear_wanted, undo_wanted, redo_wanted, save_wanted
        A button was pressed.
    """

    brush_changed = Signal(object)
    class_wanted = Signal()
    clear_wanted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.brush = theme, Brush()
        self._classes: tuple[str, ...] = ()
        self._span: Span | None = None
        self._inks = Inks(theme, 2)
        self.classes = Flow()
        self._swatches: list[QToolButton] = []
        self.eraser = self._button("eraser", "Eraser", "Erase points (E); the right mouse button does so, too")
        self.eraser.setCheckable(True)
        self.more = self._button("more", "Add a class", "Add a class: a new network with one more output")
        self.value, self._value = self._slider(
            "value", "Value", "The value of the points that are drawn", 0, _VALUE_STEPS
        )
        self.width_line, self._size = self._slider(
            "size", "Brush size", "How far from the pointer points are drawn, or erased (+ and −)", SMALLEST, LARGEST
        )
        self.density, self._density = self._slider(
            "density", "Density", "How many points a stroke leaves", LOOSEST, DENSEST
        )
        self.sheet = Flow()
        self.deeds = {
            "undo": self._button("undo", "Undo", "Take the last stroke back (Ctrl+Z in the plane)"),
            "redo": self._button("redo", "Redo", "Draw the stroke again that was taken back (Ctrl+Shift+Z)"),
            "clear": self._button("clear", "Clear", "Take all points away, to draw one's own"),
            "save": self._button("save", "Save points", "Write the points to a CSV file"),
        }
        self.ground = self._button(
            "ground", "What the network says", "Colour every place of the plane as the network would answer there"
        )
        self.ground.setCheckable(True)
        self.ground.setChecked(True)
        signals = (self.undo_wanted, self.redo_wanted, self.clear_wanted, self.save_wanted)
        for button, signal in zip(self.deeds.values(), signals, strict=True):
            button.clicked.connect(lambda _on=False, signal=signal: signal.emit())
        self.deeds["clear"].setText("Clear")
        self.deeds["save"].setText("Save …")
        self.sheet.put([self.ground, *self.deeds.values()])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.classes, self.value, self.width_line, self.density, self.sheet):
            column.addWidget(widget)
        self.eraser.clicked.connect(lambda _on: self.hold(erasing=True))
        self.more.clicked.connect(self.class_wanted)
        self._value.valueChanged.connect(lambda step: self.hold(target=self._value_at(step), erasing=False))
        self._size.valueChanged.connect(lambda size: self.hold(size=size))
        self._density.valueChanged.connect(lambda density: self.hold(density=density))
        self.show_targets((), None, self._inks)
        self.hold()

    @property
    def classes_shown(self) -> tuple[str, ...]:
        """The classes that are offered; none for values."""
        return self._classes

    # -- what is offered ----------------------------------------------------------------------------------------

    def show_targets(self, classes: tuple[str, ...], span: Span | None, inks: Inks) -> None:
        """Offer the classes of a data set, or the values between two ends."""
        self._inks = inks
        if classes != self._classes or span != self._span or not self._swatches:
            self._classes, self._span = classes, span
            target = self.brush.target
            if classes:
                target = float(min(max(0, int(target)), len(classes) - 1))
            elif span is not None:
                target = min(max(target, span.low), span.high)
            self.brush = dataclasses.replace(self.brush, target=target)
            self._make_swatches()
        self.value.setVisible(not classes and span is not None)
        self.hold()

    def _make_swatches(self) -> None:
        for button in self._swatches:
            button.deleteLater()
        self._swatches = []
        for place, name in enumerate(self._classes):
            key = f" ({place + 1})" if place < 9 else ""
            button = self._button(f"class.{place}", name, f"Draw points of class {name}{key}")
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setText(button.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 96))
            button.clicked.connect(lambda _on=False, place=place: self.hold(target=float(place), erasing=False))
            self._swatches.append(button)
        if not self._classes:
            brush = self._button("brush", "Brush", "Draw points of the value below")
            brush.setCheckable(True)
            brush.setText("Brush")
            brush.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            brush.clicked.connect(lambda _on=False: self.hold(erasing=False))
            self._swatches.append(brush)
        self.classes.put([*self._swatches, *([self.more] if self._classes else []), self.eraser])

    def hold(self, **changed: float | bool) -> None:
        """Take another tool, or change it."""
        before = self.brush
        self.brush = dataclasses.replace(before, **changed)  # type: ignore[arg-type]
        for place, button in enumerate(self._swatches):
            mine = not self._classes or place == int(self.brush.target)
            button.setChecked(mine and not self.brush.erasing)
            button.setIcon(disc(self._inks.of(float(place) if self._classes else self.brush.target), self.theme))
        self.eraser.setChecked(self.brush.erasing)
        for slider, value in ((self._size, self.brush.size), (self._density, self.brush.density)):
            slider.setValue(value)
            slider.number.setText(str(value))
        if self._span is not None and not self._classes:
            share = (self.brush.target - self._span.low) / self._span.length
            self._value.blockSignals(True)
            self._value.setValue(round(share * _VALUE_STEPS))
            self._value.blockSignals(False)
            self._value.number.setText(tick_text(float(f"{self.brush.target:.3g}")))
        self.classes.arrange()
        if self.brush != before:
            self.brush_changed.emit(self.brush)

    def choose(self, place: int) -> None:
        """Take the brush of a class by its number; of a value, the tenth parts of the way from low to high."""
        if self._classes:
            if place < len(self._classes):
                self.hold(target=float(place), erasing=False)
        elif self._span is not None:
            self.hold(target=self._span.low + self._span.length * min(place, 8) / 8.0, erasing=False)

    def toggle_eraser(self) -> None:
        """Take the eraser, or the brush again."""
        self.hold(erasing=not self.brush.erasing)

    def allow(self, *, drawing: bool, undo: bool, redo: bool, points: bool, reason: str) -> None:
        """Enable what can be done; the tooltip of what cannot says why."""
        for widget in (*self._swatches, self.eraser, self._size, self._density, self._value):
            widget.setEnabled(drawing)
        self.more.setEnabled(drawing and len(self._classes) < MOST_CLASSES)
        for name, allowed in (("undo", undo), ("redo", redo), ("clear", points and drawing), ("save", points)):
            button = self.deeds[name]
            button.setEnabled(allowed)
            why = reason if name in ("clear", "save") and reason else "There is nothing to take back."
            button.setToolTip(button.accessibleDescription() + ("" if allowed else f"\n{why}"))

    def set_theme(self, theme: Theme, inks: Inks) -> None:
        """Take the colours of a theme."""
        self.theme, self._inks = theme, inks
        for button, sign in (
            (self.eraser, "eraser"), (self.more, "plus"), (self.deeds["undo"], "undo"), (self.deeds["redo"], "redo"),
            (self.ground, "eye"),
        ):  # fmt: skip
            button.setIcon(icon(sign, theme))
        self.hold()

    def _value_at(self, step: int) -> float:
        span = self._span or Span(-1.0, 1.0)
        return span.low + span.length * step / _VALUE_STEPS

    # -- making -------------------------------------------------------------------------------------------------

    def _button(self, name: str, title: str, tip: str) -> QToolButton:
        made = QToolButton(self)
        made.setObjectName(f"points.{name}")
        made.setAccessibleName(title)
        made.setAccessibleDescription(tip)
        made.setToolTip(tip)
        made.setAutoRaise(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setIconSize(QSize(16, 16))
        return made

    def _slider(self, name: str, title: str, tip: str, low: int, high: int) -> "tuple[QWidget, Slider]":
        holder, slider = QWidget(), Slider()
        slider.setObjectName(f"points.{name}")
        slider.setAccessibleName(title)
        slider.setToolTip(tip)
        slider.setRange(low, high)
        slider.installEventFilter(NoWheel(slider))
        label = QLabel(title)
        label.setBuddy(slider)
        label.setToolTip(tip)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance("Brush size "))
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(label)
        line.addWidget(slider, 1)
        line.addWidget(slider.number)
        return holder, slider


class Slider(QSlider):
    """A slider with its number beside it, which does not shift what stands around it."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setMinimumWidth(60)
        self.number = QLabel("0")
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("−0.00"))


def disc(colour: QColor, theme: Theme) -> QIcon:
    """Return a filled disc as an icon, with a quiet one for disabled buttons."""
    made = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, theme.color("border"))):
        pixmap = QPixmap(32, 32)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1.5))
        painter.setBrush(ink)
        painter.drawEllipse(6, 6, 20, 20)
        painter.end()
        made.addPixmap(pixmap, mode)
    return made
