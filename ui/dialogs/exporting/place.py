"""Where the file goes: its name and its folder, and the question about a file that is already there."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from simulator.interchange import Format
from ui.dialogs.exporting.writing import meant, with_suffix
from ui.dialogs.files import ChooseToWrite


class Place(QWidget):
    """A name and a folder.

    Parameters
    ----------
    name
        What the file is called at first, without a suffix.
    folder
        Where it goes at first.
    row
        The format whose suffix it has.
    choose
        Asks for a file: (parent, title, suggested path, filters with suffixes) to (path, filter) or None.

    Signals
    -------
    meant
        `Format`: a name was typed that has the suffix of another format.
    changed
        Name or folder were changed.
    """

    meant = Signal(object)
    changed = Signal()

    def __init__(
        self, name: str, folder: Path, row: Format, choose: ChooseToWrite, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._row, self._choose = row, choose
        self._agreed: Path | None = None
        self.name = QLineEdit(name + row.suffix)
        self.name.setObjectName("export.name")
        self.name.setAccessibleName("File name")
        self.name.setToolTip("What the file is called; a suffix chooses the format.")
        self.folder = QLineEdit(str(folder))
        self.folder.setObjectName("export.folder")
        self.folder.setAccessibleName("Folder")
        self.folder.setToolTip("Where the file is written.")
        self.browse = QPushButton("&Browse …")
        self.browse.setObjectName("export.browse")
        self.browse.setAutoDefault(False)
        self.browse.setToolTip("Chooses the folder and the name (Alt+B).")
        self.name.textEdited.connect(self._typed)
        self.folder.textEdited.connect(lambda _: self.changed.emit())
        self.browse.clicked.connect(self._browse)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for line, (text, field) in enumerate((("&Name", self.name), ("Fol&der", self.folder))):
            label = QLabel(text)
            label.setBuddy(field)
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1, 1, 1 if line else 2)
        grid.addWidget(self.browse, 1, 2)

    @property
    def path(self) -> Path | None:
        """The file, with the suffix of its format; None while there is no name."""
        name = self.name.text().strip()
        if not name or name == self._row.suffix:
            return None
        folder = Path(self.folder.text().strip() or ".").expanduser()
        return folder / with_suffix(name, self._row)

    @property
    def agreed(self) -> bool:
        """Whether somebody was asked already whether a file of this name may be replaced."""
        return self._agreed is not None and self._agreed == self.path

    def show_format(self, row: Format) -> None:
        """Give the name the suffix of another format."""
        if row is not self._row:
            before, self._row = self._row, row
            if self.name.text().strip():
                self.name.setText(with_suffix(self.name.text().strip(), row, before))

    def put(self, path: Path) -> None:
        """Go to a file that the system's dialog gave; it asked already whether an old one of that name may go."""
        row = self._row
        other = meant(path.name, row)
        self.folder.setText(str(path.parent))
        self.name.setText(path.name if other is not row else with_suffix(path.name, row))
        if other is not row:
            self._row = other
            self.meant.emit(other)
        self._agreed = path if self.path == path else None
        self.changed.emit()

    def _typed(self, text: str) -> None:
        other = meant(text.strip(), self._row)
        if other is not self._row:
            # What is typed stays as it is, while the list follows.
            self._row = other
            self.meant.emit(other)
        self.changed.emit()

    def _browse(self) -> None:
        row, suggested = self._row, self.path or Path(self.folder.text() or ".") / f"model{self._row.suffix}"
        chosen = self._choose(self, "Export the model", suggested, {f"{row.called} (*{row.suffix})": row.suffix})
        if chosen is not None:
            self.put(chosen[0])


class Question(QFrame):
    """Whether a file that is already there may be replaced.

    Signals
    -------
    answered
        bool: yes or no.
    """

    answered = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export.question")
        self.text = QLabel(wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setProperty("tone", "warning")
        self.yes, self.no = QPushButton("&Replace it"), QPushButton("&Keep it")
        for button, name, tip, answer in (
            (self.yes, "replace", "Writes the new file in place of the old one (Alt+R).", True),
            (self.no, "keep", "Leaves the old file as it is (Alt+K).", False),
        ):
            button.setObjectName(f"export.{name}")
            button.setToolTip(tip)
            button.clicked.connect(lambda _checked=False, answer=answer: self.answered.emit(answer))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.yes)
        layout.addWidget(self.no)

    def ask(self, path: Path) -> None:
        """Ask about a file."""
        self.text.setText(f"{path.name} is already there. Replace it?")
        self.show()
        self.no.setFocus()
