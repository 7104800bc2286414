"""How a film begins and ends, small: the network at its first and its last epoch, other views as they look now."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ui.bridge import Bridge

_WIDE, _HIGH = 250, 190
_MOMENTS = "network"

Draw = Callable[[str, Any, str, QSize, QSize], QImage | None]
"""Draws a view at a moment (a snapshot, or None for the present one) in a theme, as it looks at a size, into an image
of another size; None where it cannot."""


class Preview(QWidget):
    """Two small pictures with their epochs, or one.

    Parameters
    ----------
    bridge
        Whose branch is filmed; it is asked for the two moments.
    draw
        What draws them.
    """

    def __init__(self, bridge: Bridge, draw: Draw) -> None:
        super().__init__()
        self.setObjectName("film.preview")
        self.setAccessibleName("Preview")
        self._bridge, self._draw = bridge, draw
        self._moments: dict[int, Any] = {}
        self._asked: set[tuple[int, int]] = set()
        self._shown: tuple[str, str, QSize, int, int] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.pictures, self.captions = (QLabel(), QLabel()), (QLabel(), QLabel())
        for picture, caption in zip(self.pictures, self.captions, strict=True):
            picture.setFixedWidth(_WIDE)
            picture.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            caption.setForegroundRole(caption.palette().ColorRole.PlaceholderText)
            column.addWidget(caption)
            column.addWidget(picture)
            column.addSpacing(8)
        bridge.peeked.connect(self._take)
        bridge.branched.connect(lambda _event: self._forget())

    def show_film(self, view: str, theme: str, size: QSize, first: int, last: int) -> None:
        """Show how a film of a view begins and ends, in the colours of a theme."""
        wanted = view, theme, size, first, last
        if wanted == self._shown:
            return
        self._shown = wanted
        snapshot = self._bridge.snapshot
        if view == _MOMENTS and snapshot is not None:
            for epoch in {first, last} - self._moments.keys():
                self._asked.add((snapshot.branch, epoch))
                self._bridge.peek(snapshot.branch, epoch)
        self._show()

    def _take(self, event: Any) -> None:
        asked = event.asked.branch, event.asked.epoch
        if asked in self._asked and not event.asked.item:
            self._asked.discard(asked)
            self._moments[event.asked.epoch] = event.snapshot
            self._show()

    def _forget(self) -> None:
        self._moments, self._asked, self._shown = {}, set(), None

    def _show(self) -> None:
        if self._shown is None:
            return
        view, theme, size, first, last = self._shown
        small = size.scaled(QSize(_WIDE, _HIGH), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(8, 8))
        if view == _MOMENTS:
            told = [(f"Epoch {epoch:,}", self._moments.get(epoch)) for epoch in dict.fromkeys((first, last))]
            shown = [
                (text, None if moment is None else self._image(view, moment, theme, size, small))
                for text, moment in told
            ]
        else:
            found = self._image(view, None, theme, size, small)
            shown = [("As it looks now" if found is not None else "It is not open now.", found)]
        for at, (picture, caption) in enumerate(zip(self.pictures, self.captions, strict=True)):
            there = at < len(shown)
            caption.setVisible(there)
            picture.setVisible(there and (view == _MOMENTS or shown[at][1] is not None))
            if there:
                text, image = shown[at]
                caption.setText(text)
                picture.setFixedHeight(small.height())
                picture.setPixmap(QPixmap() if image is None else QPixmap.fromImage(image))
                picture.setAccessibleName(text)

    def _image(self, view: str, moment: Any, theme: str, size: QSize, small: QSize) -> QImage | None:
        sharp = self.devicePixelRatioF()
        found = self._draw(view, moment, theme, size, small * sharp)
        if found is not None:
            found.setDevicePixelRatio(sharp)
        return found
