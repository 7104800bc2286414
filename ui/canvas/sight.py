"""A widget that looks at a network through a camera: what is where on the screen, zoom, pan, and what stands still."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from ui import theme as themes
from ui.canvas import pick
from ui.canvas.camera import Camera, Neuron, Target
from ui.canvas.edges import Edge
from ui.canvas.layout import Rect
from ui.canvas.page import Page
from ui.canvas.picture import Picture
from ui.canvas.raster_frames import RasterFrames
from ui.canvas.scene import Scene
from ui.theme import Theme

_CLOSEST = 40.0


class Sight(QWidget):
    """The part of the canvas that knows no pointer and no keys."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 260)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._scene = Scene(theme)
        self._scene.edges.frames = RasterFrames(self, self._edges_came)
        self._still: tuple[object, QPixmap] | None = None
        self._corner: QWidget | None = None

    @property
    def picture(self) -> Picture | None:
        """The last picture set."""
        return self._scene.picture

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self._scene.theme

    @property
    def camera(self) -> Camera:
        """Which part of the network is seen."""
        return self._scene.camera

    @property
    def drawing(self) -> bool:
        """Whether the edges of the last picture are still being drawn: painted now, they would be an older one's."""
        frames = self._scene.edges.frames
        return frames is not None and frames.busy

    def _edges_came(self) -> None:
        """Show edges that were drawn beside the window."""
        self.update()

    def _show(self) -> None:
        """Paint, when the edges are drawn: what was painted before would be painted twice."""
        page = self._page()
        if page is None or not self.isVisible() or self._scene.prepare(page, self.devicePixelRatioF()):
            self.update()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the whole network into a rectangle of any paint device, without buttons, zoom or hover card."""
        scene = Scene(self.theme)
        scene.picture, scene.look, scene.buttons = self.picture, self._scene.look, False
        scene.forms = self._scene.forms
        scene.paint(painter, rect, self._base)

    def put_in_corner(self, widget: QWidget) -> None:
        """Put controls into the upper right corner; the header leaves them their room."""
        self._corner = widget
        widget.setParent(self)
        self.place_corner()

    def place_corner(self) -> None:
        """Move the controls to their corner, after their size or the canvas' has changed."""
        page, corner = self._page(), self._corner
        wide = 0.0
        if corner is not None and page is not None:
            margin, size = round(min(page.margin, 16.0 * page.scale)), corner.sizeHint()
            corner.resize(size)
            above = min(margin, round(0.15 * page.header.height) + 4)
            free = int(page.header.height) - size.height()  # the captions stand below the header
            corner.move(self.width() - margin - size.width(), max(1, min(above, free - 2)))
            corner.setVisible(size.width() + 2 * margin <= self.width())
            corner.raise_()
            wide = float(size.width() + margin)
        if wide != self._scene.corner:
            self._scene.corner = wide
            self._still = None
            self.update()

    # -- zoom and pan -------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole network."""
        self._look(Camera())

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Come closer by a factor, keeping the point `at` of the widget where it is."""
        page = self._page()
        if page is None:
            return
        strip = page.network
        at = at or QPointF(strip.x + 0.5 * strip.width, strip.y + 0.5 * strip.height)
        camera = self.camera
        zoom = min(_CLOSEST, max(1.0, camera.zoom * factor))
        x, y = camera.page(at.x(), at.y())
        self._look(Camera(zoom, at.x() - zoom * x, at.y() - zoom * y))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the network; it never leaves its strip."""
        camera = self.camera
        self._look(Camera(camera.zoom, camera.x + dx, camera.y + dy))

    @property
    def sight(self) -> tuple[float, float, float]:
        """The zoom, and the point in the middle as shares of width and height: the same in a widget of another size."""
        width, height = max(1, self.width()), max(1, self.height())
        x, y = self.camera.page(0.5 * width, 0.5 * height)
        return self.camera.zoom, x / width, y / height

    def look_at(self, zoom: float, x: float, y: float) -> None:
        """Look as `sight` says."""
        width, height = self.width(), self.height()
        zoom = min(_CLOSEST, zoom)
        self._look(Camera(zoom, (0.5 - zoom * x) * width, (0.5 - zoom * y) * height))

    def _look(self, camera: Camera) -> None:
        page = self._page()
        if page is None or camera.zoom <= 1.0:
            camera = Camera()
        else:
            strip, zoom = page.network, camera.zoom
            x = min(strip.x * (1.0 - zoom), max((strip.x + strip.width) * (1.0 - zoom), camera.x))
            y = min(strip.y * (1.0 - zoom), max((strip.y + strip.height) * (1.0 - zoom), camera.y))
            camera = Camera(zoom, x, y)
        if camera != self._scene.camera:
            self._scene.camera = camera
            self._moved()
            self.update()

    def _moved(self) -> None:
        """Follow the camera; for what lies over the picture."""

    @property
    def _base(self) -> float:
        return themes.base_pixel_size(self.font())

    def _page(self) -> Page | None:
        if self.picture is None or self.width() < 2 or self.height() < 2:
            return None
        return self._scene.page(Rect(0.0, 0.0, float(self.width()), float(self.height())), self._base)[0]

    def position(self, layer: int, unit: int) -> QPointF | None:
        """Return where a neuron's centre is in the widget, or None when it is folded away."""
        page = self._page()
        return None if page is None else self._scene.seen(page, layer, unit)

    def target_at(self, point: QPointF) -> Target | None:
        """Return the neuron or edge at a point of the widget."""
        page, picture = self._page(), self.picture
        if page is None or picture is None:
            return None
        if not page.network.y - 8 <= point.y() <= page.network.y + page.network.height + 8:
            return None
        x, y = page.at(*self.camera.page(point.x(), point.y()))
        zoom = self.camera.zoom
        neuron = pick.neuron_at(page.layout, x, y, 3.0 / zoom)
        if neuron is not None:
            return Neuron(*neuron)
        numbers, scales = zip(*(picture.edge_numbers(layer) for layer in range(len(picture.weights))), strict=True)
        least = [self._scene.look.weakest * scale.clamp for scale in scales]
        edge = pick.edge_at(page.layout, numbers, x, y, 5.0 / zoom, least)
        return None if edge is None else Edge(*edge)

    def _still_layer(self, page: Page, picture: Picture) -> QPixmap:
        """Return background, captions, input labels and legend, drawn again only when they change."""
        ratio, summary = self.devicePixelRatioF(), self._scene.summary(page)
        key = (
            id(page), ratio, self.size().toTuple(), self.theme.name, self.camera, picture.captions, picture.input_names,
            picture.input_values, picture.scales, picture.all_scales, summary,
        )  # fmt: skip
        if self._still is None or self._still[0] != key:
            pixmap = QPixmap(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
            pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(pixmap)
            self._scene.paint_still(painter, page)
            painter.end()
            self._still = key, pixmap
        return self._still[1]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(900, 640)
