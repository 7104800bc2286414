"""Films of the running session: the question, the small pictures in it, and the making."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.canvas.contrast import with_contrast
from ui.canvas.scene import Scene
from ui.canvas.view import NetworkView
from ui.developing import Developing
from ui.panels.moment_picture import picture, readouts
from ui.pictures import View, image
from ui.preferences import Preferences
from ui.selection import Selection
from ui.theme import THEMES


class Filming(QObject):
    """Asks how a film is to be, and has it made beside the window.

    Parameters
    ----------
    bridge, preferences, selection, developing
        What is filmed, what is remembered, which row is drawn, and what makes the file.
    views
        Returns what can be filmed, by the names of ``nodeglow render --view``.
    theme
        Returns the name of the window's theme.
    """

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences,
        selection: Selection,
        developing: Developing,
        views: Callable[[], Mapping[str, View]],
        theme: Callable[[], str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bridge, self._preferences, self._selection = bridge, preferences, selection
        self._developing, self._views, self._theme, self._window = developing, views, theme, window
        self.dialog: Any = None

    def ask(self) -> None:
        """Show the dialog; training goes on."""
        from ui.dialogs.film import FilmDialog
        from ui.dialogs.film_choices import Sight

        sights = {
            name: Sight(view.title, view.widget.size() if view.widget.isVisible() else None)
            for name, view in self._views().items()
        }
        self.dialog = FilmDialog(
            self._bridge, self._preferences, sights, self._theme(), self._draw, self._window
        )  # fmt: skip
        self.dialog.wanted.connect(lambda choices: self._make(choices, choices.pixels(sights)))
        self.dialog.finished.connect(lambda _: self._forget())
        self.dialog.open()

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None

    def _make(self, choices: Any, size: QSize) -> None:
        from ui.dialogs.film import TITLE
        from ui.dialogs.save_file import ask_where_to_save
        from ui.films.formats import ENCODERS

        dataset = self._bridge.dataset
        name = "training" if dataset is None else f"{dataset.name}-training"
        kind = {f"{ENCODERS[choices.suffix].name} film (*{choices.suffix})": choices.suffix}
        path = ask_where_to_save(self._window, self._preferences, "films", name, TITLE, kind)
        if path is not None:  # whoever was asked about an existing file has agreed
            self._developing.begin((*choices.arguments(size), "--force"), path, "The film")

    def _draw(self, view: str, moment: Any, theme: str, size: QSize, small: QSize) -> QImage | None:
        """Draw a moment of the network, or what another view looks like now, small."""
        widget = self._views()[view].widget
        share = small.width() / size.width(), small.height() / size.height()

        def paint(painter: QPainter) -> None:
            if isinstance(widget, NetworkView):
                painter.scale(*share)
                self._paint_network(painter, widget, moment, theme, size)
            else:
                painter.scale(small.width() / widget.width(), small.height() / widget.height())
                widget.render(painter, QPoint())

        return image(small, paint) if isinstance(widget, NetworkView) or widget.isVisible() else None

    def _paint_network(self, painter: QPainter, view: NetworkView, moment: Any, theme: str, size: QSize) -> None:
        dataset = self._bridge.dataset
        if dataset is None or moment is None:
            return
        cards = readouts(moment.record, classes=bool(dataset.class_names))
        scene = Scene(THEMES[theme])
        scene.picture = with_contrast(picture(moment, dataset, self._selection.chosen, cards), None)
        scene.look, scene.buttons = view.look, False
        scene.paint(painter, QRectF(QPoint(), size))
