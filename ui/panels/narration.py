"""What happened so far in plain words, each sentence with its evidence."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui.panels.narration_offers import Offers
from ui.panels.panel import Context, MomentPanel
from ui.theme import Theme

if TYPE_CHECKING:
    from simulator.insight.narrator import Sentence
    from ui.narrating import Story
    from ui.panels.exports import Export
    from ui.panels.narration_log import Log

_NOTHING = "Nothing to tell yet: train the network."
_NONE_FOUND = "No sentence fits the filter."


class NarrationPanel(MomentPanel):
    """The log of the narrator: filtered, copied, and a way to every moment that is told of."""

    log: "Log"

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("narrator")
        context.narrating.told.connect(self._told)

    def _build(self) -> None:
        from ui.panels.narration_log import Log

        self.log = Log(self.theme)
        self.log.itemClicked.connect(lambda _item, _column: self._go())
        self.log.itemActivated.connect(lambda _item, _column: self._go())
        self.log.currentItemChanged.connect(lambda _now, _before: self._offer())
        self.filter = QLineEdit()
        self.filter.setObjectName("narrator.filter")
        self.filter.setAccessibleName("Filter")
        self.filter.setPlaceholderText("Filter …")
        self.filter.setToolTip("Shows the sentences that hold these words.")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(lambda _text: self._show())
        self.trouble = QPushButton("Warnings")
        self.trouble.setObjectName("narrator.warnings")
        self.trouble.setAccessibleName("Warnings only")
        self.trouble.setToolTip("Shows only what warns of trouble.")
        self.trouble.setCheckable(True)
        self.trouble.setProperty("tone", "segment")
        self.trouble.toggled.connect(lambda _on: self._show())
        self.copy = QToolButton()
        self.copy.setObjectName("narrator.copy")
        self.copy.setText("Copy")
        self.copy.setToolTip("Copies what is shown, with its evidence, as text.")
        self.copy.clicked.connect(self._copy)
        self.offers = Offers(self.context)
        self.empty = QLabel(_NOTHING, self.log)
        self.empty.setObjectName("narrator.empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("tone", "quiet")
        within = QVBoxLayout(self.log.viewport())
        within.addWidget(self.empty)
        head = QHBoxLayout()
        head.setContentsMargins(10, 6, 10, 2)
        head.addWidget(self.filter, 1)
        head.addWidget(self.trouble)
        head.addWidget(self.copy)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(head)
        whole.addWidget(self.log, 1)
        whole.addWidget(self.offers)
        QWidget.setTabOrder(self.filter, self.trouble)
        QWidget.setTabOrder(self.trouble, self.copy)
        QWidget.setTabOrder(self.copy, self.log)
        self.setFocusProxy(self.log)

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        self._show()

    def _told(self, _story: "Story") -> None:
        if self.built and self.isVisible():
            self._show()

    def _show(self) -> None:
        """Show what fits the filter."""
        story = self.context.narrating.story
        every = () if story is None else story.sentences
        words = self.filter.text().casefold().split()
        fitting = tuple(
            each
            for each in every
            if (not self.trouble.isChecked() or each.tone in {"warning", "bad"})
            and all(word in each.text.casefold() for word in words)
        )
        self.log.show_sentences(fitting, None if story is None else story.shown)
        self.empty.setText(_NONE_FOUND if every else _NOTHING)
        self.empty.setVisible(not fitting)
        self.copy.setEnabled(bool(fitting))
        self._offer()

    def _offer(self) -> None:
        chosen = self.log.chosen
        newest = self.log.sentences[-1] if self.log.sentences else None
        self.offers.show_for(chosen or (newest if newest is not None and newest.rule == "divergence" else None))

    def _go(self) -> None:
        """Go to the moment that the chosen sentence is about, and light its neurons."""
        chosen = self.log.chosen
        if chosen is not None:
            go_to(self.context, chosen)

    def _copy(self) -> None:
        from ui.panels.narration_log import as_text

        QGuiApplication.clipboard().setText(as_text(self.log.sentences))

    def exports(self) -> "Export | None":
        """Return the sentences that are shown."""
        from ui.panels.exports import shown
        from ui.panels.numbers import of_story
        from ui.writing import lines

        if not self.built or not self.log.sentences:
            return super().exports()
        sentences = self.log.sentences
        return shown("story", self.log, lines(lambda: of_story(sentences)))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.built:
            self.log.set_theme(theme)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        self.context.narrating.want(self)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.context.narrating.want(self, wanted=False)


def go_to(context: Context, sentence: "Sentence") -> None:
    """Go to the moment that a sentence is about, and light its neurons or its edge."""
    bridge, selection = context.bridge, context.selection
    snapshot = bridge.snapshot
    if snapshot is None:
        return
    # What is told of an epoch that is still under way is seen at the branch's end.
    place = (sentence.about, 0) if sentence.about <= snapshot.end[0] else snapshot.end
    if (snapshot.epoch, snapshot.batch) != place or bridge.playing:
        bridge.go_to(*place)
    if len(sentence.neurons) == 1:
        selection.choose_neuron(sentence.neurons[0])
        selection.light(())
    elif sentence.edges:
        selection.choose_edge(sentence.edges[0])
        selection.light(())
    else:
        selection.light(sentence.neurons)
