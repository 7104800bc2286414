"""How long the same update takes in which way, as a table with bars and as sentences."""

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme, base_pixel_size, font

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.insight.step_times import StepTimes

_WAYS = {
    "rows": "One row at a time",
    "matrix": "All rows as a matrix",
    "cpu": "As in training, CPU",
    "gpu": "As in training, GPU",
}
_SHORT = {
    _WAYS["rows"]: "Row by row",
    _WAYS["matrix"]: "Matrix",
    _WAYS["cpu"]: "Training, CPU",
    _WAYS["gpu"]: "Training, GPU",
}
_HEADS = ("", "rows", "one update", "rows a second", "", "largest difference of ∂L/∂w")
_BAR, _LAST = 4, 5
_COLUMNS = ((0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4), (0, 1, 2, 3))
"""Which columns there is room for: the difference goes first, then the bar."""

_LEAST_BAR = 4.0


@dataclasses.dataclass(frozen=True)
class Bar:
    """A line of the table: texts for the columns, and the speed over that of the fastest."""

    way: str
    rows: str
    time: str
    speed: str
    difference: str
    share: float

    @property
    def spoken(self) -> str:
        """The line for a screen reader."""
        return f"{self.way}, {self.rows} rows: {self.time} an update, {self.speed} rows a second"


def bars_of(times: "StepTimes") -> tuple[Bar, ...]:
    """Return the lines of a measurement."""
    fastest = max(time.rows_per_second for time in times.times)
    return tuple(
        Bar(
            _WAYS[time.way],
            f"{time.rows:,}",
            duration_text(time.seconds),
            f"{_rounded(time.rows_per_second):,}",
            "compared with" if not nth else difference_text(time.gradient_difference),
            time.rows_per_second / fastest,
        )
        for nth, time in enumerate(times.times)
    )


def conclusion(times: "StepTimes") -> str:
    """Return in plain words what was found."""
    first, best = times.times[0], max(times.times, key=lambda time: time.rows_per_second)
    where = "on the GPU" if best.way == "gpu" else "on the CPU"
    factor = _times(best.rows_per_second / first.rows_per_second)
    text = f"As a matrix of {best.rows:,} rows {where}, {factor} as many rows a second."
    worst = max(
        (time.parameter_difference for time in times.times), key=lambda size: math.inf if size != size else size
    )
    if math.isnan(worst):
        text += " The results are not finite, so they cannot be compared."
    else:
        text += f" The new weights differ by at most {difference_text(worst)}: rounding in {times.dtype}."
    if times.rows < times.batch_rows:
        text += f" The first {times.rows:,} of the batch's {times.batch_rows:,} rows stand for all."
    return text


def gpu_text(times: "StepTimes") -> str:
    """Return why no GPU was used and how one is had; empty where one was."""
    if not times.missing:
        return ""
    # The advice is that of the command line, whose own way out means nothing here.
    advice = times.advice.replace(", or use --device cpu", "").replace("Use --device cpu.", "").strip()
    return f"No GPU: {times.missing}. {advice}".strip()


def duration_text(seconds: float) -> str:
    """Return a time with three digits that count: ``98.5 µs``, ``1.20 ms``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            value = seconds / size
            return f"{value:.{max(0, 2 - math.floor(math.log10(max(value, 1.0))))}f} {unit}"
    return ""


def difference_text(size: float) -> str:
    """Return a difference with two digits that count: ``1.6e−7``."""
    return "unknown" if math.isnan(size) else f"{size:.2g}".replace("e-0", "e−").replace("e-", "e−")


def _rounded(number: float) -> int:
    """Return a number with three digits that count."""
    power = 10 ** max(0, math.floor(math.log10(max(number, 1.0))) - 2)
    return round(number / power) * power


def _times(factor: float) -> str:
    return f"{_rounded(factor):,} times" if factor >= 10 else f"{factor:.1f} times"


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

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(520, round((len(self.bars) + 1) * self._pitch) if self.bars else 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if not self.bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base, theme = base_pixel_size(self.font()), self.theme
        plain, small = font(base), font(0.88 * base)
        metrics, heads = QFontMetricsF(plain), QFontMetricsF(small)
        gap = 1.5 * base
        tried = (self._columns(wanted, metrics, heads) for wanted in _COLUMNS)
        fits = (each for each in tried if self._spare(each[1], gap) >= (_LEAST_BAR * base if _BAR in each[1] else 0.0))
        lines, widths = next(fits, None) or self._columns(_COLUMNS[-1], metrics, heads)
        if _BAR in widths:
            widths[_BAR] = min(26.0 * base, self._spare(widths, gap))
        middle, left = Qt.AlignmentFlag.AlignVCenter, 2.0
        for nth in widths:
            side = Qt.AlignmentFlag.AlignLeft if nth in (0, _LAST) else Qt.AlignmentFlag.AlignRight
            for line in range(len(lines) + 1):
                place = QRectF(left, line * self._pitch, widths[nth], self._pitch)
                painter.setFont(plain if line else small)
                painter.setPen(theme.color("text" if line and nth != _LAST else "quiet"))
                painter.drawText(place, side | middle, lines[line - 1][nth] if line else _HEADS[nth])
                if line and nth == _BAR:
                    self._paint_bar(painter, place, self.bars[line - 1].share)
            left += widths[nth] + gap
        painter.setPen(theme.color("hairline"))
        painter.drawLine(2, round(self._pitch) - 1, round(left - gap), round(self._pitch) - 1)
        painter.end()

    def _columns(
        self, wanted: tuple[int, ...], metrics: QFontMetricsF, heads: QFontMetricsF
    ) -> tuple[list[list[str]], dict[int, float]]:
        """Return the texts of all lines, and how wide the wanted columns are; the bar takes what is left."""
        lines = [
            [bar.way if _LAST in wanted or _BAR in wanted else _SHORT[bar.way], bar.rows, bar.time, bar.speed, "",
             bar.difference]
            for bar in self.bars
        ]  # fmt: skip
        widths = {
            nth: max(heads.horizontalAdvance(_HEADS[nth]), *(metrics.horizontalAdvance(line[nth]) for line in lines))
            for nth in wanted
        }
        return lines, widths

    def _spare(self, widths: Mapping[int, float], gap: float) -> float:
        return self.width() - sum(widths.values()) - (len(widths) - 1) * gap - 4.0

    def _paint_bar(self, painter: QPainter, place: QRectF, share: float) -> None:
        thick = 0.55 * base_pixel_size(self.font())
        bar = QRectF(place.x(), place.center().y() - 0.5 * thick, place.width(), thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("track"))
        painter.drawRoundedRect(bar, 0.5 * thick, 0.5 * thick)
        bar.setWidth(max(0.4 * thick, bar.width() * min(1.0, share)))
        painter.setBrush(self.theme.color("accent"))
        painter.drawRoundedRect(bar, min(0.5 * thick, 0.5 * bar.width()), 0.5 * thick)
