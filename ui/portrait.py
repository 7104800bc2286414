"""A view that is drawn for a picture instead of the screen: it leaves its copies alone, and perhaps its ground out.

Views keep what they have drawn as pixels of the screen, since copying costs less than drawing. In a picture of another
sharpness, or of curves, those would be seen: a view asks `portrayed` before it copies, and `ground_wanted` before it
fills what is behind it. Only the thread that paints asks.
"""

import contextlib
import dataclasses
import sys
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QGraphicsView, QWidget

from ui.vector import draw_widgets


@dataclasses.dataclass(frozen=True)
class Portrait:
    """How a picture is drawn.

    Attributes
    ----------
    sharp
        Pixels for each logical one; 1 in a picture of curves.
    ground
        Whether what is behind the view belongs to it; without, the picture is transparent there.
    curves
        Whether the picture is made of curves, not of pixels.
    pieces
        Whether every widget is a picture of its own inside the picture (see `ui.vector`).
    """

    sharp: float = 1.0
    ground: bool = True
    curves: bool = False
    pieces: bool = False


_drawn: list[Portrait] = []


@contextlib.contextmanager
def portraying(portrait: Portrait) -> Iterator[None]:
    """Let whatever is painted meanwhile be a picture."""
    _drawn.append(portrait)
    try:
        yield
    finally:
        _drawn.pop()


def portrayed() -> Portrait | None:
    """Return how the picture that is being drawn is drawn, or None on the screen."""
    return _drawn[-1] if _drawn else None


def ground_wanted() -> bool:
    """Return whether a view is to fill what is behind it."""
    return not _drawn or _drawn[-1].ground


def draw_part(painter: QPainter, target: QRectF, image: QImage, source: QRectF, *, pixels: bool = False) -> None:
    """Draw a part of an image; in a picture that part alone, since Qt's SVG always takes the whole of it.

    `pixels` keeps the squares of an enlarged one sharp, whatever draws the picture later.
    """
    if not _drawn:
        painter.drawImage(target, image, source)
        return
    part = image.copy(source.toAlignedRect())
    if pixels and part.width() < 2 * target.width():
        times = -(-2 * int(target.width() + 1) // max(1, part.width()))
        part = part.scaled(part.size() * times)
    painter.drawImage(target, part)


def painted_by(widget: QWidget) -> Callable[[QPainter], None]:
    """Return what draws a widget as it looks now into a picture."""

    def paint(painter: QPainter) -> None:
        flags = QWidget.RenderFlag.DrawChildren
        if ground_wanted():
            flags |= QWidget.RenderFlag.DrawWindowBackground
        with posing(widget):
            if _drawn and _drawn[-1].pieces:
                draw_widgets(painter, widget, flags)
                return
            QWidget.render(widget, painter, QPoint(), QRegion(), flags)  # a view of a scene has another one

    return paint


@contextlib.contextmanager
def posing(widget: QWidget) -> Iterator[None]:
    """Let what Qt and pyqtgraph draw by themselves be drawn as the picture wants it."""
    with _without_grounds(widget), _with_wide_pens(widget), _with_nothing_copied(widget):
        yield


@contextlib.contextmanager
def _without_grounds(widget: QWidget) -> Iterator[None]:
    """Keep Qt's own views from filling their ground, if the picture is to be transparent."""
    if ground_wanted():
        yield
        return
    all_of_it = [widget, *widget.findChildren(QWidget)]
    filled = [each for each in all_of_it if each.autoFillBackground()]
    sights = [each.viewport() for each in all_of_it if isinstance(each, QAbstractScrollArea)]
    styled = [each for each in sights if not each.testAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)]
    brushes = [(view, view.backgroundBrush()) for view in _views_in(widget)]
    for each in filled:
        each.setAutoFillBackground(False)
    for each in styled:
        each.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
    for view, _ in brushes:
        view.setBackgroundBrush(QBrush(Qt.BrushStyle.NoBrush))
    try:
        yield
    finally:
        for each in filled:
            each.setAutoFillBackground(True)
        for each in styled:
            each.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground, False)
        for view, brush in brushes:
            view.setBackgroundBrush(brush)


@contextlib.contextmanager
def _with_wide_pens(widget: QWidget) -> Iterator[None]:
    """Make the lines of plots as wide as the picture is sharp: they count in pixels of the device, whatever its scale.

    Source: pyqtgraph draws with cosmetic pens, which no transform widens.
    """
    plots = sys.modules.get("pyqtgraph")
    by = 1.0 if not _drawn else _drawn[-1].sharp
    before: list[tuple[Callable[[Any], object], Any]] = []
    if plots is not None and by != 1.0:
        for item in _items_of(widget):
            for put, pen in _pens_of(item, plots):
                before.append((put, pen))
                put(_widened(pen, by))
    try:
        yield
    finally:
        for put, pen in before:
            put(pen)


@contextlib.contextmanager
def _with_nothing_copied(widget: QWidget) -> Iterator[None]:
    """Have plots drawn: pyqtgraph copies the pixels of a point, and Qt those of a ground, that were drawn before."""
    plots = sys.modules.get("pyqtgraph")
    if plots is None or not _drawn:
        yield
        return
    points = [item for item in _items_of(widget) if isinstance(item, plots.ScatterPlotItem)]
    modes = [(view, view.cacheMode()) for view in _views_in(widget)]
    for item in points:
        item.setExportMode(True, {"resolutionScale": _drawn[-1].sharp})
    for view, _ in modes:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    try:
        yield
    finally:
        for item in points:
            item.setExportMode(False)
        for view, mode in modes:
            view.setCacheMode(mode)


def _views_in(widget: QWidget) -> list[QGraphicsView]:
    return [each for each in (widget, *widget.findChildren(QGraphicsView)) if isinstance(each, QGraphicsView)]


def _items_of(widget: QWidget) -> list[Any]:
    """Return all that stands in the plots of a widget, or in the plot that it is."""
    return [item for view in _views_in(widget) for item in view.scene().items()]


def _pens_of(item: Any, plots: Any) -> Iterator[tuple[Callable[[Any], object], Any]]:
    """Yield what sets each pen of something in a plot, and the pen."""
    if isinstance(item, plots.PlotCurveItem):
        pen = item.opts["pen"]
        if isinstance(pen, QPen):
            yield lambda new: item.opts.update(pen=new), pen
    elif isinstance(item, plots.InfiniteLine):
        yield lambda new: setattr(item, "currentPen", new), item.currentPen
    elif isinstance(item, plots.AxisItem):

        def put(name: str, new: Any) -> None:
            setattr(item, name, new)
            item.picture = None  # drawn anew

        for name in ("_pen", "_tickPen"):
            pen = getattr(item, name, None)
            if isinstance(pen, QPen):
                yield lambda new, name=name: put(name, new), pen


def _widened(pen: QPen, by: float) -> QPen:
    wide = QPen(pen)
    wide.setWidthF(max(1.0, pen.widthF()) * by)
    return wide
