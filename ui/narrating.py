"""Tells the story of the branch that is looked at, worked out beside the window, once for all who want it."""

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ui.bridge import Bridge
from ui.jobs import Job
from ui.telling import Given, Memory, Story, tell

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.insight.narrator import Divergence

_SECONDS, _DUTY = 0.5, 40.0
_GROWN = 1.05
_MOMENTS = 60
_LONG_LOOK = 0.3
"""Seconds: where finding one moment takes longer, none is looked for between those that are known."""


def _shapes(dataset: "Dataset") -> tuple[tuple[int, int], ...]:
    """Return the numbers of inputs and outputs that fit: two classes may be one output."""
    inputs, outputs = dataset.X_train.shape[1], dataset.Y_train.shape[1]
    return ((inputs, outputs), (inputs, 1)) if len(dataset.class_names) == 2 else ((inputs, outputs),)


_PATIENCE = 5.0
"""Seconds after which nobody answers any more: somebody wished to go elsewhere."""


class Narrating(QObject):
    """Keeps the story of the branch while anybody wants it: at most twice a second, and at rest.

    While training plays, it is told anew when the branch has grown by a twentieth, from what was looked at on the way.
    At rest the whole branch is surveyed, and moments between are looked for until it is known exactly since when
    something holds.

    Signals
    -------
    told
        `Story`: it is about another moment, or has other sentences.
    diagnosed
        `simulator.insight.narrator.Divergence`: why training diverged, and what would have held; None where that could
        not be found out.

    Attributes
    ----------
    story
        The last one, or None.
    """

    told = Signal(object)
    diagnosed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.story: Story | None = None
        self._found: dict[int, Divergence] = {}
        self._diverged = False
        self._wanting: set[Any] = set()
        self._memory, self._survey = Memory(), ()
        self._looked: dict[int, Any] = {}
        self._sought: set[int] = set()
        self._seeking, self._sought_at = True, 0.0
        self._job: Job | None = None
        self._diagnosis: Job | None = None
        self._stale, self._unsurveyed, self._asked = True, True, False
        self._told_at, self._pause, self._told_of = 0.0, _SECONDS, 0
        bridge.opened.connect(self._opened)
        bridge.branched.connect(self._branched)
        bridge.recorded.connect(self._recorded)
        bridge.snapshot_changed.connect(lambda _snapshot: self._age())
        bridge.configured.connect(lambda _event: self._age(anew=True))
        bridge.surveyed.connect(self._take_survey)
        bridge.peeked.connect(self._take_moment)
        bridge.failed.connect(self._failed)
        bridge.ticked.connect(self._look)

    def want(self, view: Any, *, wanted: bool = True) -> None:
        """Say that a view wants to be told, from now on or no longer."""
        (self._wanting.add if wanted else self._wanting.discard)(view)

    def _age(self, *, anew: bool = False) -> None:
        self._stale = True
        self._told_of = 0 if anew else self._told_of

    def _opened(self, _event: Any) -> None:
        for job in (self._job, self._diagnosis):
            if job is not None:
                job.cancel()
        self._job = self._diagnosis = self.story = None  # or the same story of the same data again would be no news
        self._found, self._diverged = {}, False
        self._memory, self._survey, self._asked = Memory(), (), False
        self._stale = self._unsurveyed = True
        self._forget_moments()

    def _branched(self, _event: Any) -> None:
        self._survey, self._stale, self._unsurveyed = (), True, True
        self._forget_moments()

    def _recorded(self, rows: Any) -> None:
        self._stale = self._unsurveyed = True
        if rows["epoch"][0] == 0:
            self._forget_moments()

    def _forget_moments(self) -> None:
        self._looked, self._sought, self._seeking, self._told_of = {}, set(), True, 0

    @property
    def divergence(self) -> "Divergence | None":
        """What is known about how the branch ended; None when it goes on, or went on."""
        snapshot = self._bridge.snapshot
        found = None if snapshot is None else self._found.get(snapshot.branch)
        return found if found is not None and snapshot is not None and found.epoch > snapshot.end[0] else None

    # -- asking -------------------------------------------------------------------------------------------------

    def _look(self, now: float) -> None:
        bridge = self._bridge
        if not self._wanting or bridge.snapshot is None or bridge.dataset is None:
            return
        resting = not bridge.playing
        if self._unsurveyed and not self._asked and (resting or not self._survey) and len(bridge.records):
            self._unsurveyed, self._asked = False, True
            bridge.survey(_MOMENTS)
        due = resting or len(bridge.records) >= _GROWN * self._told_of or len(bridge.records) < self._told_of
        if self._job is None and self._stale and due and now - self._told_at >= (0.05 if resting else self._pause):
            self._tell(now)

    def _tell(self, now: float) -> None:
        bridge = self._bridge
        snapshot, dataset = bridge.snapshot, bridge.dataset
        assert snapshot is not None
        assert dataset is not None
        if (snapshot.network.inputs, snapshot.network.outputs) not in _shapes(dataset):
            return  # a moment between two data sets
        self._stale, self._told_at = False, now
        records = bridge.records[: snapshot.end[0] + 1]  # a copy of a long run would take too long here
        self._told_of = len(records)
        fork, looked = self._fork(snapshot.branch), tuple(self._looked.values())
        given = Given(records, self._survey, looked, snapshot, dataset, fork, self.divergence)
        self._job = bridge.run_job(tell, given, self._memory, on_done=self._done, on_failed=lambda _: self._stop())

    def _fork(self, number: int) -> tuple[int, str] | None:
        branch = self._bridge.branches.get(number)
        if branch is None or branch.parent is None or branch.parent not in self._bridge.branches:
            return None
        return branch.fork[0], self._bridge.branches[branch.parent].name

    def _stop(self) -> None:
        self._job = None

    def _done(self, story: Story) -> None:
        self._job = None
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._told_at))
        before, self.story = self.story, story
        if before is None or (before.sentences, before.foremost, before.newest, before.shown, before.branch) != (
            story.sentences, story.foremost, story.newest, story.shown, story.branch,
        ):  # fmt: skip
            self.told.emit(story)
        self._seek(story)

    def _seek(self, story: Story) -> None:
        """Ask for the middle of every stretch of epochs in which something began, and no one knows when."""
        bridge, snapshot = self._bridge, self._bridge.snapshot
        if bridge.playing or not self._seeking or self._unsurveyed or self._asked:
            return
        if self._sought and time.perf_counter() - self._sought_at < _PATIENCE:
            return
        if snapshot is None or snapshot.branch != story.branch:
            return
        stretches = {each.unsure for each in story.sentences if each.unsure is not None}
        self._sought = {(before + since) // 2 for before, since in stretches} - self._looked.keys()
        self._sought_at = time.perf_counter()
        for epoch in sorted(self._sought):
            bridge.peek(snapshot.branch, epoch)

    def _take_moment(self, event: Any) -> None:
        """Take a moment that was looked for, and tell anew when all are there."""
        from simulator.training.survey import SurveyMoment

        asked, found, snapshot = event.asked, event.snapshot, self._bridge.snapshot
        if asked.epoch not in self._sought or asked.item or snapshot is None or asked.branch != snapshot.branch:
            return
        self._looked[asked.epoch] = SurveyMoment(
            found.epoch, 0, float(found.epoch), found.network, found.config, event.dataset, found.parameters
        )
        self._sought.discard(asked.epoch)
        now = time.perf_counter()
        self._seeking = self._seeking and now - self._sought_at < _LONG_LOOK
        self._sought_at = now
        self._stale = self._stale or not self._sought

    def _take_survey(self, event: Any) -> None:
        """Take the moments that anybody asked for, where they are of the branch that is looked at."""
        self._asked = False
        snapshot = self._bridge.snapshot
        if snapshot is None or event.branch != snapshot.branch:
            self._unsurveyed = True
            return
        self._survey, self._stale = event.moments, True
        if self._diverged:
            self._diagnose()

    # -- divergence ---------------------------------------------------------------------------------------------

    def _failed(self, failure: Any) -> None:
        """Find out why, when training diverged; a survey that nobody answered any more is asked for again."""
        self._asked, self._sought = False, set()
        if failure.kind != "TrainingDivergedError":
            return
        self._diverged = self._unsurveyed = True
        if not self._wanting:
            self._unsurveyed = False
            self._bridge.survey(_MOMENTS)

    def _diagnose(self) -> None:
        from simulator.training.divergence import diagnose

        bridge = self._bridge
        snapshot, config = bridge.snapshot, bridge.config
        assert snapshot is not None
        if config is None:
            return
        self._diverged, branch, epoch = False, snapshot.branch, snapshot.end[0] + 1
        records = bridge.records[:epoch]
        self._diagnosis = bridge.run_job(
            diagnose,
            self._survey,
            records,
            epoch,
            config,
            on_done=lambda found: self._explain(branch, found),
            on_failed=lambda _: self._give_up(),
        )

    def _give_up(self) -> None:
        self._diagnosis = None
        self.diagnosed.emit(None)

    def _explain(self, branch: int, found: "Divergence") -> None:
        self._diagnosis, self._stale = None, True
        self._found[branch] = found
        self.diagnosed.emit(found)
