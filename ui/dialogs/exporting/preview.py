"""How a file would look: the beginning of a text, or the parts of a binary file, or why there can be none."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from simulator.interchange import FORMATS, Format
from simulator.interchange.outline import MOST_PARTS
from ui.dialogs.code_box import fixed_font
from ui.dialogs.exporting.contents import PREVIEW_LINES, Contents
from ui.dialogs.wording import count, sentence, size

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Preview(QWidget):
    """A head with a copy button, and below it whichever of the three there is to show.

    Signals
    -------
    whole_wanted
        Somebody asks for a text that is so long that it is made on demand only.
    copy_wanted
        Somebody wants the whole text on the clipboard.
    """

    whole_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = QLabel()
        self.head.setObjectName("export.preview_head")
        self.head.setProperty("tone", "quiet")
        self.copy = QPushButton("&Copy")
        self.copy.setObjectName("export.copy")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self.copy_wanted)
        policy = self.copy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.copy.setSizePolicy(policy)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setObjectName("export.preview")
        self.text.setAccessibleName("Preview of the file")
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(fixed_font(self.font()))
        self.parts = QTreeWidget()
        self.parts.setObjectName("export.parts")
        self.parts.setAccessibleName("Parts of the file")
        self.parts.setHeaderLabels(["Part", "What it is", "Bytes"])
        self.parts.headerItem().setTextAlignment(2, _RIGHT)
        self.parts.setRootIsDecorated(False)
        self.parts.setUniformRowHeights(True)
        self.parts.setProperty("tone", "roomy")
        self.parts.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        header = self.parts.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.message, self.hint = QLabel(wordWrap=True), QLabel(wordWrap=True)
        for label, name, tone in ((self.message, "message", "bad"), (self.hint, "hint", "quiet")):
            label.setObjectName(f"export.{name}")
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("tone", tone)
        self.make = QPushButton("&Make the preview")
        self.make.setObjectName("export.make")
        self.make.setAutoDefault(False)
        self.make.setToolTip("Makes the whole text now (Alt+M); that takes a while, and can be cancelled.")
        self.make.clicked.connect(self.whole_wanted)
        self._said = QWidget()
        words = QVBoxLayout(self._said)
        words.setContentsMargins(12, 12, 12, 12)
        words.addWidget(self.message)
        words.addWidget(self.hint)
        words.addWidget(self.make, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        self.stack = QStackedWidget()
        for page in (self.text, self.parts, self._said):
            self.stack.addWidget(page)
        line = QHBoxLayout()
        line.addWidget(self.head, 1)
        line.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.stack, 1)
        self.stack.setMinimumHeight(6 * self.fontMetrics().lineSpacing())

    def wait(self, row: Format) -> None:
        """Say that the file is being looked at; what is shown stays, so that nothing flickers."""
        self.copy.setVisible(row.text)
        self.copy.setEnabled(False)
        self.copy.setText("&Copy")
        self.copy.setToolTip("Wait until the text is made.")
        self.stack.setEnabled(False)

    def show_contents(self, contents: Contents) -> None:
        """Show what was found."""
        row = FORMATS[contents.format]
        self.stack.setEnabled(True)
        self.copy.setVisible(row.text and not contents.refused)
        self.copy.setEnabled(contents.content is not None)
        self.copy.setToolTip("Copies the whole text (Alt+C).")
        if contents.refused:
            self._say("This file cannot be written", sentence(contents.message), sentence(contents.hint))
        elif contents.content is None:
            self.copy.setToolTip("Make the preview first.")
            self._say("A very long text", "", "It is written without a preview, unless you want to see it.", make=True)
        elif row.text:
            self._show_text(contents)
        else:
            self._show_parts(contents)

    def copied(self) -> None:
        """Say that the text is on the clipboard."""
        self.copy.setText("Copied")

    def _show_text(self, contents: Contents) -> None:
        more = contents.lines - PREVIEW_LINES
        head = count(contents.lines, "line")
        self.head.setText(f"The first {PREVIEW_LINES} of {head}" if more > 0 else f"Preview: {head}")
        if self.text.toPlainText() != contents.text:
            self.text.setPlainText(contents.text)
        self.stack.setCurrentWidget(self.text)

    def _show_parts(self, contents: Contents) -> None:
        parts = contents.parts
        self.head.setText(f"The first {MOST_PARTS} parts" if len(parts) == MOST_PARTS else count(len(parts), "part"))
        self.parts.clear()
        for part in parts:
            shown = "" if part.size is None else f"{part.size:,}"
            item = QTreeWidgetItem([part.name, part.what, shown])
            item.setTextAlignment(2, _RIGHT)
            item.setToolTip(0, part.name)
            if part.size is not None:
                item.setToolTip(2, size(part.size))
            self.parts.addTopLevelItem(item)
        self.stack.setCurrentWidget(self.parts)

    def _say(self, head: str, message: str, hint: str, *, make: bool = False) -> None:
        self.head.setText(head)
        for label, text in ((self.message, message), (self.hint, hint)):
            label.setText(text)
            label.setVisible(bool(text))
        self.make.setVisible(make)
        self.stack.setCurrentWidget(self._said)
