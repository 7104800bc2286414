"""How long the same update takes in which way, as a table with bars."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.panels.matrix_words import difference_text, duration_text, factor_text, rounded
from ui.theme import Theme, base_pixel_size, font

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.insight.step_times import StepTime, StepTimes

_WORTH = {"rows": "What a matrix is worth: readable array code", "cpu": "What a GPU is worth: the engines that train"}
_WAYS = {"rows": "One row at a time", "matrix": "All rows as a matrix"}
_HEADS = ("", "rows", "one update", "times as fast", "", "rows a second", "∂L/∂w differs by", "new w differs by")
_WAY, _BAR = 0, 4
_COLUMNS = (
    (0, 1, 2, 3, 4, 5, 6, 7), (0, 1, 2, 3, 4, 6, 7), (0, 1, 2, 3, 6, 7), (0, 1, 2, 3, 4, 7), (0, 1, 2, 3, 4),
    (0, 1, 2, 3),
)  # fmt: skip
"""Which columns there is room for."""

_LEAST_BAR, _MOST_BAR = 4.0, 22.0
_LEFT = 2.0


@dataclasses.dataclass(frozen=True)
class Bar:
    """A line of the table: texts for the columns, and the speed over that of the fastest.

    Attributes
    ----------
    group
        What begins with this line; else empty.
    way, first
        What is timed, and whether that is said: it is not the same as in the line before.
    rows, time, factor, speed, gradient, parameters
        As in the heads of the columns.
    share
        How long the bar is, 0 … 1.
    """

    group: str
    way: str
    first: bool
    rows: str
    time: str
    factor: str
    speed: str
    gradient: str
    parameters: str
    share: float

    @property
    def spoken(self) -> str:
        """The line for a screen reader."""
        said = f"{self.way}, {self.rows} rows: {self.time} an update, {self.speed} rows a second"
        return f"{said}, {self.factor}" if self.factor else said

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands in the columns."""
        way = self.way if self.first else ""
        return way, self.rows, self.time, self.factor, "", self.speed, self.gradient, self.parameters


def bars_of(times: "StepTimes") -> tuple[Bar, ...]:
    """Return the lines of a measurement.

    Array code is compared with one row at a time, and the GPU's engine with that of the CPU for the same rows: how
    many times as many rows a second it works off, and how far the gradient and the new parameters lie apart.
    """
    fastest = max(time.rows_per_second for time in times.times)
    before = ""
    bars: list[Bar] = []
    for time in times.times:
        factor, gradient, parameters = _compared(time, times)
        bars.append(
            Bar(
                _WORTH.get(time.way, ""),
                _way(time.way, times),
                time.way != before,
                f"{time.rows:,}",
                duration_text(time.seconds),
                factor,
                f"{rounded(time.rows_per_second):,}",
                gradient,
                parameters,
                time.rows_per_second / fastest,
            )
        )
        if time.way == before:
            bars[-1] = dataclasses.replace(bars[-1], group="")
        before = time.way
    return tuple(bars)


def _way(way: str, times: "StepTimes") -> str:
    if way == "cpu":
        return f"CPU, {times.cpu_engine} engine"
    return f"{times.gpu}, {times.gpu_engine} engine" if way == "gpu" else _WAYS[way]


def _compared(time: "StepTime", times: "StepTimes") -> tuple[str, str, str]:
    """Return how many times as fast it is, and how far the gradient and the new parameters differ."""
    other = times.times[0]
    gradient, parameters = time.gradient_difference, time.parameter_difference
    if time.way == "gpu":
        other = next((each for each in times.times if (each.way, each.copies) == ("cpu", time.copies)), other)
        apart = next((each for each in times.between if each.copies == time.copies), None)
        if apart is not None:
            gradient, parameters = apart.gradient, apart.parameters
    if time is times.times[0]:
        return "", "compared with", "compared with"
    factor = "" if time.way == "cpu" else factor_text(time.rows_per_second / other.rows_per_second)
    return factor, difference_text(gradient), difference_text(parameters)


class TimesTable(QWidget):
    """The table with bars."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.bars: tuple[Bar, ...] = ()
        self.setObjectName("matrices.times")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: tuple[Bar, ...]) -> None:
        """Show other lines."""
        self.bars = bars
        self.setAccessibleName("Times of an update")
        self.setAccessibleDescription("; ".join(bar.spoken for bar in bars))
        self.updateGeometry()
        self.update()

    @property
    def _pitch(self) -> float:
        return 1.7 * base_pixel_size(self.font())

    @property
    def _lines(self) -> float:
        """How many lines high it is: a group begins with a line of its own, and half a line of air."""
        groups = sum(bool(bar.group) for bar in self.bars)
        return len(self.bars) + 1 + 1.4 * groups

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(520, round(self._lines * self._pitch) if self.bars else 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if not self.bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base, theme, pitch = base_pixel_size(self.font()), self.theme, self._pitch
        plain, small, bold = font(base), font(0.88 * base), font(base, bold=True)
        places = self._places(plain, small)
        self._write(painter, places, 0.0, _HEADS, small, "quiet")
        right = max(left + width for left, width in places.values())
        painter.setPen(theme.color("hairline"))
        painter.drawLine(round(_LEFT), round(pitch) - 1, round(right), round(pitch) - 1)
        top = pitch
        for bar in self.bars:
            if bar.group:
                line = QRectF(_LEFT, top + 0.4 * pitch, self.width() - _LEFT, pitch)
                painter.setFont(bold)
                painter.setPen(theme.color("text"))
                title = QFontMetricsF(bold).elidedText(bar.group, Qt.TextElideMode.ElideRight, line.width())
                painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
                top += 1.4 * pitch
            self._write(painter, places, top, bar.texts, plain, "text")
            if _BAR in places:
                left, width = places[_BAR]
                self._paint_bar(painter, QRectF(left, top, width, pitch), bar.share)
            top += pitch
        painter.end()

    def _write(
        self, painter: QPainter, places: Mapping[int, tuple[float, float]], top: float, texts: tuple[str, ...],
        letters: QFont, field: str,
    ) -> None:  # fmt: skip
        """Write a line: the way from the left, numbers from the right."""
        painter.setFont(letters)
        painter.setPen(self.theme.color(field))
        metrics = QFontMetricsF(letters)
        for nth, (left, width) in places.items():
            side = Qt.AlignmentFlag.AlignLeft if nth == _WAY else Qt.AlignmentFlag.AlignRight
            text = metrics.elidedText(texts[nth], Qt.TextElideMode.ElideRight, width + 0.5)
            painter.drawText(QRectF(left, top, width, self._pitch), side | Qt.AlignmentFlag.AlignVCenter, text)

    def _places(self, plain: QFont, small: QFont) -> dict[int, tuple[float, float]]:
        """Return left edge and width of every column that there is room for; the bar takes what is left.

        Where even the fewest columns are too wide, the names of the ways are cut short.
        """
        base = base_pixel_size(self.font())
        metrics, heads, gap = QFontMetricsF(plain), QFontMetricsF(small), 1.4 * base
        widest = [
            max(heads.horizontalAdvance(head), *(metrics.horizontalAdvance(bar.texts[nth]) for bar in self.bars))
            for nth, head in enumerate(_HEADS)
        ]
        widest[_BAR] = _LEAST_BAR * base
        room = self.width() - 2 * _LEFT

        def spare(columns: tuple[int, ...]) -> float:
            return room - sum(widest[nth] for nth in columns) - (len(columns) - 1) * gap

        wanted = next((columns for columns in _COLUMNS if spare(columns) >= 0.0), _COLUMNS[-1])
        left = spare(wanted)
        if left < 0.0:
            widest[_WAY] = max(4.0 * base, widest[_WAY] + left)
        elif _BAR in wanted:
            widest[_BAR] = min(_MOST_BAR * base, widest[_BAR] + left)
        places, at = {}, _LEFT
        for nth in wanted:
            places[nth] = (at, widest[nth])
            at += widest[nth] + gap
        return places

    def _paint_bar(self, painter: QPainter, place: QRectF, share: float) -> None:
        thick = 0.55 * base_pixel_size(self.font())
        bar = QRectF(place.x(), place.center().y() - 0.5 * thick, place.width(), thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("track"))
        painter.drawRoundedRect(bar, 0.5 * thick, 0.5 * thick)
        bar.setWidth(max(0.4 * thick, bar.width() * min(1.0, share)))
        painter.setBrush(self.theme.color("accent"))
        painter.drawRoundedRect(bar, min(0.5 * thick, 0.5 * bar.width()), 0.5 * thick)
