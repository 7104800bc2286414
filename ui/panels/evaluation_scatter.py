"""Predicted values as points: against the true ones, or what is left over against the prediction."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from simulator.insight.residuals import round_step
from ui.canvas.picture import grouped, pretty_name, value_text
from ui.panels.evaluation_plot import REACH, Plot
from ui.panels.evaluation_values import Values
from ui.theme import Theme

Doubles = NDArray[np.float64]
PREDICTED, RESIDUALS = "predicted", "residuals"
_MOST = 4_000
"""So many points are drawn one by one; more are drawn as a cloud whose density is seen."""

_DRAG = 6.0
_TIPS = {
    PREDICTED: "A point is a row: the true value along, the predicted one upwards. On the diagonal it is right.\n",
    RESIDUALS: "A point is a row: the predicted value along, y − ŷ upwards; above zero it is predicted too small.\n"
    "At the right side: how often each residual occurs.\n",
}
_KEYS = (
    "Click chooses a row; drag over points to see them in the table. ← → walk from point to point, Enter shows the row."
)


class Scatter(Plot):
    """A point a row.

    Signals
    -------
    row_chosen
        int: somebody chose a row of the raw table.
    row_pointed
        int: the row that the pointer is on, or −1.
    """

    row_chosen = Signal(int)
    row_pointed = Signal(int)

    def __init__(self, kind: str, theme: Theme) -> None:
        title = "Predicted against true values" if kind == PREDICTED else "Residuals"
        super().__init__(f"evaluation.{kind}", title, theme)
        self.kind = kind
        self.setToolTip(_TIPS[kind] + _KEYS)
        self.found: Values | None = None
        self.unit, self.target = "", ""
        self.brush: QRectF | None = None
        self._pressed: QPointF | None = None
        self._hovered = -1
        self._marks: tuple[int, int] = (-1, -1)
        self.across: Doubles = np.zeros(0)
        self.up: Doubles = np.zeros(0)
        self.right = 0.2 if kind == RESIDUALS else 0.0

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_judged(self, found: Values) -> None:
        """Show other predictions."""
        self.found = found
        self.target, self.unit = pretty_name(found.predictions.dataset.recipe.target)
        unit = f" ({self.unit})" if self.unit else ""
        if self.kind == PREDICTED:
            self.x_title, self.y_title = f"True {self.target}{unit}", f"Predicted{unit}"
            self.across, self.up = found.truth, found.said
        else:
            self.x_title, self.y_title = f"Predicted {self.target}{unit}", f"y − ŷ{unit}"
            self.across, self.up = found.said, found.residuals.each
        self._span()
        if 0 <= self._hovered < len(self.across):
            self.said.emit(self.sentence(self._hovered))
        self.setAccessibleDescription(", ".join(f"{name} {value_text(value)}" for name, value in found.figures.items()))
        self.update()

    def _span(self) -> None:
        """Choose the axes.

        They are round numbers around the true values, so that they seldom move, and go no further than once more their
        width, so that one wild prediction does not hide all others.
        """
        assert self.found is not None
        truth = self.found.truth[np.isfinite(self.found.truth)]
        if not len(truth):
            return
        low, high = float(truth.min()), float(truth.max())
        wide = high - low or max(abs(low), 1.0)
        said = self.found.said[np.isfinite(self.found.said)]
        bounds = _rounded(*_reached(said, low, high, wide), wide)
        if self.kind == PREDICTED:
            self.x_range = self.y_range = bounds
        else:
            left = np.abs(self.up[np.isfinite(self.up)])
            half = min(float(left.max()), 2.0 * wide) if len(left) else wide
            step = round_step(max(half, 1e-9 * wide) / 4.0)
            half = step * math.ceil(1.04 * half / step)
            self.x_range, self.y_range = bounds, (-half, half)

    @property
    def beyond(self) -> int:
        """How many points lie outside, and are drawn at the edge."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        with np.errstate(invalid="ignore"):
            inside = (self.across >= x0) & (self.across <= x1) & (self.up >= y0) & (self.up <= y1)
        return len(self.across) - int(inside.sum())

    def mark(self, chosen: int | None, pointed: int | None) -> None:
        """Mark the chosen row and the one that a pointer is on."""
        marks = tuple(-1 if row is None else self._place(row) for row in (chosen, pointed))
        if marks != self._marks:
            self._marks = (marks[0], marks[1])
            self.update()

    def _place(self, row: int) -> int:
        where = np.zeros(0, np.int64) if self.found is None else np.flatnonzero(self.found.rows == row)
        return int(where[0]) if len(where) else -1

    def sentence(self, place: int) -> str:
        """Return what the network says of a row, in a sentence."""
        found = self.found
        if found is None:
            return ""
        true, said, off = (float(each[place]) for each in (found.truth, found.said, found.residuals.each))
        texts = [value_text(each, self.unit) for each in (said, true, off)]
        return f"Row {grouped(int(found.rows[place]) + 1)}: {texts[0]}, true {texts[1]}, off by {texts[2]}"

    # -- painting -----------------------------------------------------------------------------------------------

    def _pixels(self) -> tuple[Doubles, Doubles]:
        """Return where the points stand; those outside at the edge."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        return self.at(np.clip(self.across, x0, x1), np.clip(self.up, y0, y1))

    def _colour(self, *, tested: bool) -> QColor:
        return QColor(self.theme.classes[int(tested)])  # as in the curves

    def paint_content(self, painter: QPainter, room: QRectF) -> None:
        found = self.found
        if found is None:
            return
        if not np.isfinite(self.up).any():
            self.paint_note(painter, "The network's outputs are no numbers.")
            return
        painter.setPen(QPen(self.theme.color("quiet"), 1.0, Qt.PenStyle.DashLine))
        if self.kind == PREDICTED:
            low, high = self.x_range
            painter.drawLine(self.point(low, low), self.point(high, high))
        else:
            painter.drawLine(self.point(self.x_range[0], 0.0), self.point(self.x_range[1], 0.0))
            self._paint_histogram(painter, room)
        across, down = self._pixels()
        self._paint_rows(painter, room, across, down)
        whole = np.isfinite(across) & np.isfinite(down)
        for place, field in zip(self._marks, ("text", "accent"), strict=True):
            if 0 <= place < len(across) and whole[place]:
                painter.setPen(QPen(self.theme.color(field), 1.8))
                painter.setBrush(self._colour(tested=bool(found.tested[place])))
                painter.drawEllipse(QPointF(float(across[place]), float(down[place])), 5.0, 5.0)
        if self.brush is not None:
            shade = self.theme.color("accent")
            painter.setPen(QPen(shade, 1.0))
            shade.setAlphaF(0.14)
            painter.setBrush(shade)
            painter.drawRect(self.brush)
        self._paint_key(painter, room)

    def _paint_rows(self, painter: QPainter, room: QRectF, across: Doubles, down: Doubles) -> None:
        assert self.found is not None
        whole = np.isfinite(across) & np.isfinite(down)
        for tested in (False, True):
            held = whole & (self.found.tested == tested)
            if held.sum() > _MOST:
                self._paint_cloud(painter, room, across[held], down[held], self._colour(tested=tested))
            else:
                self._paint_points(painter, across[held], down[held], self._colour(tested=tested))

    def _paint_points(self, painter: QPainter, across: Doubles, down: Doubles, colour: QColor) -> None:
        if not len(across):
            return
        colour.setAlphaF(0.8 if len(across) < 400 else 0.5)
        painter.setPen(QPen(colour, 5.6 if len(across) < 1000 else 4.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QPolygonF([QPointF(*each) for each in zip(across.tolist(), down.tolist(), strict=True)]))

    def _paint_cloud(self, painter: QPainter, room: QRectF, across: Doubles, down: Doubles, colour: QColor) -> None:
        """Paint very many points at once: the more of them in a square of two pixels, the stronger its colour."""
        wide, high = int(room.width() / 2) + 1, int(room.height() / 2) + 1
        column = np.clip(((across - room.left()) / 2).astype(np.int64), 0, wide - 1)
        line = np.clip(((down - room.top()) / 2).astype(np.int64), 0, high - 1)
        counts = np.bincount(line * wide + column, minlength=wide * high).reshape(high, wide)
        shade = np.log1p(counts) / np.log1p(max(int(counts.max()), 1))
        pixels = np.zeros((high, wide, 4), np.uint8)
        pixels[..., :3] = (colour.red(), colour.green(), colour.blue())
        pixels[..., 3] = np.where(counts > 0, 70 + 185 * shade, 0)
        image = QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888)
        painter.drawImage(QRectF(room.left(), room.top(), 2.0 * wide, 2.0 * high), image)

    def _paint_histogram(self, painter: QPainter, room: QRectF) -> None:
        assert self.found is not None
        counts, edges = self.found.histogram
        if not len(counts):
            return
        wide = self.width() - room.right() - 22.0
        painter.save()
        painter.setClipRect(QRectF(room.right(), room.top(), self.width() - room.right(), room.height()))
        shade = self.theme.color("accent")
        shade.setAlphaF(0.75)
        for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            top, bottom = self.point(0.0, high).y(), self.point(0.0, low).y()
            bar = QRectF(room.right() + 12.0, top + 0.5, wide * count / int(counts.max()), max(1.0, bottom - top - 1.0))
            painter.fillRect(bar, shade)
        painter.setPen(QPen(self.theme.color("border"), 1.0))
        painter.drawLine(QPointF(room.right() + 11.5, room.top()), QPointF(room.right() + 11.5, room.bottom()))
        painter.restore()

    def _paint_key(self, painter: QPainter, room: QRectF) -> None:
        """Name the colours where both are there, and the points that are out of sight."""
        assert self.found is not None
        left, metrics = room.left() + 8.0, self.small
        if self.found.split == "all":
            for name, tested in (("train", False), ("test", True)):
                painter.setPen(QPen(self._colour(tested=tested), 6.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPoint(QPointF(left + 3.0, room.top() + 0.6 * metrics.height()))
                painter.setPen(self.theme.color("text"))
                painter.drawText(QPointF(left + 11.0, room.top() + metrics.ascent()), name)
                left += metrics.horizontalAdvance(name) + 24.0
        beyond = self.beyond
        if beyond:
            painter.setPen(self.theme.color("warning"))
            text = f"{grouped(beyond)} at the edge {'lies' if beyond == 1 else 'lie'} beyond it"
            place = QRectF(left, room.top(), room.right() - left - 4.0, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, text)

    # -- mouse and keys -----------------------------------------------------------------------------------------

    def _near(self, spot: QPointF) -> int:
        if not len(self.across):
            return -1
        across, down = self._pixels()
        far = np.nan_to_num(np.hypot(across - spot.x(), down - spot.y()), nan=np.inf)
        place = int(np.argmin(far))
        return place if far[place] < REACH else -1

    def hover(self, spot: QPointF | None) -> None:
        if self._pressed is not None and spot is not None:
            gap = spot - self._pressed
            if self.brush is not None or math.hypot(gap.x(), gap.y()) > _DRAG:
                self.brush = QRectF(self._pressed, spot).normalized() & self.room
                count = len(self._brushed())
                self.said.emit(f"{grouped(count)} {'row' if count == 1 else 'rows'}")
                self.update()
            return
        place = self._hovered = -1 if spot is None else self._near(spot)
        self.said.emit("" if place < 0 else self.sentence(place))
        assert self.found is not None or place < 0
        self.row_pointed.emit(-1 if place < 0 or self.found is None else int(self.found.rows[place]))

    def _brushed(self) -> NDArray[np.int64]:
        if self.brush is None or self.found is None:
            return np.zeros(0, np.int64)
        across, down = self._pixels()
        box = self.brush
        held = (across >= box.left()) & (across <= box.right()) & (down >= box.top()) & (down <= box.bottom())
        return self.found.rows[held]

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self.brush = event.position(), None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        pressed, self._pressed = self._pressed, None
        if pressed is None or self.found is None:
            return
        if self.brush is None:
            place = self._near(event.position())
            if place >= 0:
                self.row_chosen.emit(int(self.found.rows[place]))
            return
        rows, box = self._brushed(), self.brush
        low, high = self.value(box.bottomLeft()), self.value(box.topRight())
        self.brush = None
        self.update()
        if len(rows):
            names = ("true", "predicted") if self.kind == PREDICTED else ("predicted", "y − ŷ")
            spans = (
                f"{name} {value_text(_three(a))} to {value_text(_three(b))}"
                for name, a, b in zip(names, low, high, strict=True)
            )
            self.rows_wanted.emit(rows, ", ".join(spans).capitalize())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        chosen = self._marks[0]
        if self.found is None or not len(self.across):
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chosen >= 0:
            self.rows_wanted.emit(self.found.rows[[chosen]], f"Row {grouped(int(self.found.rows[chosen]) + 1)}")
        elif event.key() == Qt.Key.Key_Escape and self.brush is not None:
            self.brush = self._pressed = None
            self.update()
        elif step is None:
            super().keyPressEvent(event)
        else:
            order = np.lexsort((self.up, self.across))
            at = int(np.flatnonzero(order == chosen)[0]) + step if chosen >= 0 else 0
            place = int(order[min(max(at, 0), len(order) - 1)])
            self.row_chosen.emit(int(self.found.rows[place]))
            self.said.emit(self.sentence(place))


def _reached(said: Doubles, low: float, high: float, wide: float) -> tuple[float, float]:
    """Return the span of truths and predictions, as far as the latter are no more than the truths' width off."""
    if not len(said):
        return low, high
    return max(min(low, float(said.min())), low - wide), min(max(high, float(said.max())), high + wide)


def _rounded(low: float, high: float, wide: float) -> tuple[float, float]:
    step = round_step(wide / 5.0)
    return step * math.floor(low / step), step * math.ceil(high / step)


def _three(value: float) -> float:
    return float(f"{value:.3g}")
