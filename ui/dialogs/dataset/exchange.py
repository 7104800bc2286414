"""A recipe's choices out to a file, and in from one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from simulator.errors import SimulatorError
from simulator.interchange.recipe_file import SUFFIX, read_choices, write_choices
from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.files import ChooseToOpen, ChooseToWrite, choose_file_to_write

_TO_OPEN = (f"Recipes (*{SUFFIX})", "All files (*)")
_TO_WRITE = {f"Recipe (*{SUFFIX})": SUFFIX}


class Exchange(QObject):
    """Asks for the file, and reads or writes it.

    Attributes
    ----------
    refused
        Emitted with the message and the hint of an error.
    written
        Emitted with the file that a recipe was written to.
    """

    refused = Signal(str, str)
    written = Signal(object)

    def __init__(
        self,
        answers: Answers,
        window: QWidget,
        choose: ChooseToOpen,
        choose_to_write: ChooseToWrite = choose_file_to_write,
    ) -> None:
        super().__init__(window)
        self._answers, self._window = answers, window
        self._choose, self._choose_to_write = choose, choose_to_write

    def export(self, reading: Reading | None, folder: Path) -> None:
        """Write what is chosen now, guesses included, so that it holds for another table of the same kind."""
        if reading is None or reading.dataset is None:
            return
        suggested = folder / f"{reading.dataset.name} recipe{SUFFIX}"
        asked = self._choose_to_write(self._window, "Export recipe", suggested, _TO_WRITE)
        if asked is not None:
            self._try(lambda: self.written.emit(write_choices(reading.choices, asked[0])))

    def use(self, folder: Path) -> None:
        """Take over the choices of a file."""
        path = self._choose(self._window, "Use recipe", folder, _TO_OPEN)
        if path is not None:
            self._try(lambda: self._answers.use(read_choices(path)))

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except SimulatorError as error:
            self.refused.emit(error.message, error.hint)
