"""What can be seen of a session, at the moment where it stands and at others; looking changes nothing."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines import Engine
from simulator.errors import ConfigError
from simulator.explain import Moment, moment_of
from simulator.interchange import Model
from simulator.nn import parameters
from simulator.progress import Progress
from simulator.snapshot import Snapshot
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.continuing import training_state
from simulator.training.course import Course
from simulator.training.sampling import SAMPLE_SECONDS, sample
from simulator.training.survey import SurveyMoment, most_moments, survey_of
from simulator.training.timeline import Branch, Change, Place, Timeline
from simulator.training.trace import Trace, trace_of


class Looking:
    """What a session tells of itself.

    Attributes
    ----------
    network, config, wanted_dataset
        What was asked for last.
    timeline
        All runs from the start on.
    """

    network: NetworkSpec
    config: TrainingConfig
    wanted_dataset: Dataset
    timeline: Timeline

    _engine: Engine
    _course: Course
    _row: int

    @property
    def engine(self) -> Engine:
        """What computes; nobody else may move it."""
        return self._engine

    @property
    def dataset(self) -> Dataset:
        """What the epoch that has begun trains on."""
        return self._course.settings.dataset

    @property
    def next_dataset(self) -> Dataset:
        """What the next update follows from: see `moment`."""
        return self._upcoming.dataset

    @property
    def epoch(self) -> int:
        """How many epochs are complete."""
        return self._engine.epoch

    @property
    def batch(self) -> int:
        """The next batch of the epoch that has begun, from 0."""
        return min(self._engine.item, self._engine.batches - 1)

    @property
    def ready(self) -> bool:
        """Whether `work` can begin at once: the engine's kernels are compiled."""
        return self._engine.ready

    @property
    def preparing(self) -> str:
        """What is being prepared in the background, in words for a status bar; empty when nothing is."""
        return self._engine.preparing

    @property
    def branch(self) -> Branch:
        """The branch of the timeline that is looked at."""
        return self._course.branch

    @property
    def place(self) -> Place:
        """The present moment: epochs that are complete, and work items of the next one that are done."""
        return self._course.place

    @property
    def end(self) -> Place:
        """How far the branch was trained."""
        return self._course.end

    @property
    def live(self) -> bool:
        """Whether the present moment is the branch's end, where training makes new numbers."""
        return self._course.live

    @property
    def changes(self) -> list[Change]:
        """The settings that were changed on the way of this branch."""
        return self.branch.all_changes[1:]

    @property
    def records(self) -> NDArray[Any]:
        """A read-only copy of the scalars of the branch's epochs from 0, rows of `simulator.snapshot.RECORD`."""
        return self.branch.history.since(0)

    def records_since(self, count: int) -> NDArray[Any]:
        """Return the records after the first `count` of them."""
        return self.branch.history.since(count)

    def snapshot(self) -> Snapshot:
        """Return the present moment."""
        return self._taken(self.network, self.config, self._row)

    def peek(
        self, number: int | None = None, epoch: int | None = None, item: int = 0, progress: Progress | None = None
    ) -> Snapshot:
        """Return another moment without going there: the numbers are those that training had there, to the bit.

        Parameters
        ----------
        number
            The branch; None for the one that is looked at.
        epoch, item
            As in `go_to`; the branch's end when no epoch is given.

        Raises
        ------
        ConfigError
            When there is no such branch or moment.
        Cancelled
            When the progress was cancelled.
        """
        with self._course.away(None if number is None else self._branch(number)):
            goal = self.end if epoch is None else self._moment(epoch, item)
            self._course.seek(goal, progress or Progress())
            wanted = self._course.wanted
            return self._taken(wanted.network, wanted.config, 0)

    def _taken(self, network: NetworkSpec, config: TrainingConfig, row: int) -> Snapshot:
        """Return the moment at which the engine stands."""
        flat = self._engine.parameters()
        return Snapshot(
            network,
            config,
            self.epoch,
            self.batch,
            row,
            self._engine.batches,
            self._course.settings.config.batch_size,
            self._engine.updates,
            flat,
            parameters.layers(network, flat),
            self.branch.history.row(self.epoch),
            self.branch.number,
            self.end,
            self.place >= self.end,
            self._course.updates,
            self.branch.first,
        )

    def moment(self, batch: int | None = None) -> Moment:
        """Return all that the next update follows from, to be explained.

        Parameters
        ----------
        batch
            Another batch of the epoch that has begun, from 0, as it would run with the present parameters.

        Raises
        ------
        ConfigError
            When the epoch has no such batch.
        """
        state, holds = self._engine.state(), self._upcoming
        if state.item >= self._engine.batches:  # only test rows are left
            state = dataclasses.replace(state, epoch=state.epoch + 1, item=0)
        return moment_of(holds.network, holds.config, state, self._course.data_of(holds), batch)

    def last_moment(self, patience: float = math.inf) -> Moment | None:
        """Return all that the last update followed from, to be explained: the run is repeated from a kept state.

        Parameters
        ----------
        patience
            How many seconds that may take, as far as it can be told before.

        Returns
        -------
        None where there was no update since the start, or where it would take longer.
        """
        course = self._course
        epoch, item = self.place
        place = epoch, min(item, self._engine.batches)
        if place <= self.branch.first:
            return None
        with course.away():
            goal = course.before(place)
            if course.seconds_to(goal) > patience:
                return None
            course.seek(goal, Progress())
            settings = course.settings
            return moment_of(settings.network, settings.config, self._engine.state(), self._course.data)

    def dataset_at(self, epoch: int, item: int = 0, number: int | None = None) -> Dataset:
        """Return what is trained on at a moment of a branch; None for the one that is looked at."""
        branch = self.branch if number is None else self._branch(number)
        return branch.settings((epoch, item)).dataset

    @property
    def _upcoming(self) -> Change:
        """The settings of the next update: what waits for the next epoch holds where only test rows are left."""
        begun = 0 < self._engine.item < self._engine.batches
        return self._course.settings if begun else self._course.wanted

    def model(self) -> Model:
        """Return the network as it is now, with all that predictions on raw tables and going on training need."""
        state, holds = self._engine.state(), self._course.settings
        record = self.branch.history.row(state.epoch)
        training = training_state(state, record, holds.config.batch_size, holds.dataset)
        return Model(self.network, self.config, state.parameters, holds.dataset.recipe, state.epoch, training)

    def trace(self, places: Sequence[int], patience: float = SAMPLE_SECONDS) -> Trace:
        """Return how parameters, by their places in the flat vector, went along the branch, up to its end.

        Parameters
        ----------
        places
            Of the parameters.
        patience
            How many seconds the run may be repeated for it.

        Raises
        ------
        ConfigError
            When there is no such parameter.
        """
        count = self.network.parameter_count
        wrong = next((place for place in places if not 0 <= place < count), None)
        if wrong is not None:
            raise ConfigError(f"there is no parameter {wrong}", f"The network has {count:,}, counted from 0.")
        return trace_of(self.branch, sample(self._course, patience=patience), self._course.data_of, places)

    def survey(self, most: int = 60, patience: float = SAMPLE_SECONDS) -> tuple[SurveyMoment, ...]:
        """Return the whole network at about so many moments along the branch, its start and its end among them.

        A run that can be repeated in so many seconds is, and its moments stand closer at the start, where more
        happens; a longer one is known by its keyframes, about evenly in the time that training took.
        """
        most = most_moments(most, self._engine.parameters().nbytes)
        return survey_of(self.branch, sample(self._course, most, patience))

    # -- where that is ------------------------------------------------------------------------------------------

    def _moment(self, epoch: int, item: int) -> Place:
        """Return a moment of the branch, the nearest one for what lies beyond its ends; refuse what is none."""
        if epoch < 0 or item < 0:
            raise ConfigError(f"there is no batch {item} of epoch {epoch}", "Moments are counted from 0.")
        if (epoch, item) < self.end and item and item >= self._course.batches(epoch):
            batches = self._course.batches(epoch)
            raise ConfigError(f"epoch {epoch + 1} has no batch {item}", f"It has {batches}, counted from 0.")
        return max(self.branch.first, min((epoch, item), self.end))

    def _branch(self, number: int) -> Branch:
        branch = self.timeline.branches.get(number)
        if branch is None:
            known = ", ".join(str(each) for each in self.timeline.branches)
            raise ConfigError(f"there is no branch {number}", f"There are {known}.")
        return branch

    def _rows_of(self, place: Place) -> int:
        """Return how many rows a batch has."""
        holds = self.branch.settings((place[0], 0))
        size = holds.config.batch_size
        return min(size, len(holds.dataset.X_train) - place[1] * size)
