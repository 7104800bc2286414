"""What has figures that can be followed, by mouse and by keyboard."""

from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)  # fmt: skip
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import Theme


class Link(NamedTuple):
    """Where a link is, what it says, and where it leads."""

    place: QRectF
    text: str
    target: Any


class Linked(QWidget):
    """A widget that paints links: they can be hovered, clicked, and walked through with Tab, Up and Down.

    Signals
    -------
    followed
        The target of the link that was clicked, or on which Enter was pressed.
    reached
        QRectF: the link that the keyboard came to, to be scrolled into sight.
    pointed
        The target of the link that the pointer, or else the keyboard, is on; None when it leaves.

    Parameters
    ----------
    theme
        Colours.
    tip
        What a target is, for tooltips and screen readers.
    """

    followed = Signal(object)
    reached = Signal(object)
    pointed = Signal(object)

    def __init__(self, theme: Theme, tip: Callable[[Any], str]) -> None:
        super().__init__()
        self.theme = theme
        self.links: list[Link] = []
        self.current = -1
        self._tip = tip
        self._hovered = -1
        self._pointer: QPointF | None = None
        self._pointed: Any = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    def put(self, links: list[Link]) -> None:
        """Have other links; the one that the keyboard is on keeps it if it is still there."""
        before = self.links[self.current].target if 0 <= self.current < len(self.links) else None
        self.links = links
        self._hovered = -1 if self._pointer is None else self.link_at(self._pointer)
        if before is not None:
            same = [nth for nth, link in enumerate(links) if link.target == before]
            self.current = same[0] if same else min(self.current, len(links) - 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if links else Qt.FocusPolicy.NoFocus)
        self._point()

    def paint_link(self, painter: QPainter, nth: int) -> None:
        """Draw what shows that a link is one; its text is drawn by the widget."""
        place, lit = self.links[nth].place, nth in (self._hovered, self.current if self.hasFocus() else -1)
        colour = self.theme.color("link")
        if not lit:
            colour.setAlphaF(0.35)
        painter.setPen(QPen(colour, 1.0))
        base = place.bottom() - 1.5
        painter.drawLine(QPointF(place.left(), base), QPointF(place.right(), base))
        if self.hasFocus() and nth == self.current:
            painter.setPen(QPen(self.theme.color("accent"), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(-2.5, -0.5, 2.5, 0.5), 3, 3)

    def link_at(self, point: QPointF) -> int:
        """Return which link is at a point, −1 for none."""
        return next(
            (nth for nth, link in enumerate(self.links) if link.place.adjusted(-2, -2, 2, 2).contains(point)), -1
        )

    def follow(self, nth: int) -> None:
        """Go where a link leads."""
        if 0 <= nth < len(self.links):
            self.followed.emit(self.links[nth].target)

    def _point(self) -> None:
        """Tell whom it concerns which link the pointer, or else the keyboard, is on."""
        nth = self._hovered if self._hovered >= 0 else self.current if self.hasFocus() else -1
        target = self.links[nth].target if 0 <= nth < len(self.links) else None
        if target != self._pointed:
            self._pointed = target
            self.pointed.emit(target)

    # -- keyboard -----------------------------------------------------------------------------------------------

    def enter(self, nth: int) -> None:
        """Put the keyboard on a link."""
        self.current = nth
        if 0 <= nth < len(self.links):
            link = self.links[nth]
            # Screen readers hear a change of the description of what has the focus.
            self.setAccessibleDescription(f"{link.text}: {self._tip(link.target)}".replace("\n", ". "))
            self.reached.emit(link.place)
        self._point()
        self.update()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        to = self.current + (1 if forward else -1)
        if self.hasFocus() and 0 <= to < len(self.links):
            self.enter(to)
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        reason = event.reason()
        if reason == Qt.FocusReason.BacktabFocusReason:
            self.enter(len(self.links) - 1)
        elif reason not in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.enter(min(max(0, self.current), len(self.links) - 1))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.current = -1
        self._point()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.follow(self.current)
        elif plain and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    # -- pointer ------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._pointer = event.position()
        self._hover(self.link_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        nth = self.link_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and nth >= 0:
            self.current = nth
            self.follow(nth)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().leaveEvent(event)
        self._pointer = None
        self._hover(-1)

    def _hover(self, nth: int) -> None:
        if nth != self._hovered:
            self._hovered = nth
            self.setCursor(Qt.CursorShape.PointingHandCursor if nth >= 0 else Qt.CursorShape.ArrowCursor)
            self._point()
            self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            nth = self.link_at(QPointF(event.pos()))
            if nth >= 0:
                QToolTip.showText(event.globalPos(), self._tip(self.links[nth].target), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
