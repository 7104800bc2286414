"""What the narrator tells of a branch at a moment: a pure function of what was seen of it, without Qt."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from simulator.progress import Progress

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.insight.narrator import Divergence, Examined, Facts, Sentence

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
    foremost, newest
        As it was at that moment, or None: what matters most (`simulator.insight.narrator.foremost`), and the newest.
    branch
        The number of the branch.
    """

    sentences: "tuple[Sentence, ...]"
    shown: int
    foremost: "Sentence | None"
    newest: "Sentence | None"
    branch: int


@dataclasses.dataclass(frozen=True, eq=False)
class Given:
    """What one telling is made from; moments are `SurveyMoment`s, and the live snapshot with its data.

    `looked` are further moments, that were looked for between those of the survey, in any order.
    """

    records: NDArray[Any]
    survey: tuple[Any, ...]
    looked: tuple[Any, ...]
    snapshot: Any
    dataset: Any
    fork: tuple[int, str] | None
    divergence: "Divergence | None"


class Memory:
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


def tell(given: Given, memory: Memory, progress: Progress) -> Story:
    """Gather the evidence and tell the story."""
    from simulator.insight.narrator import Evidence, foremost, narrate

    snapshot, dataset = given.snapshot, given.dataset
    if memory.branch != snapshot.branch:
        memory.branch, memory.live = snapshot.branch, []
    moments = []
    known = {each.time for each in given.survey}
    end = given.survey[-1].time if given.survey else -1.0
    between = [each for each in given.looked if each.time not in known and each.time < end]
    for each in sorted([*given.survey, *between], key=lambda moment: moment.time):
        progress.report(None, "looking the training through")
        moments.append(memory.examined(each.time, each, each.dataset))
    now = snapshot.epoch + snapshot.batch / max(1, snapshot.batches)
    if snapshot.live:
        latest = memory.examined(now, snapshot, dataset, thorough=True)
        memory.live = [*[each for each in memory.live if each.time < now][-_MOST_LIVE:], latest]
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
    shown = math.ceil(now) if snapshot.live else snapshot.epoch
    return Story(sentences, shown, foremost(past), past[-1] if past else None, snapshot.branch)
