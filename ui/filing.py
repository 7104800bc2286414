"""Files into the window and out of it: data sets, sessions, models, what is dropped on it, what was opened last."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from simulator.errors import ConfigError
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Failure, Job
from ui.preferences import Preferences
from ui.sessions import SUFFIX, Sessions

_SHARP = 2
"""How many pixels of a copied picture a point of the screen has."""


class Filing(QObject):
    """Opens and writes; everything that takes long is a job, and the running network stays when one fails.

    Signals
    -------
    noted
        A short text for the window's line of notes.
    """

    noted = Signal(str)

    def __init__(self, bridge: Bridge, preferences: Preferences, sessions: Sessions, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._preferences, self._window = bridge, preferences, window
        self._sessions = sessions
        self._loading: Job | None = None
        self.dialog: Any = None
        self._takers: list[tuple[Any, Callable[[Any, Any], object]]] = []
        bridge.taken.connect(self._taken)
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
        self._loading = self._bridge.run_job(
            _read, source, choices, on_done=lambda dataset: self._take(dataset, keep=keep), on_failed=self._fail
        )
        return self._loading

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
            self.import_model(path)
        else:
            self.ask_for_dataset(path)

    def _stop_loading(self) -> None:
        """Read no longer what something else takes the place of."""
        self._sessions.give_up()
        if self._loading is not None:
            self._loading.cancel()
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
        """Ask for a file and write the session to it; whoever types the suffix of a model writes the model."""
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
            self.take_model(
                lambda model, _snapshot: self._bridge.run_job(
                    _save, model, path, overwrite, on_done=self.noted.emit, on_failed=self._fail
                )
            )

    def open_session(self) -> None:
        """Ask for a session and open it."""
        from ui.dialogs.session import ask_for_session

        path = ask_for_session(self._window, self._preferences)
        if path is not None:
            self.open_path(path)

    def _refuse_session(self, failure: Failure, path: Path) -> None:
        from ui.dialogs.session import show_refusal

        show_refusal(self._window, failure, path.parent, self._sessions.find)

    # -- models -------------------------------------------------------------------------------------------------

    def model(self) -> Any:
        """Return the network of the newest snapshot, with all that predictions need; see `take_model` for more.

        Raises
        ------
        ConfigError
            When there is no session yet.
        """
        from simulator.interchange import Model

        snapshot, dataset = self._bridge.snapshot, self._bridge.dataset
        if snapshot is None or dataset is None:
            raise ConfigError("there is no network yet", "Open a data set first.")
        return Model(snapshot.network, snapshot.config, snapshot.parameters, dataset.recipe, snapshot.epoch)

    def take_model(self, do: Callable[[Any, Any], object]) -> None:
        """Do something with the network of this moment, with all that predictions and going on training need.

        The worker is asked, which alone knows what the optimizer remembers; it answers between two chunks of work.

        Parameters
        ----------
        do
            Called with the model and the snapshot of its moment.
        """
        self._takers.append((self._bridge.take(), do))

    def _taken(self, event: Any) -> None:
        found = [do for asked, do in self._takers if asked is event.asked]
        self._takers = [each for each in self._takers if each[0] is not event.asked]
        for do in found:
            do(event.model, event.snapshot)

    def export(self) -> None:
        """Ask for a format and a place, and write the model of the moment that is shown."""
        if self._bridge.snapshot is not None:
            self.take_model(self._export)

    def _export(self, model: Any, snapshot: Any) -> None:
        from ui.dialogs.export import export_model
        from ui.dialogs.exporting.saying import said_moment

        assert self._bridge.dataset is not None
        self.dialog = export_model(
            self._window, model, self._preferences,
            bridge=self._bridge, moment=said_moment(snapshot), name=plain_name(self._bridge.dataset.name),
        )  # fmt: skip

    def write_table(self, table: Any, name: str) -> Path | None:
        """Ask for a file, and write the rows of a table to it."""
        from ui.dialogs.save_file import CSV, ask_where_to_save

        plain = name.replace(", ", "_").replace(" ", "_")
        path = ask_where_to_save(self._window, self._preferences, "rows", f"{plain}-rows", "Save points as CSV", CSV)
        if path is not None:
            self._bridge.run_job(_write_table, table, path, on_done=self.noted.emit, on_failed=self._fail)
        return path

    def import_model(self, path: Path | None = None) -> None:
        """Ask for a model (or take the one that is named), draw it, and go on training it."""
        from ui.dialogs.import_model import ask_for_model, import_model

        path = path or ask_for_model(self._window, self._preferences)
        if path is None:
            return
        self._stop_loading()
        self.noted.emit(f"Reading {path.name} …")
        self._loading = import_model(
            self._window, path, bridge=self._bridge, preferences=self._preferences, dataset=self._bridge.dataset,
            on_model=self._imported, on_foreign=self._asked, on_adopted=self._adopted,
            on_failed=lambda: self.noted.emit(""),
        )  # fmt: skip

    def _asked(self, dialog: Any) -> None:
        self.dialog = dialog
        self.noted.emit("")

    def _adopted(self, model: Any, dataset: Any) -> None:
        from ui.dialogs.exporting.contents import architecture

        self._bridge.open(dataset, model.network, model.config, start=model.parameters)
        self.noted.emit(f"Imported {architecture(model.network)}; its epochs are counted from 0")

    def _imported(self, model: Any) -> None:
        self._find_data(model, self._bridge.dataset)

    def _find_data(self, model: Any, dataset: Any, *, opened: bool = False) -> None:
        """Train a model of ours on a data set, or on a bundled one, or ask what to train it on."""
        from simulator.training.own_data import data_for

        self.noted.emit("Looking for the model's data …")
        said = "The opened data does not have the columns and classes that the model needs" if opened else ""
        self._loading = self._bridge.run_job(
            data_for, model, dataset,
            on_done=lambda found: self._train_on(model, found),
            on_failed=lambda _failure: self._ask_for_its_data(model, said),
        )  # fmt: skip

    def _ask_for_its_data(self, model: Any, refused: str) -> None:
        from simulator.training.teacher import taught
        from ui.dialogs.lost_data import LostDataDialog, show_lost_data

        self.noted.emit("")

        def make() -> None:
            self.noted.emit("Making rows …")
            self._loading = self._bridge.run_job(
                _taught, taught, model, on_done=lambda found: self._train_on(model, found), on_failed=self._fail
            )

        self.dialog = LostDataDialog(self._bridge, model, self._window, preferences=self._preferences, refused=refused)
        show_lost_data(self.dialog, lambda found: self._find_data(model, found, opened=True), make)

    def _train_on(self, model: Any, dataset: Any) -> None:
        self._bridge.open(dataset, model.network, model.config, start=model)
        self.noted.emit(_said_import(model, dataset))

    # -- rows of the table --------------------------------------------------------------------------------------

    def save_rows(self, rows: tuple[Any, ...]) -> None:
        """Ask for a file, and write rows of the table to it (see `ui.panels.table_files.write_csv`)."""
        from ui.dialogs.save_file import CSV, ask_where_to_save
        from ui.panels.table_files import write_csv

        dataset = rows[0]
        path = ask_where_to_save(
            self._window, self._preferences, "rows", f"{dataset.name}-rows", "Save rows as CSV", CSV
        )
        if path is not None:
            self._bridge.run_job(
                write_csv, path, *rows,
                on_done=lambda written: self.noted.emit(f"Saved to {written.name}"),
                on_failed=self._fail,
                on_progress=lambda _fraction, text: self.noted.emit(text),
            )  # fmt: skip

    # -- what a view shows --------------------------------------------------------------------------------------

    def take(self, what: str, export: Any) -> None:
        """Copy or save what a view shows: a key of `ui.panels.exports.OFFERS`, and an `Export`."""
        match what:
            case "copy_picture":
                from ui.pictures import image
                from ui.portrait import Portrait

                QGuiApplication.clipboard().setImage(image(export.size, export.paint, Portrait(_SHARP)))
                self.noted.emit("The picture is on the clipboard")
            case "copy_numbers":
                from ui.writing import tabbed

                self._bridge.run_job(tabbed, export.numbers, on_done=self._copied, on_failed=self._fail)
            case _:
                self._save_numbers(export)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        count = text.count("\n") - 1
        self.noted.emit(f"{count:,} {'line' if count == 1 else 'lines'} copied, with their heads")

    def _save_numbers(self, export: Any) -> None:
        from ui.dialogs.save_file import CSV, ask_where_to_save
        from ui.writing import write_csv

        path = ask_where_to_save(
            self._window, self._preferences, "figures", self._named(export.name), "Save numbers as CSV", CSV
        )
        if path is not None:
            self._bridge.run_job(
                write_csv, path, export.whole or export.numbers,
                on_done=lambda written: self.noted.emit(f"Saved to {written.name}"), on_failed=self._fail,
                on_progress=lambda _fraction, text: self.noted.emit(text),
            )  # fmt: skip

    def _named(self, what: str) -> str:
        return what if self._bridge.dataset is None else f"{self._bridge.dataset.name}-{what}"

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

    # -- the rest -----------------------------------------------------------------------------------------------

    def _fail(self, failure: Failure) -> None:
        from ui.dialogs.failure import show_failure

        self.noted.emit("")
        show_failure(self._window, failure.message, failure.hint, failure.kind)


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


def _save(model: Any, path: Path, overwrite: bool, progress: Progress) -> str:
    from simulator.interchange import save_model

    progress.report(None, "writing")
    return f"Saved to {save_model(model, path, overwrite=overwrite).name}"


def plain_name(name: str) -> str:
    """Return a data set's name as a file may be called: a drawn or made one has a whole phrase for a name."""
    kept = "".join(each if each.isalnum() or each in "-_.() " else " " for each in name)
    return "_".join(kept.split()) or "model"


def _taught(teach: Any, model: Any, progress: Progress) -> Any:
    return teach(model, progress=progress)


def _write_table(table: Any, path: Path, progress: Progress) -> str:
    from simulator.interchange.whole_files import write_whole

    progress.report(None, "writing")
    written = write_whole(path, table.to_csv(index=False, lineterminator="\n"))
    return f"{len(table):,} points saved to {written.name}"


def _said_import(model: Any, dataset: Any) -> str:
    from simulator.training.continuing import goes_on, was_trained_on

    done = "1 epoch" if model.epoch == 1 else f"{model.epoch:,} epochs"
    if not goes_on(model):
        return f"Imported after {done}; counted from 0 again" if model.epoch else "Imported; trained from epoch 0"
    if model.epoch and not was_trained_on(model, dataset):
        return f"Imported after {done}; training goes on from there, on other rows"
    return f"Imported after {done}; training goes on from there"
