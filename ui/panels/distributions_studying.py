"""Has the layers looked at: at moments along the branch, and at the present one, always beside the window."""

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Job

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.insight.distributions import Place, Study
    from simulator.insight.health import Health
    from simulator.snapshot import Floats, Snapshot
    from simulator.spec import NetworkSpec, TrainingConfig

MOMENTS = 40
_MOST = 120
"""While training plays, moments are added until there are so many; then half of them are kept, evenly."""

_SECONDS, _DUTY = 0.25, 8.0
_AGAIN, _AGAIN_DUTY = 20.0, 40.0


@dataclasses.dataclass(frozen=True, eq=False)
class Shown:
    """The moment on the timeline, as `simulator.insight.distributions.Moment` wants it."""

    epoch: int
    item: int
    time: float
    network: "NetworkSpec"
    config: "TrainingConfig"
    dataset: "Dataset"
    parameters: "Floats"


def shown(snapshot: "Snapshot", dataset: "Dataset") -> Shown:
    """Return a snapshot with its data as a moment."""
    moment = snapshot.epoch + snapshot.batch / max(1, snapshot.batches)
    return Shown(
        snapshot.epoch, snapshot.batch, moment, snapshot.network, snapshot.config, dataset, snapshot.parameters
    )


def examined(moment: Shown, progress: Progress) -> "tuple[Study, Health]":
    """Return how everything is spread at a moment, and which neurons are in trouble: a job."""
    from simulator.insight.distributions import present
    from simulator.insight.health import examine
    from simulator.nn.parameters import layers

    study = present(moment, progress)
    progress.report(None)
    return study, examine(moment.network, layers(moment.network, moment.parameters), moment.dataset.X_train)


class Studying(QObject):
    """Keeps studies of one branch while somebody looks.

    Signals
    -------
    changed
        There are other studies.

    Attributes
    ----------
    present
        Of the newest moment that was looked at, with figures; or None.
    health
        Which neurons were in trouble then; or None.
    fraction
        How much of the branch is looked at, 0 … 1; None when that is done.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._past: dict[Place, Study] = {}
        self.present: Study | None = None
        self.health: Health | None = None
        self.fraction: float | None = None
        self._branch: int | None = None
        self._snapshot: Any = None
        self._jobs: dict[str, Job] = {}
        self._due, self._awaited = True, False
        self._asked_at = self._looked_at = 0.0
        self._pause, self._again = _SECONDS, _AGAIN
        bridge.opened.connect(lambda _event: self._forget())
        bridge.branched.connect(lambda _event: self.ask())
        bridge.playing_changed.connect(lambda playing: None if playing else self.ask())
        bridge.surveyed.connect(self._surveyed)

    def ask(self) -> None:
        """Look at the whole branch again when there is time."""
        self._due = True

    @property
    def all(self) -> "list[Study]":
        """All studies, the oldest first, the present one among them."""
        found = dict(self._past)
        if self.present is not None:
            found[self.present.place] = self.present
        return [found[place] for place in sorted(found)]

    def look(self, now: float) -> None:
        """Do what is due; called with every frame while somebody looks."""
        snapshot, dataset = self._bridge.snapshot, self._bridge.dataset
        if snapshot is None or dataset is None:
            return
        if snapshot.branch != self._branch:
            self._forget()
            self._branch = snapshot.branch
        playing = self._bridge.playing
        rested = now - self._asked_at > (self._again if playing else 0.1)
        if (self._due or playing) and rested and not self._awaited and "past" not in self._jobs:
            self._due, self._awaited, self._asked_at = False, True, now
            self._bridge.survey(MOMENTS)
        if snapshot is self._snapshot or "present" in self._jobs:
            return
        if playing and now - self._looked_at < self._pause:
            return
        self._snapshot, self._looked_at = snapshot, time.perf_counter()
        self._jobs["present"] = self._bridge.run_job(
            examined, shown(snapshot, dataset), on_done=self._seen, on_failed=lambda failure: self._failed("present")
        )

    def _seen(self, found: "tuple[Study, Health]") -> None:
        del self._jobs["present"]
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._looked_at))
        study, self.health = found
        self.present = study
        if self._bridge.playing:
            from simulator.insight.distributions import spaced

            self._past[study.place] = study
            if len(self._past) > _MOST:
                places = sorted(self._past)
                kept = spaced([self._past[place].time for place in places], _MOST // 2)
                self._past = {places[nth]: self._past[places[nth]] for nth in kept.tolist()}
        self.changed.emit()

    def _surveyed(self, event: Any) -> None:
        """Look at the moments of an answer, also of one that another view asked for."""
        waited, self._awaited = self._awaited, False
        if event.branch != self._branch or "past" in self._jobs:
            self._due = self._due or waited
            return
        if not waited and self._past:
            return
        from simulator.insight.distributions import studies

        self.fraction = 0.0
        self._jobs["past"] = self._bridge.run_job(
            studies,
            event.moments,
            dict(self._past),
            on_done=self._known,
            on_failed=lambda failure: self._failed("past"),
            on_progress=self._report,
        )
        self.changed.emit()

    def _report(self, fraction: float | None, _text: str) -> None:
        self.fraction = fraction or 0.0
        self.changed.emit()

    def _known(self, found: "tuple[Study, ...]") -> None:
        del self._jobs["past"]
        self.fraction = None
        self._again = max(_AGAIN, _AGAIN_DUTY * (time.perf_counter() - self._asked_at))
        reached = max((study.place for study in found), default=(0, 0))
        # What was trained while the branch was looked at stays; what was taken back after a divergence goes.
        snapshot = self._bridge.snapshot
        end = reached if snapshot is None else snapshot.end
        later = {place: study for place, study in self._past.items() if reached < place <= end}
        self._past = {study.place: study for study in found} | later
        self.changed.emit()

    def _failed(self, which: str) -> None:
        self._jobs.pop(which, None)
        self.fraction = None
        self.changed.emit()

    def _forget(self) -> None:
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()
        self._past, self.present, self.health, self._snapshot = {}, None, None, None
        self._branch, self.fraction = None, None
        self._due, self._asked_at = True, 0.0
        self.changed.emit()
