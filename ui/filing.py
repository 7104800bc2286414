"""Files into the window and out of it: data sets, sessions, what is dropped on it, what was opened last."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.desk import Desk, Loading
from ui.jobs import Failure, Job
from ui.models import Models
from ui.preferences import Preferences
from ui.sessions import SUFFIX, Sessions


class Filing(Desk):
    """Opens and writes.

    Parameters
    ----------
    sessions, models, loading
        What writes and reads sessions and models, and what is being read, of which there is one at a time.
    """

    def __init__(
        self,
        bridge: Bridge,
        preferences: Preferences,
        sessions: Sessions,
        models: Models,
        loading: Loading,
        window: QWidget,
    ) -> None:
        super().__init__(bridge, preferences, window)
        self._sessions, self._models, self._loading = sessions, models, loading
        sessions.noted.connect(self.noted)
        sessions.failed.connect(self._fail)
        sessions.refused.connect(self._refuse_session)

    # -- data sets ----------------------------------------------------------------------------------------------

    def load(self, source: Any, **choices: Any) -> Job:
        """Open a data set without asking: a bundled name, a path, or the running one with other choices."""
        self._stop_loading()
        name = getattr(source, "name", source)
        self.noted.emit(f"Reading {name} …")
        keep = source is not None and (source is self._bridge.dataset or source is self._bridge.wanted_dataset)
        return self._loading.hold(self._bridge.run_job(
            _read, source, choices, on_done=lambda dataset: self._take(dataset, keep=keep), on_failed=self._fail
        ))  # fmt: skip

    def ask_for_dataset(self, path: Path | str | None = None) -> None:
        """Show the dialog that opens a data set, with a file in it or without one."""
        from ui.dialogs.open_dataset import OpenDatasetDialog, show_open_dataset

        self.dialog = OpenDatasetDialog(self._bridge, path, self._window, preferences=self._preferences)
        self.dialog.accepted_dataset.connect(lambda dataset: self._take(dataset, keep=False))
        self.dialog.sources.chosen.connect(self._chosen)
        show_open_dataset(self.dialog)

    def _chosen(self, source: Path | str) -> None:
        """Open a session or a model that was chosen where a table is asked for."""
        from simulator.interchange import is_model_file

        if not isinstance(source, Path) or not source.is_file():
            return
        if source.suffix.lower() == SUFFIX or is_model_file(source):
            self.dialog.reject()
            self.open_path(source)

    def open_path(self, path: Path) -> None:
        """Open a file: a session by its suffix, a model by what it holds, or else a data set."""
        from simulator.interchange import is_model_file

        if path.suffix.lower() == SUFFIX:
            self._stop_loading()
            self._sessions.open(path)
        elif is_model_file(path):
            self._models.import_model(path)
        else:
            self.ask_for_dataset(path)

    def _stop_loading(self) -> None:
        self._loading.stop()
        self.noted.emit("")

    def _take(self, dataset: Any, *, keep: bool) -> None:
        """Start a session on a data set.

        With `keep` it is the running one with other choices: training goes on with it from the next epoch if it has
        the same inputs and outputs, and with the same inputs alone the network begins anew.
        """
        self._sessions.give_up()
        self.noted.emit("")
        network, config = self._bridge.network, self._bridge.config
        before = self._bridge.dataset
        if not keep or before is None or before.feature_names != dataset.feature_names:
            self._bridge.open(dataset)
        elif (before.task, before.class_names) == (dataset.task, dataset.class_names):
            self._bridge.change_data(dataset)
        else:
            self._bridge.open(dataset, network, config)

    # -- sessions -----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the session to its file, or ask for one."""
        if not self._sessions.save():
            self.save_as()

    def save_as(self) -> None:
        """Ask for a file and write the session to it; whoever types the suffix of a model exports it."""
        from ui.dialogs.session import ask_where_to_save

        dataset, origin = self._bridge.dataset, self._sessions.origin
        if dataset is None:
            return
        known = dataset.path is not None
        asked = ask_where_to_save(
            self._window, self._preferences, origin.path or dataset.name, origin.data, has_file=known
        )
        if asked is None:
            return
        path, data, overwrite = asked
        if path.suffix.lower() == SUFFIX:
            self._sessions.save(path, data, overwrite=overwrite)
        else:
            self._models.export_to(path)

    def open_session(self) -> None:
        """Ask for a session and open it."""
        from ui.dialogs.session import ask_for_session

        path = ask_for_session(self._window, self._preferences)
        if path is not None:
            self.open_path(path)

    def _refuse_session(self, failure: Failure, path: Path) -> None:
        from ui.dialogs.session import show_refusal

        show_refusal(self._window, failure, path.parent, self._sessions.find)

    # -- drops and recent files ---------------------------------------------------------------------------------

    def dropped(self, content: QMimeData) -> Path | None:
        """Return the file that is dragged, or None."""
        paths = [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]
        return paths[0] if len(paths) == 1 and paths[0].is_file() else None

    def fill_recent(self, menu: QMenu) -> None:
        """Fill the menu of the files that were opened last."""
        menu.clear()
        paths = self._preferences.recent_files
        for number, path in enumerate(paths, 1):
            action = QAction(f"&{number % 10}  {path.name}", menu)
            action.setToolTip(str(path))
            action.setEnabled(path.exists())
            action.triggered.connect(lambda _checked=False, path=path: self.open_path(path))
            menu.addAction(action)
        if paths:
            menu.addSeparator()
            menu.addAction("&Forget these files", lambda: self._preferences.forget_recent())
        else:
            nothing = menu.addAction("Nothing was opened yet")
            nothing.setEnabled(False)


def _read(source: Any, choices: dict[str, Any], progress: Progress) -> Any:
    """Open a data set; a running one is read again with its choices, of which some are replaced."""
    from simulator.data import BUNDLED, Dataset, open_dataset
    from simulator.data.choices import choose
    from simulator.data.dataset import prepare
    from simulator.data.table import Table

    if not isinstance(source, Dataset):
        return open_dataset(source, progress, **choices)
    kept = {name: value for name, value in source.choices.to_json().items() if value not in (None, [], ())}
    origin = source.name if source.name in BUNDLED else source.path
    if origin is not None:
        return open_dataset(origin, progress, **(kept | choices))
    # A table that was generated or drawn keeps its name, and what is known about how it came to be.
    table = Table(source.raw, notes=source.report.notes)
    return prepare(table, choose(kept | choices), progress, source.name)
