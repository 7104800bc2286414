"""Text that wraps, with figures that can be followed; nothing jumps when its numbers change."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent

from ui.panels.inspection import Segment
from ui.panels.links import Link, Linked
from ui.theme import Theme, base_pixel_size, font

_WORDS = re.compile(r" +|[^ ]+")
_AIR = 1.32
_INSET = 3.0


class _Fragment(NamedTuple):
    x: float
    line: int
    text: str
    width: float
    segment: Segment


class LinkedText(Linked):
    """Text that wraps between words, and inside those that are too long.

    Parameters
    ----------
    theme, tip
        As of `Linked`.
    size
        Of the font, over that of the widget.
    field
        The colour, by its name in a theme, of plain text that leads nowhere.
    """

    def __init__(self, theme: Theme, tip: Callable[[Any], str], size: float = 1.0, *, field: str = "text") -> None:
        super().__init__(theme, tip)
        self._size, self._field = size, field
        self._segments: tuple[Segment, ...] = ()
        self._placed: list[_Fragment] = []
        self._lines = 1
        self._widest: dict[Any, float] = {}
        self._steady = False

    @property
    def text(self) -> str:
        """Everything that is written."""
        return "".join(segment.text for segment in self._segments)

    def show_segments(self, segments: Sequence[Segment], *, fresh: bool = True, steady: bool = False) -> None:
        """Write something.

        Parameters
        ----------
        segments
            The text.
        fresh
            Whether it is something else than before, not the same with other numbers.
        steady
            Whether the numbers change all the time: then none takes less room than it took before.
        """
        shown = tuple(segments)
        if shown == self._segments and steady == self._steady and not fresh:
            return
        if fresh:
            self.current = -1
        if fresh or not steady:
            self._widest.clear()
            self._lines = 1
            self.setAccessibleName(self.text if shown == self._segments else "".join(each.text for each in shown))
        self._segments, self._steady = shown, steady
        self._flow()

    def _metrics(self, *, strong: bool = False) -> QFontMetricsF:
        return QFontMetricsF(self._font(strong=strong))

    def _font(self, *, strong: bool = False) -> QFont:
        return font(self._size * base_pixel_size(self.font()), bold=strong)

    def _flow(self) -> None:
        """Put all fragments where they belong."""
        room, x, line = max(40.0, self.width() - 2.0 * _INSET), 0.0, 0
        self._placed = []
        for word in self._words(room):
            blank = word[0].text.isspace()
            if x + sum(fragment.width for fragment in word) > room and x > 0.0 and not blank:
                x, line = 0.0, line + 1
            if blank and x == 0.0:
                continue
            for fragment in word:
                if x + fragment.width > room and x > 0.0 and not blank:
                    x, line = 0.0, line + 1
                self._placed.append(fragment._replace(x=x, line=line))
                x += fragment.width
        self._lines = max(self._lines if self._steady else 1, line + 1)
        high = self._metrics().height()
        pitch = high * _AIR
        height = round(self._lines * pitch + 2)
        if height != self.minimumHeight():
            self.setFixedHeight(height)
        # As wide as its text, which may be narrower than the room that is kept for it.
        self.put([
            Link(QRectF(_INSET + each.x, each.line * pitch + 0.5 * (pitch - high),
                        self._metrics(strong=each.segment.strong).horizontalAdvance(each.text), high),
                 each.text, each.segment.target)
            for each in self._placed if each.segment.target is not None
        ])  # fmt: skip
        self.update()

    def _words(self, room: float) -> list[list[_Fragment]]:
        """Return what must stay together: fragments between blanks."""
        words: list[list[_Fragment]] = []
        glued = False
        plain, strong = self._metrics(), self._metrics(strong=True)
        for segment in self._segments:
            metrics = strong if segment.strong else plain
            for part in [segment.text] if segment.target is not None else _WORDS.findall(segment.text):
                blank = part.isspace()
                fragments = [
                    _Fragment(0.0, 0, text, self._width(metrics, text, segment.target), segment)
                    for text in _split(part, metrics, room)
                ]
                if glued and not blank:
                    words[-1] += fragments
                else:
                    words.append(fragments)
                glued = not blank
        return words

    def _width(self, metrics: QFontMetricsF, text: str, target: Any) -> float:
        width = metrics.horizontalAdvance(text)
        if self._steady and target is not None:
            width = self._widest[target] = max(width, self._widest.get(target, 0.0))
        return width

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self._metrics()
        pitch = metrics.height() * _AIR
        fonts = self._font(), self._font(strong=True)
        nth = 0
        for each in self._placed:
            target, strong = each.segment.target, each.segment.strong
            base = each.line * pitch + 0.5 * (pitch - metrics.height()) + metrics.ascent()
            field = "link" if target is not None else "text" if strong else self._field
            painter.setFont(fonts[strong])
            painter.setPen(self.theme.color(field))
            painter.drawText(QPointF(_INSET + each.x, base), each.text)
            if target is not None:
                self.paint_link(painter, nth)
                nth += 1
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lines = 1
            self._flow()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._lines = 1
            self._flow()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(260, self.minimumHeight())


def _split(text: str, metrics: QFontMetricsF, room: float) -> list[str]:
    """Return a text in parts that fit into a line: names of columns can be longer than one."""
    parts: list[str] = []
    while metrics.horizontalAdvance(text) > room and len(text) > 1:
        fits = max(1, int(len(text) * room / metrics.horizontalAdvance(text)))
        while fits > 1 and metrics.horizontalAdvance(text[:fits]) > room:
            fits -= 1
        parts.append(text[:fits])
        text = text[fits:]
    return [*parts, text]
