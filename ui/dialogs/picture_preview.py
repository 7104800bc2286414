"""Shows a picture as small as there is room, on a chequered ground where it is transparent."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import DARK, base_pixel_size, font

_SQUARE = 8


class Preview(QWidget):
    """A picture, or a word while it is drawn; `theme` is that of the picture, whose page the ground stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("picture.preview")
        self.setAccessibleName("Preview")
        self.setToolTip("The picture as it will be")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.theme = DARK
        self.image = QImage()
        self._words = ""

    @property
    def room(self) -> int:
        """How many logical pixels wide a picture may be."""
        return max(1, self.width())

    def show_image(self, picture: QImage) -> None:
        """Show a picture."""
        self.image, self._words = picture, ""
        self.setAccessibleDescription(f"{picture.width()} by {picture.height()} pixels")
        self.update()

    def wait(self, words: str) -> None:
        """Show a word above the picture from before, which steps back."""
        self._words = words
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(640, 460)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        palette = self.palette()
        if not self.image.isNull():
            size = QSize(self.image.size()).scaled(self.size() - QSize(2, 2), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0.5 * (self.width() - size.width()), 0.5 * (self.height() - size.height()), size.width(),
                           size.height())  # fmt: skip
            if self.image.hasAlphaChannel():
                painter.fillRect(place, QBrush(_chequers(self.theme.color("window"), self.theme.color("quiet"))))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setOpacity(0.35 if self._words else 1.0)
            ratio = self.devicePixelRatioF()
            small = self.image.scaled(size * ratio, Qt.AspectRatioMode.IgnoreAspectRatio,
                                      Qt.TransformationMode.SmoothTransformation)  # fmt: skip
            painter.drawImage(place, small)
            painter.setOpacity(1.0)
            painter.setPen(QPen(palette.mid().color(), 1.0))
            painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._words:
            painter.setFont(font(base_pixel_size(self.font())))
            painter.setPen(palette.text().color())
            painter.drawText(
                QRectF(self.rect()), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._words
            )
        painter.end()


def _chequers(one: QColor, other: QColor) -> QPixmap:
    """Return a tile of the ground that means: nothing is here."""
    tile = QPixmap(2 * _SQUARE, 2 * _SQUARE)
    tile.fill(one)
    painter = QPainter(tile)
    faint = QColor(other)
    faint.setAlphaF(0.16)
    for corner in (QPointF(0, 0), QPointF(_SQUARE, _SQUARE)):
        painter.fillRect(QRectF(corner, corner + QPointF(_SQUARE, _SQUARE)), faint)
    painter.end()
    return tile
