"""What can be done about a sentence with one click: another rate, clipped gradients, the rows that it is about."""

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.editing import Editor
from ui.panels.panel import Context

if TYPE_CHECKING:
    from simulator.insight.narrator import Divergence, Sentence


@dataclasses.dataclass(frozen=True)
class Remedy:
    """A change of settings at a moment of the past, from which training goes on.

    Attributes
    ----------
    label
        What its button says.
    epoch
        From where it goes on.
    rate, clip
        The learning rate and the largest gradient norm; None where it stays.
    """

    label: str
    epoch: int
    rate: float | None = None
    clip: float | None = None

    def take(self, bridge: Bridge, editor: Editor) -> None:
        """Go to that moment, change the settings, which begins a branch, and train on."""
        config = bridge.config
        if config is None:
            return
        if self.rate is not None:
            config = dataclasses.replace(config, optimizer=config.optimizer.having(learning_rate=self.rate))
        if self.clip is not None:
            config = dataclasses.replace(config, clip_norm=self.clip)
        bridge.go_to(self.epoch)
        editor.edit(self.label.partition(" and go on")[0].lower(), config=config)
        bridge.play()


def remedies(found: "Divergence") -> tuple[Remedy, ...]:
    """Return what was found to help after a divergence."""
    made: list[Remedy] = []
    where = f"and go on from epoch {found.from_epoch:,}"
    if found.advised is not None:
        made.append(Remedy(f"Set the rate to {found.advised:g} {where}", found.from_epoch, rate=found.advised))
    if found.clipped:
        made.append(Remedy(f"Clip the gradient at 1 {where}", found.from_epoch, clip=1.0))
    return tuple(made)


class Offers(QWidget):
    """The buttons below the log; without any it takes no room."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("narrator.offers")
        self._context = context
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 2, 10, 8)
        self._column.setSpacing(4)
        self._labels: tuple[str, ...] = ()
        self.buttons: list[QPushButton] = []
        self.hide()

    def show_for(self, sentence: "Sentence | None") -> None:
        """Offer what can be done about a sentence."""
        context, made = self._context, []
        if sentence is not None and sentence.rule == "divergence" and context.narrating.divergence is not None:
            found = remedies(context.narrating.divergence)
            made += [(each.label, lambda each=each: each.take(context.bridge, context.editor)) for each in found]
        if sentence is not None and sentence.rows:
            rows, title = sentence.rows, sentence.text
            made.append((f"Show these rows ({len(rows)})", lambda: context.show_rows(rows, title)))
        labels = tuple(label for label, _ in made)
        if labels == self._labels:
            return
        self._labels = labels
        for button in self.buttons:
            self._column.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        for nth, (label, do) in enumerate(made):
            button = QPushButton(label)
            button.setObjectName(f"narrator.offer_{nth + 1}")
            button.setToolTip(label)
            button.clicked.connect(lambda _checked=False, do=do: do())
            self._column.addWidget(button)
            self.buttons.append(button)
        self.setVisible(bool(made))
