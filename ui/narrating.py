"""Tells the story of the branch that is looked at, worked out beside the window, once for all who want it."""

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Job

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.insight.narrator import Divergence, Examined, Facts, Sentence

_SECONDS, _DUTY = 0.25, 8.0
_SURVEY_SECONDS, _SURVEY_DUTY = 3.0, 30.0
_MOMENTS = 60
_MOST_LIVE = 400


@dataclasses.dataclass(frozen=True, eq=False)
class Story:
    """What is told.

    Attributes
    ----------
    sentences
        Of the whole branch, as far as it was trained, in the order in which they became known.
    shown
        The epoch of the moment that is shown.
    newest
        The newest sentence as it was at that moment, or None.
    branch
        The number of the branch.
    """

    sentences: "tuple[Sentence, ...]"
    shown: int
    newest: "Sentence | None"
    branch: int


@dataclasses.dataclass(frozen=True, eq=False)
class _Given:
    """What one telling is made from; moments are `SurveyMoment`s, and the live snapshot with its data."""

    records: NDArray[Any]
    survey: tuple[Any, ...]
    snapshot: Any
    dataset: Any
    fork: tuple[int, str] | None
    divergence: "Divergence | None"


class _Memory:
    """What was looked through before, so that no moment is looked through twice; used by one job at a time."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int, bool], Examined] = {}
        self.live: list[Examined] = []
        self.facts: dict[tuple[int, Any, Any], Facts] = {}
        self.branch = -1

    def examined(self, time_: float, moment: Any, dataset: Any, *, thorough: bool = False) -> "Examined":
        """Look a moment through, or remember that."""
        from simulator.insight.narrator import examined

        key = hash(moment.parameters.tobytes()), id(dataset), thorough
        found = self.known.get(key)
        if found is None or found.config != moment.config or found.time != time_:
            found = examined(
                moment.epoch, time_, moment.network, moment.config, dataset, moment.layers, thorough=thorough
            )
            if len(self.known) > 2000:
                self.known.clear()
            self.known[key] = found
        return found

    def facts_of(self, dataset: Any, network: Any, config: Any) -> "Facts":
        """Return the facts of a data set, or remember them."""
        from simulator.insight.narrator import facts_of

        key = id(dataset), network, config.loss
        if key not in self.facts:
            if len(self.facts) > 8:
                self.facts.clear()
            self.facts[key] = facts_of(dataset, network, config)
        return self.facts[key]


def tell(given: _Given, memory: _Memory, progress: Progress) -> Story:
    """Gather the evidence and tell the story."""
    from simulator.insight.narrator import Evidence, narrate

    snapshot, dataset = given.snapshot, given.dataset
    if memory.branch != snapshot.branch:
        memory.branch, memory.live = snapshot.branch, []
    moments = []
    for each in given.survey:
        progress.report(None, "looking the training through")
        moments.append(memory.examined(each.time, each, each.dataset))
    now = snapshot.epoch + snapshot.batch / max(1, snapshot.batches)
    if snapshot.live:
        latest = memory.examined(now, snapshot, dataset, thorough=True)
        memory.live = [*[each for each in memory.live if each.time < now][-_MOST_LIVE:], latest]
    end = moments[-1].time if moments else -1.0
    limit = now if snapshot.live else float("inf")
    moments = [each for each in moments if each.time < limit]
    moments += [each for each in memory.live if each.time > end or (snapshot.live and each.time == now)]
    moments.sort(key=lambda each: each.time)
    last = moments[-1] if moments else None
    network, config = (last.network, last.config) if last else (snapshot.network, snapshot.config)
    first = given.survey[0].dataset if given.survey else dataset
    newest = dataset if snapshot.live or not given.survey else given.survey[-1].dataset
    facts = [memory.facts_of(each, network, config) for each in (newest, first)]
    evidence = Evidence(
        given.records, network, config, facts[0], tuple(moments), given.fork, given.divergence,
        None if first is newest else facts[1],
    )  # fmt: skip
    sentences = narrate(evidence)
    past = sentences if snapshot.live else narrate(evidence.until(snapshot.epoch))
    return Story(sentences, snapshot.epoch, past[-1] if past else None, snapshot.branch)


def _shapes(dataset: "Dataset") -> tuple[tuple[int, int], ...]:
    """Return the numbers of inputs and outputs that fit: two classes may be one output."""
    inputs, outputs = dataset.X_train.shape[1], dataset.Y_train.shape[1]
    return ((inputs, outputs), (inputs, 1)) if len(dataset.class_names) == 2 else ((inputs, outputs),)


class Narrating(QObject):
    """Keeps the story of the branch while anybody wants it: at most four times a second, and at rest.

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
        self._memory, self._survey = _Memory(), ()
        self._job: Job | None = None
        self._diagnosis: Job | None = None
        self._stale, self._unsurveyed, self._asked = True, True, False
        self._told_at, self._pause = 0.0, _SECONDS
        self._surveyed_at, self._survey_pause = 0.0, _SURVEY_SECONDS
        bridge.opened.connect(self._opened)
        bridge.branched.connect(self._branched)
        bridge.recorded.connect(self._recorded)
        bridge.snapshot_changed.connect(lambda _snapshot: self._age())
        bridge.configured.connect(lambda _event: self._age())
        bridge.surveyed.connect(self._take_survey)
        bridge.failed.connect(self._failed)
        bridge.ticked.connect(self._look)

    def want(self, view: Any, *, wanted: bool = True) -> None:
        """Say that a view wants to be told, from now on or no longer."""
        (self._wanting.add if wanted else self._wanting.discard)(view)

    def _age(self) -> None:
        self._stale = True

    def _opened(self, _event: Any) -> None:
        for job in (self._job, self._diagnosis):
            if job is not None:
                job.cancel()
        self._job = self._diagnosis = None
        self._found, self._diverged = {}, False
        self._memory, self._survey, self._asked = _Memory(), (), False
        self._stale = self._unsurveyed = True

    def _branched(self, _event: Any) -> None:
        self._survey, self._stale, self._unsurveyed = (), True, True

    def _recorded(self, _rows: Any) -> None:
        self._stale = self._unsurveyed = True

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
        wait = self._survey_pause if bridge.playing else 0.0
        if self._unsurveyed and not self._asked and now - self._surveyed_at >= wait and len(bridge.records):
            self._unsurveyed, self._asked, self._surveyed_at = False, True, now
            bridge.survey(_MOMENTS)
        if self._job is None and self._stale and now - self._told_at >= (self._pause if bridge.playing else 0.05):
            self._tell(now)

    def _tell(self, now: float) -> None:
        bridge = self._bridge
        snapshot, dataset = bridge.snapshot, bridge.dataset
        assert snapshot is not None
        assert dataset is not None
        if (snapshot.network.inputs, snapshot.network.outputs) not in _shapes(dataset):
            return  # a moment between two data sets
        self._stale, self._told_at = False, now
        records = bridge.records[: snapshot.end[0] + 1].copy()
        divergence = self.divergence
        given = _Given(records, self._survey, snapshot, dataset, self._fork(snapshot.branch), divergence)
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
        if before is None or (before.sentences, before.newest, before.shown, before.branch) != (
            story.sentences, story.newest, story.shown, story.branch,
        ):  # fmt: skip
            self.told.emit(story)

    def _take_survey(self, event: Any) -> None:
        """Take the moments that anybody asked for, where they are of the branch that is looked at."""
        self._asked = False
        snapshot = self._bridge.snapshot
        self._survey_pause = max(_SURVEY_SECONDS, _SURVEY_DUTY * (time.perf_counter() - self._surveyed_at))
        if snapshot is None or event.branch != snapshot.branch:
            self._unsurveyed = True
            return
        self._survey, self._stale = event.moments, True
        if self._diverged:
            self._diagnose()

    # -- divergence ---------------------------------------------------------------------------------------------

    def _failed(self, failure: Any) -> None:
        """Find out why, when training diverged; a survey that nobody answered any more is asked for again."""
        self._asked = False
        from simulator.training.course import DIVERGED

        if failure.kind != "DivergenceError" or not failure.message.startswith(DIVERGED):
            return
        self._diverged = self._unsurveyed = True
        if not self._wanting:
            self._surveyed_at, self._unsurveyed = time.perf_counter(), False
            self._bridge.survey(_MOMENTS)

    def _diagnose(self) -> None:
        from simulator.training.divergence import diagnose

        bridge = self._bridge
        snapshot, config = bridge.snapshot, bridge.config
        assert snapshot is not None
        if config is None:
            return
        self._diverged, branch, epoch = False, snapshot.branch, snapshot.end[0] + 1
        records = bridge.records[:epoch].copy()
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
