"""Files into the window and out of it: data sets, sessions, models, what is dropped on it, what was opened last."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from simulator.errors import ConfigError, SimulatorError
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
        """Open a session that was chosen where a table is asked for."""
        if isinstance(source, Path) and source.suffix.lower() == SUFFIX and source.is_file():
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
            job = _save, self.model(), path, overwrite
            self._bridge.run_job(*job, on_done=self.noted.emit, on_failed=self._fail)

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
        """Return the network of the newest snapshot, with all that predictions need.

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

    def export(self) -> Path | None:
        """Ask for a file and a format, and write the model."""
        from ui.dialogs.export import export_model

        name = self._bridge.dataset.name if self._bridge.dataset is not None else "model"
        return export_model(self._window, self.model(), self._preferences, bridge=self._bridge, name=name)

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
        from ui.dialogs.import_model import import_model

        import_model(self._window, self._preferences, path=path, bridge=self._bridge, on_model=self._imported)

    def _imported(self, model: Any) -> None:
        self.noted.emit("Looking for the model's data …")
        self._bridge.run_job(
            data_for,
            model,
            self._bridge.dataset,
            on_done=lambda dataset: self._train_on(model, dataset),
            on_failed=self._fail,
        )

    def _train_on(self, model: Any, dataset: Any) -> None:
        self._bridge.open(dataset, model.network, model.config, start=model.parameters)
        self.noted.emit(f"Imported after {model.epoch:,} epochs; counted from 0 again")

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


def _write_table(table: Any, path: Path, progress: Progress) -> str:
    from simulator.interchange.whole_files import write_whole

    progress.report(None, "writing")
    written = write_whole(path, table.to_csv(index=False, lineterminator="\n"))
    return f"{len(table):,} points saved to {written.name}"


def data_for(model: Any, running: Any, progress: Progress) -> Any:
    """Return a data set that a model can be trained on, prepared as the model's own recipe says.

    Raises
    ------
    ConfigError
        When neither the running data set nor a bundled one has the model's columns.
    """
    from simulator.data import BUNDLED, open_dataset

    needed = {*model.recipe.needed, model.recipe.target}
    if running is not None and needed <= {str(name) for name in running.table.columns}:
        try:
            return _prepared(running, model.recipe)
        except SimulatorError:
            pass  # the same columns with other classes: a bundled set may fit
    for name, row in BUNDLED.items():
        if needed <= set(row.columns):
            return _prepared(open_dataset(name, progress), model.recipe)
    raise ConfigError(
        "the model was read, but no data set with its columns is open",
        f"Open a data set with the columns {', '.join(sorted(needed))} first, then import the model again.",
    )


def _prepared(dataset: Any, recipe: Any) -> Any:
    # Faults that were put into the data of a lesson, the model's or the running one, are not taken along.
    recipe = dataclasses.replace(recipe, choices=dataclasses.replace(recipe.choices, label_noise=0.0, duplicates=0.0))
    complete = recipe.completed(dataset.raw)
    parts: list[Any] = []
    for rows in (dataset.train_rows, dataset.test_rows):
        own = rows[rows < len(complete)]
        table = complete.iloc[own]
        X, Y = recipe.transform(table), recipe.targets(table)
        whole = np.isfinite(X).all(axis=1) & np.isfinite(Y).all(axis=1)
        arrays = [array[whole] for array in (X, Y, own)]
        for array in arrays:
            array.flags.writeable = False
        parts.append(arrays)
    (X_train, Y_train, train_rows), (X_test, Y_test, test_rows) = parts
    none = train_rows[:0]
    return dataclasses.replace(
        dataset, table=complete, copies=none, noisy_rows=none, recipe=recipe, X_train=X_train, Y_train=Y_train,
        X_test=X_test, Y_test=Y_test, train_rows=train_rows, test_rows=test_rows,
    )  # fmt: skip
