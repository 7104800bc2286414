"""Models out of the window and into it: what is exported, and what an imported one is trained on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from simulator.errors import ConfigError
from simulator.progress import Progress
from ui.bridge import Bridge
from ui.desk import Desk, Loading
from ui.preferences import Preferences


class Models(Desk):
    """Exports the running network, and goes on with another one.

    Parameters
    ----------
    loading
        What is being read, of which there is one at a time.
    """

    def __init__(self, bridge: Bridge, preferences: Preferences, loading: Loading, window: QWidget) -> None:
        super().__init__(bridge, preferences, window)
        self._loading = loading
        self._takers: list[tuple[Any, Callable[[Any, Any], object]]] = []
        bridge.taken.connect(self._taken)

    # -- models out ---------------------------------------------------------------------------------------------

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

    def export_to(self, path: Path) -> None:
        """Do the same for a file that was asked for already: its suffix chooses the format."""
        self.take_model(lambda model, snapshot: self._export(model, snapshot, path))

    def _export(self, model: Any, snapshot: Any, path: Path | None = None) -> None:
        from ui.dialogs.export import export_model
        from ui.dialogs.exporting.saying import said_moment

        assert self._bridge.dataset is not None
        self.dialog = export_model(
            self._window, model, self._preferences,
            bridge=self._bridge, moment=said_moment(snapshot), name=plain_name(self._bridge.dataset.name), path=path,
        )  # fmt: skip

    # -- models in ----------------------------------------------------------------------------------------------

    def import_model(self, path: Path | None = None) -> None:
        """Ask for a model (or take the one that is named), draw it, and go on training it."""
        from ui.dialogs.import_model import ask_for_model, import_model

        path = path or ask_for_model(self._window, self._preferences)
        if path is None:
            return
        self._loading.stop()
        self.noted.emit(f"Reading {path.name} …")
        self._loading.hold(import_model(
            self._window, path, bridge=self._bridge, preferences=self._preferences, dataset=self._bridge.dataset,
            on_model=self._imported, on_foreign=self._asked, on_adopted=self._adopted,
            on_failed=lambda: self.noted.emit(""),
        ))  # fmt: skip

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
        self._loading.hold(self._bridge.run_job(
            data_for, model, dataset,
            on_done=lambda found: self._train_on(model, found),
            on_failed=lambda _failure: self._ask_for_its_data(model, said),
        ))  # fmt: skip

    def _ask_for_its_data(self, model: Any, refused: str) -> None:
        from simulator.training.teacher import taught
        from ui.dialogs.lost_data import LostDataDialog, show_lost_data

        self.noted.emit("")

        def make() -> None:
            self.noted.emit("Making rows …")
            self._loading.hold(self._bridge.run_job(
                _taught, taught, model, on_done=lambda found: self._train_on(model, found), on_failed=self._fail
            ))  # fmt: skip

        self.dialog = LostDataDialog(self._bridge, model, self._window, preferences=self._preferences, refused=refused)
        show_lost_data(self.dialog, lambda found: self._find_data(model, found, opened=True), make)

    def _train_on(self, model: Any, dataset: Any) -> None:
        self._bridge.open(dataset, model.network, model.config, start=model)
        self.noted.emit(_said_import(model, dataset))


def plain_name(name: str) -> str:
    """Return a data set's name as a file may be called: a drawn or made one has a whole phrase for a name."""
    kept = "".join(each if each.isalnum() or each in "-_.() " else " " for each in name)
    return "_".join(kept.split()) or "model"


def _taught(teach: Any, model: Any, progress: Progress) -> Any:
    return teach(model, progress=progress)


def _said_import(model: Any, dataset: Any) -> str:
    from simulator.training.continuing import goes_on, was_trained_on

    done = "1 epoch" if model.epoch == 1 else f"{model.epoch:,} epochs"
    if not goes_on(model):
        return f"Imported after {done}; counted from 0 again" if model.epoch else "Imported; trained from epoch 0"
    if model.epoch and not was_trained_on(model, dataset):
        return f"Imported after {done}; training goes on from there, on other rows"
    return f"Imported after {done}; training goes on from there"
