"""Asks what a model is trained on whose data is not open: another file, or rows that it makes for itself."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from simulator.data import Dataset
from simulator.errors import ConfigError
from simulator.interchange import Model
from simulator.training.teacher import ROWS
from ui.bridge import Bridge
from ui.dialogs.exporting.contents import architecture
from ui.dialogs.failure import FailureDialog
from ui.dialogs.open_dataset import OpenDatasetDialog, show_open_dataset
from ui.preferences import Preferences

_MOST_COLUMNS = 12


class LostDataDialog(FailureDialog):
    """Says which columns a model needs, and offers two ways out.

    Signals
    -------
    data_chosen
        `Dataset`: the data that somebody opened for it.
    rows_wanted
        It is to make rows for itself.
    """

    data_chosen = Signal(object)
    rows_wanted = Signal()

    def __init__(
        self,
        bridge: Bridge,
        model: Model,
        parent: QWidget | None = None,
        *,
        preferences: Preferences | None = None,
        refused: str = "",
    ) -> None:
        needed = [*model.recipe.needed, model.recipe.target]
        shown = ", ".join(needed[:_MOST_COLUMNS])
        more = f" and {len(needed) - _MOST_COLUMNS:,} more" if len(needed) > _MOST_COLUMNS else ""
        hint = (
            f"It is a network {architecture(model.network)}, and needs the columns {shown}{more}. Open a table that "
            f"has them; or let the network make {ROWS} rows for itself, drawn at random and labelled by what it says: "
            "enough to look at it, and no evidence of how good it is."
        )
        super().__init__(
            refused or "The model was read, but no data with its columns is open",
            hint,
            ConfigError.__name__,
            "",
            parent,
        )
        self._bridge, self._preferences = bridge, preferences
        self.setObjectName("dialog.lost_data")
        self.setWindowTitle("The model's data is not open")
        self.setAccessibleName(self.windowTitle())
        self.copy.hide()
        self.open_data = self.offer(
            "&Open its data …", "Opens a table with these columns, and draws the network with it (Alt+O).", self._ask
        )
        self.make = self.offer(
            "&Make rows", "Draws the network with rows that it makes for itself (Alt+M).", self.rows_wanted.emit
        )
        self.open_data.setObjectName("lost_data.open")
        self.make.setObjectName("lost_data.make")

    def _ask(self) -> None:
        dialog = OpenDatasetDialog(self._bridge, None, self.parentWidget(), preferences=self._preferences)
        dialog.accepted_dataset.connect(self.data_chosen)
        show_open_dataset(dialog)


def show_lost_data(
    dialog: LostDataDialog, on_data: Callable[[Dataset], object], on_rows: Callable[[], object]
) -> LostDataDialog:
    """Show the dialog without waiting for it."""
    dialog.data_chosen.connect(on_data)
    dialog.rows_wanted.connect(on_rows)
    dialog.open()
    return dialog
