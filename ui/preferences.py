"""What the program remembers from one start to the next, in one ini file; a broken value is as good as none."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QObject, QSettings, QStandardPaths, Signal

MOST_RECENT = 10
TIMELINE_MEGABYTES, MOST_MEGABYTES = 256, 65_536
LEAST_DEVICE_MEMORY = 1_000_000
THEMES = ("system", "dark", "light")
DEFAULT_SPEED = 30
_MOST = "max"
_CPU, _DEVICE = "cpu", re.compile(r"cpu|auto|cuda:\d{1,3}")
_LOOK = ("dashed", "heat_maps", "narrator_line")
_LONGEST_PATH = 4096


class Preferences(QObject):
    """The remembered settings.

    Every property can be read whatever stands in the file: a value that makes no sense is the default.

    Parameters
    ----------
    path
        The ini file; None is the platform's place for settings.

    Attributes
    ----------
    changed
        Emitted with the name of what was changed (``"recent_files"``, ``"theme"``, ``"speed"`` …); with an empty name
        after a reset.
    """

    changed = Signal(str)

    def __init__(self, path: str | Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._own_place = path is not None
        if path is None:
            self._store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "nodeglow", "nodeglow", self)
        else:
            self._store = QSettings(str(path), QSettings.Format.IniFormat, self)
        # An ini file that the whole machine shares is not ours to read.
        self._store.setFallbacksEnabled(False)

    @property
    def path(self) -> Path:
        """The ini file."""
        return Path(self._store.fileName())

    @property
    def recovery(self) -> Path:
        """The folder of what is kept for the case that the program is ended: beside an ini file of one's own."""
        if self._own_place:
            return self.path.parent / "recovery"
        return platformdirs.user_state_path("nodeglow", appauthor=False) / "recovery"

    @property
    def recent_files(self) -> tuple[Path, ...]:
        """The files that were opened last: at most ten, each once, those that still exist before the others."""
        paths = [Path(text) for text in self._texts("recent_files")]
        once = list(dict.fromkeys(paths))[:MOST_RECENT]
        there = {path: _exists(path) for path in once}
        return tuple(sorted(once, key=lambda path: not there[path]))

    def add_recent(self, path: str | Path) -> None:
        """Put a file before all the others."""
        new = _absolute(path)
        self._store.setValue("recent_files", _spelt([new, *(each for each in self.recent_files if each != new)]))
        self.changed.emit("recent_files")

    def forget_recent(self, path: str | Path | None = None) -> None:
        """Forget one recent file, or all of them."""
        gone = None if path is None else _absolute(path)
        kept = [] if gone is None else [each for each in self.recent_files if each != gone]
        self._store.setValue("recent_files", _spelt(kept))
        self.changed.emit("recent_files")

    @property
    def theme(self) -> str:
        """``"system"``, ``"dark"`` or ``"light"``."""
        return self._one_of("theme", THEMES, "system")

    @theme.setter
    def theme(self, value: str) -> None:
        self._set_one_of("theme", THEMES, value)

    @property
    def speed(self) -> int | None:
        """How many epochs a second are shown; None is as many as there are."""
        text = self._text("speed")
        if text == _MOST:
            return None
        return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1000 else DEFAULT_SPEED

    @speed.setter
    def speed(self, value: int | None) -> None:
        self._store.setValue("speed", _MOST if value is None else str(value))
        self.changed.emit("speed")

    @property
    def timeline_megabytes(self) -> int:
        """How much memory the keyframes of the timeline may take."""
        text = self._text("timeline_megabytes")
        known = text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MEGABYTES
        return int(text) if known else TIMELINE_MEGABYTES

    @timeline_megabytes.setter
    def timeline_megabytes(self, value: int) -> None:
        self._store.setValue("timeline_megabytes", str(min(MOST_MEGABYTES, max(1, value))))
        self.changed.emit("timeline_megabytes")

    @property
    def device(self) -> str:
        """Where networks are computed: ``"cpu"``, ``"auto"`` or a GPU's name."""
        text = self._text("device")
        return text if _DEVICE.fullmatch(text) else _CPU

    @device.setter
    def device(self, value: str) -> None:
        self._store.setValue("device", value)
        self.changed.emit("device")

    @property
    def device_memory(self) -> int | None:
        """How many bytes of a GPU's memory the program may hold; None for all there is."""
        text = self._text("device_memory")
        known = text.isascii() and text.isdigit() and len(text) < 16
        return int(text) if known and int(text) >= LEAST_DEVICE_MEMORY else None

    @device_memory.setter
    def device_memory(self, value: int | None) -> None:
        self._store.setValue("device_memory", "" if value is None else str(max(LEAST_DEVICE_MEMORY, value)))
        self.changed.emit("device_memory")

    @property
    def dashed(self) -> bool:
        """Whether negative weights are dashed."""
        return self._text("dashed") == "yes"

    @dashed.setter
    def dashed(self, value: bool) -> None:
        self._store.setValue("dashed", "yes" if value else "no")
        self.changed.emit("dashed")

    def choice(self, name: str, *, default: bool) -> bool:
        """Return whether something of the canvas is chosen."""
        return {"yes": True, "no": False}.get(self._text(f"look/{name}"), default)

    def choose(self, name: str, value: bool) -> None:
        """Remember whether something of the canvas is chosen."""
        self._store.setValue(f"look/{name}", "yes" if value else "no")
        self.changed.emit(f"look/{name}")

    @property
    def weakest(self) -> float:
        """Below which share of their scale's end edges are hidden, 0 … 1."""
        text = self._text("look/weakest")
        return int(text) / 100.0 if text.isascii() and text.isdigit() and int(text) <= 100 else 0.0

    @weakest.setter
    def weakest(self, value: float) -> None:
        self._store.setValue("look/weakest", str(round(100.0 * min(1.0, max(0.0, value)))))
        self.changed.emit("look/weakest")

    @property
    def heat_maps(self) -> bool:
        """Whether neurons show what they answer on the plane of the decision map."""
        return self._text("heat_maps") == "yes"

    @heat_maps.setter
    def heat_maps(self, value: bool) -> None:
        self._store.setValue("heat_maps", "yes" if value else "no")
        self.changed.emit("heat_maps")

    @property
    def narrator_line(self) -> bool:
        """Whether the narrator's newest sentence stands below the network."""
        return self._text("narrator_line") != "no"

    @narrator_line.setter
    def narrator_line(self, value: bool) -> None:
        self._store.setValue("narrator_line", "yes" if value else "no")
        self.changed.emit("narrator_line")

    def answers(self, dialog: str) -> dict[str, str]:
        """Return what was answered last in a dialog, as text by name; nobody vouches for it."""
        found = {key: self._text(key) for key in self._store.allKeys() if key.startswith(f"{dialog}/")}
        return {key.partition("/")[2]: text for key, text in found.items() if text}

    def set_answers(self, dialog: str, answers: Mapping[str, str]) -> None:
        """Remember what was answered in a dialog."""
        for name, text in answers.items():
            self._store.setValue(f"{dialog}/{name}", text)

    @property
    def geometry(self) -> QByteArray:
        """What `QWidget.saveGeometry` gave; empty where nothing is known."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def state(self) -> QByteArray:
        """What `QMainWindow.saveState` gave; empty where nothing is known."""
        return self._bytes("window/state")

    @state.setter
    def state(self, value: QByteArray) -> None:
        self._store.setValue("window/state", value)

    def folder(self, purpose: str) -> Path:
        """Return the folder that was used last for a purpose ("dataset", "model", …); documents or home otherwise."""
        text = self._text(f"folders/{purpose}")
        if text:
            with contextlib.suppress(OSError, ValueError):
                if Path(text).is_dir():
                    return Path(text)
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(documents) if documents and Path(documents).is_dir() else Path.home()

    def set_folder(self, purpose: str, path: str | Path) -> None:
        """Remember the folder of a file, or a folder itself, for a purpose."""
        chosen, folder = _absolute(path), False
        with contextlib.suppress(OSError, ValueError):  # a name that is too long is none
            folder = chosen.is_dir()
        self._store.setValue(f"folders/{purpose}", str(chosen if folder else chosen.parent))

    def take_look(self, path: Path) -> None:
        """Take over how the network is drawn from another ini file, as far as it says that."""
        theirs = Preferences(path)
        for key in theirs._store.allKeys():
            if key.startswith("look/") or key in _LOOK:
                self._store.setValue(key, theirs._text(key))

    def reset(self) -> None:
        """Forget everything: the next start is the first one."""
        self._store.clear()
        self._store.sync()
        self.changed.emit("")

    def sync(self) -> None:
        """Write what was set to the file now."""
        self._store.sync()

    def _text(self, key: str) -> str:
        value = self._store.value(key)
        return value if isinstance(value, str) and len(value) <= _LONGEST_PATH and "\0" not in value else ""

    def _texts(self, key: str) -> list[str]:
        # A list of one is kept as a text by an ini file.
        value = self._store.value(key)
        found = value if isinstance(value, list) else [value]
        return [each for each in found if isinstance(each, str) and 0 < len(each) <= _LONGEST_PATH and "\0" not in each]

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def _one_of(self, key: str, permitted: Sequence[str], default: str) -> str:
        value = self._text(key)
        return value if value in permitted else default

    def _set_one_of(self, key: str, permitted: Sequence[str], value: str) -> None:
        if value not in permitted:
            raise ValueError(f"{key} cannot be {value!r}, only one of {', '.join(permitted)}")
        self._store.setValue(key, value)
        self.changed.emit(key)


def _absolute(path: str | Path) -> Path:
    # Links stay as the user knows them.
    return Path(path).expanduser().absolute()


def _spelt(paths: Sequence[Path]) -> list[str]:
    return [str(path) for path in paths[:MOST_RECENT]]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
