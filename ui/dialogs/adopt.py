"""Makes a model of another program's network: what its file says, what it leaves open, and what data says to that."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from simulator.data import Dataset
from simulator.interchange import Assumptions, Foreign
from ui.bridge import Bridge
from ui.dialogs.adopting.evidence import EvidenceView
from ui.dialogs.adopting.questions import Questions
from ui.dialogs.adopting.ways import Evidence, Way, assumptions, build, judge, ways
from ui.dialogs.foot import Foot
from ui.dialogs.open_dataset import OpenDatasetDialog, show_open_dataset
from ui.dialogs.sizing import scrolled
from ui.dialogs.wording import sentence
from ui.jobs import Failure, Job
from ui.preferences import Preferences

TITLE = "Import a network of another program"


class AdoptDialog(QDialog):
    """Asks what a file does not say.

    Parameters
    ----------
    bridge
        What runs the jobs.
    foreign
        What the file says.
    path
        The file.
    dataset
        The running data set, or None.

    Signals
    -------
    adopted
        (`Model`, `Dataset`), once they are made; the dialog is closed then.
    judged
        `Evidence`, whenever the rows were asked anew.

    Attributes
    ----------
    assumed
        What is taken for granted now.
    evidence
        What the rows say to that; None while they are asked.
    """

    adopted = Signal(object, object)
    judged = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        foreign: Foreign,
        path: Path,
        dataset: Dataset | None = None,
        parent: QWidget | None = None,
        *,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.adopt")
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self._bridge, self._preferences, self._foreign, self._path = bridge, preferences, foreign, path
        self._job: Job | None = None
        self._building = False
        self._touched = False
        self.assumed = Assumptions()
        self.evidence: Evidence | None = None
        self.questions = Questions(foreign)
        self.view = EvidenceView()
        self.foot = Foot("adopt", "&Import", "Cancel")
        self.open_data = QPushButton("&Open a data set …")
        self.take, self.shut, self.note = self.foot.do, self.foot.leave, self.foot.note
        self._build()
        self.questions.way_chosen.connect(self._way_chosen)
        self.questions.answered.connect(self._answer)
        self.view.chosen.connect(self._choose)
        self.open_data.clicked.connect(self._ask_for_data)
        self.take.clicked.connect(self._take)
        self.shut.clicked.connect(self.reject)
        self.questions.show_ways(ways(foreign, dataset))

    @property
    def running(self) -> bool:
        """Whether a job works on the evidence or the model."""
        return self._job is not None

    @property
    def way(self) -> Way:
        """How rows become inputs."""
        assert self.questions.way is not None
        return self.questions.way

    def accept(self) -> None:
        """Import, as Enter asks for."""
        if self.take.isEnabled():
            self.take.click()

    def done(self, result: int) -> None:
        """Close; what still runs is cancelled."""
        self._drop_job()
        super().done(result)

    def show_dataset(self, dataset: Dataset) -> None:
        """Take another data set to judge by and to train on."""
        offered = ways(self._foreign, dataset)
        self.questions.show_ways(offered)
        if len(offered) == 1:
            recipe = dataset.recipe
            self.foot.say(
                f"{dataset.name} has {recipe.inputs:,} inputs and {recipe.outputs:,} outputs; the network has "
                f"{self._foreign.sizes[0]:,} and {self._foreign.sizes[-1]:,}.",
                bad=True,
            )

    # -- answers ------------------------------------------------------------------------------------------------

    def _way_chosen(self, way: Way) -> None:
        self.foot.say("")
        self.assumed = assumptions(self._foreign, way, self.assumed.activation)
        self.questions.show_assumptions(self.assumed)
        self._judge()

    def _answer(self, assumed: Assumptions) -> None:
        before, self.assumed = self.assumed, dataclasses.replace(assumed, recipe=self.way.recipe)
        if assumed.activation != before.activation:
            self._touched = True
            self.view.show_activation(assumed.activation)
        if assumed.link != before.link:
            self._judge()

    def _choose(self, activation: str) -> None:
        self._touched = True
        self._show_activation(activation)

    def _show_activation(self, activation: str) -> None:
        self.assumed = dataclasses.replace(self.assumed, activation=activation)
        self.questions.show_assumptions(self.assumed)
        self.view.show_activation(activation)

    # -- what the rows say --------------------------------------------------------------------------------------

    def _judge(self) -> None:
        self._drop_job()
        self.evidence = None
        self._job = self._bridge.run_job(
            judge, self._foreign, self.way, self.assumed.link, on_done=self._judged, on_failed=self._not_judged
        )
        self._show_controls()

    def _judged(self, evidence: Evidence) -> None:
        self._job, self.evidence = None, evidence
        self.view.show_evidence(evidence, open_question=None in self._foreign.activations)
        if evidence.suggested and not self._touched:
            self._show_activation(evidence.suggested)
        else:
            self.view.show_activation(self.assumed.activation)
        self.foot.say("")
        self._show_controls()
        self.judged.emit(evidence)

    def _not_judged(self, failure: Failure) -> None:
        self._job = None
        self.view.show_evidence(Evidence(), open_question=None in self._foreign.activations)
        self._refuse(failure)
        self.judged.emit(None)

    # -- the model ----------------------------------------------------------------------------------------------

    def _take(self) -> None:
        self._drop_job()
        self._building = True
        self.foot.say("")
        self._job = self._bridge.run_job(
            build, self._foreign, self.way, self.assumed, self._path.name,
            on_done=self._made, on_failed=self._not_made,
            on_progress=self.foot.tell,
        )  # fmt: skip
        self._show_controls()

    def _made(self, made: tuple[Any, Any]) -> None:
        self._job = None
        self.done(int(QDialog.DialogCode.Accepted))
        self.adopted.emit(*made)

    def _not_made(self, failure: Failure) -> None:
        self._job, self._building = None, False
        self._refuse(failure)

    def _refuse(self, failure: Failure) -> None:
        self.foot.say(f"{sentence(failure.message)} {sentence(failure.hint)}", bad=True)
        self._show_controls()

    def _drop_job(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _ask_for_data(self) -> None:
        dialog = OpenDatasetDialog(self._bridge, None, self, preferences=self._preferences)
        dialog.accepted_dataset.connect(self.show_dataset)
        show_open_dataset(dialog)

    # -- how it looks -------------------------------------------------------------------------------------------

    def _show_controls(self) -> None:
        building = self._building and self._job is not None
        self.foot.progress.setVisible(self._job is not None)
        ready = self.evidence is not None and not building
        self.take.setEnabled(ready)
        why = "Wait until the network was tried." if self._job is not None else "These assumptions do not fit."
        self.take.setToolTip(
            "Draws the network, to be explained, predicted with and trained on (Enter)." if ready else why
        )
        self.questions.setEnabled(not building)
        self.view.setEnabled(not building)
        self.open_data.setEnabled(not building)

    def _build(self) -> None:
        title = QLabel(self._path.name)
        title.setObjectName("adopt.title")
        title.setTextFormat(Qt.TextFormat.PlainText)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setPixelSize(round(1.2 * self.fontInfo().pixelSize()))
        title.setFont(bold)
        title.setToolTip(str(self._path))
        self.open_data.setObjectName("adopt.open")
        self.open_data.setToolTip("Opens the data that the network was made for, to judge by and to train on (Alt+O).")
        self.shut.setToolTip("Leaves everything as it is (Esc).")
        self.foot.add_left(self.open_data)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addWidget(scrolled(self.questions), 1)
        middle.addWidget(self.view, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(title)
        layout.addLayout(middle, 1)
        layout.addWidget(self.foot)
        self.setMinimumSize(720, 480)
        room = self.screen().availableGeometry()
        self.resize(min(940, max(760, room.width() - 60)), min(680, max(520, room.height() - 60)))


def show_adopt(dialog: AdoptDialog, on_adopted: Callable[[Any, Any], object]) -> None:
    """Show the dialog without waiting for it, and forget it once it is closed."""
    dialog.adopted.connect(on_adopted)
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
