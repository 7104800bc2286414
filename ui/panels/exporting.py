"""A widget whose content can be copied, and saved as a picture or as numbers: by its menu, and by keys."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

if TYPE_CHECKING:
    from ui.panels.exports import Export


class Exporting(QWidget):
    """What panels and the middle of the window have in common; `ui.panels.exports` is imported when it is needed.

    Signals
    -------
    export_wanted
        (key of `ui.panels.exports.OFFERS`, `Export`): what is shown is to be copied or saved.
    """

    export_wanted = Signal(str, object)

    @property
    def owner(self) -> str:
        """The first part of the names of its menu's actions."""
        return self.objectName()

    def exports(self) -> "Export | None":
        """Return what is shown, to be copied or saved; None where there is nothing yet.

        What has no numbers of its own gives its picture.
        """
        from ui.panels.exports import shown

        return shown(self.objectName() or "view", self) if self.size().isValid() and self.isVisible() else None

    def take_elsewhere(self, what: str) -> None:
        """Have what is shown copied or saved: a key of `ui.panels.exports.OFFERS`."""
        found = self.exports()
        if found is not None and what in found.offers():
            self.export_wanted.emit(what, found)

    def fill_menu(self, menu: QMenu) -> None:
        """Put into a menu of the whole widget what can be done with it; a subclass adds what it has besides."""
        from ui.panels.exports import fill_menu

        found = self.exports()
        if found is not None:
            if not menu.isEmpty():
                menu.addSeparator()
            fill_menu(menu, self.owner, self.take_elsewhere, found.offers())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        from ui.panels.exports import meant_by

        found = self.exports()
        what = meant_by(event, () if found is None else found.offers())
        if what:
            self.take_elsewhere(what)
        else:
            super().keyPressEvent(event)
