"""A line above the network for every file that the darkroom makes: how far it is, and in the end where it lies."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from ui.banner import Banner
from ui.darkroom import Darkroom, Development
from ui.jobs import Failure

_UNITS = ("bytes", "kB", "MB", "GB")


class Developing(QObject):
    """Has files made, and says how that goes; what runs in the window goes on.

    Signals
    -------
    banner_made
        A `Banner`, to be shown above the network.
    failed
        `ui.jobs.Failure`: a file that was not made.
    noted
        A short text for the window's line of notes.
    """

    banner_made = Signal(object)
    failed = Signal(object)
    noted = Signal(str)

    def __init__(self, darkroom: Darkroom, parent: QObject) -> None:
        super().__init__(parent)
        self._darkroom = darkroom
        self.banners: list[Banner] = []

    def begin(self, arguments: Sequence[str], out: Path, title: str) -> Development:
        """Have a file made (see `Darkroom.develop`); the title says what it is, as "The film"."""
        banner = Banner("banner.developing", f"{title} {out.name}")
        self.banners.append(banner)
        made = self._darkroom.develop(
            arguments,
            out,
            on_done=lambda path: self._done(banner, path),
            on_failed=lambda failure: self._fail(banner, failure),
            on_progress=lambda fraction, text: self._tell(banner, out, fraction, text),
        )
        banner.add_button(
            "stop", "Sto&p", f"Stops this; there is no {out.name} then (Alt+P).", lambda: self._stop(banner, made)
        )
        self._tell(banner, out, None, "Beginning")
        self.banner_made.emit(banner)
        return made

    def _tell(self, banner: Banner, out: Path, fraction: float | None, text: str) -> None:
        banner.say(f"{out.name}: {text} …" if text else f"{out.name} …")
        banner.tell(fraction)

    def _stop(self, banner: Banner, made: Development) -> None:
        made.cancel()
        self._forget(banner)
        self.noted.emit(f"{made.out.name} was not made")

    def _fail(self, banner: Banner, failure: Failure) -> None:
        self._forget(banner)
        self.failed.emit(failure)

    def _forget(self, banner: Banner) -> None:
        self.banners.remove(banner)
        banner.hide()
        banner.deleteLater()

    def _done(self, banner: Banner, path: Path) -> None:
        banner.finish(f"{path.name} is made: {_size(path)}, in {path.parent}")
        banner.add_button(
            "folder", "&Show in folder", "Opens the folder of the file (Alt+S).",
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))),
        )  # fmt: skip
        banner.add_button(
            "copy", "&Copy path", "Copies the file's whole path (Alt+C).", lambda: self._copy(path)
        )  # fmt: skip
        banner.add_button("close", "Close", "Closes this line.", lambda: self._forget(banner))

    def _copy(self, path: Path) -> None:
        QGuiApplication.clipboard().setText(str(path))
        self.noted.emit("The path is on the clipboard")


def _size(path: Path) -> str:
    try:
        value, place = float(path.stat().st_size), 0
    except OSError:  # somebody was faster
        return "it is gone"
    while value >= 999.5 and place < len(_UNITS) - 1:
        value, place = value / 1000.0, place + 1
    return f"{value:.3g} {_UNITS[place]}"
