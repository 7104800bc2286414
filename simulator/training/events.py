"""What a runner reports: frozen values, none of them lost, in the order in which they happened."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.explain import Moment
from simulator.interchange import Model
from simulator.snapshot import Snapshot
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.commands import Peek, Save, Take
from simulator.training.session_record import SessionRecord
from simulator.training.survey import SurveyMoment
from simulator.training.timeline import Place
from simulator.training.trace import Trace


@dataclasses.dataclass(frozen=True, eq=False)
class Opened:
    """Another session stands at epoch 0, or where it or its model was saved; its records follow in a `Recorded`.

    Attributes
    ----------
    layout
        How the window was arranged when the session was saved, as JSON values; None for a new one.
    reason
        Why it computes on this device, as in `Session.device_reason`; empty where there is nothing to be said.
    """

    dataset: Dataset
    snapshot: Snapshot
    engine: str
    device: str
    threads: int
    layout: Mapping[str, Any] | None = None
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Moved:
    """The session computes elsewhere from now on: somebody said so, or its device failed (then a `Failed` follows).

    Attributes
    ----------
    engine, device, threads
        With what.
    reason
        Why this device, as in `Session.device_reason`; empty where there is nothing to be said.
    lost
        How many updates are to be made again, since the device that it was on failed.
    """

    engine: str
    device: str
    threads: int
    reason: str = ""
    lost: int = 0


@dataclasses.dataclass(frozen=True)
class DeviceUsed:
    """How a device was used lately, by our own timing; told about twice a second while one is used.

    Attributes
    ----------
    busy
        The share of the time in which it worked for us, from 0 to 1.
    held, free, total
        Bytes of its memory: ours, nobody's, all.
    """

    busy: float
    held: int
    free: int
    total: int


@dataclasses.dataclass(frozen=True, eq=False)
class Recorded:
    """Epochs were completed: read-only rows of `RECORD`, oldest first. Epoch 0 begins a new history.

    Of epochs before the one in which a run began, as it went on from a model, all figures are NaN.
    """

    rows: NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Playing:
    """Training began or stopped; True while the runner works on something."""

    on: bool


@dataclasses.dataclass(frozen=True)
class Preparing:
    """Something is being prepared, and training waits for it; nothing else does.

    Attributes
    ----------
    text
        What it is, in words for a status bar; empty from the moment on at which training can begin.
    """

    text: str


@dataclasses.dataclass(frozen=True, eq=False)
class Configured:
    """Settings were changed, from the next update on, or other data was asked for."""

    network: NetworkSpec
    config: TrainingConfig


@dataclasses.dataclass(frozen=True, eq=False)
class DataChanged:
    """The moment that is shown has another data set, or another one waits; the snapshot of that moment follows.

    A session begins with the data set of its `Opened`, and none that waits.

    Attributes
    ----------
    dataset
        What the epoch that has begun trains on.
    waiting
        What the next epoch will train on, where that is another one.
    place
        The moment that is shown: complete epochs, and work items of the next one.
    """

    dataset: Dataset
    waiting: Dataset | None
    place: Place


@dataclasses.dataclass(frozen=True, eq=False)
class Failed:
    """A command or the training failed; the session is whole, and paused.

    Attributes
    ----------
    message, hint
        The two lines for the user.
    kind
        The name of the error's class; "InternalError" for a defect of the program, whose traceback is in the log.
    needed, free
        Of a "DeviceMemoryError", bytes: what would have been needed, and what is free or allowed.
    """

    message: str
    hint: str
    kind: str
    needed: int = 0
    free: int = 0


@dataclasses.dataclass(frozen=True, eq=False)
class Explained:
    """The answer to `Explain`, to be handed to `simulator.explain`.

    Attributes
    ----------
    moment
        Before the next update.
    last
        Before the last one; None where that is not known (see `simulator.training.session.Session.last_moment`).
    dataset, last_dataset
        What each of them belongs to.
    """

    moment: Moment
    last: Moment | None
    dataset: Dataset
    last_dataset: Dataset | None


@dataclasses.dataclass(frozen=True, eq=False)
class BranchNews:
    """A branch of the timeline, as it is known above.

    Attributes
    ----------
    number, name
        Which it is.
    parent
        The number of the branch that it left, or None.
    fork, end
        When it left that, or where its run began, and how far it was trained: complete epochs, and work items of the
        next one.
    records
        Its scalars from epoch 0 on, rows of `RECORD`, when it was left; of the one that is looked at: none, `Recorded`
        brings them.
    """

    number: int
    name: str
    parent: int | None
    fork: Place
    end: Place
    records: NDArray[Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Branched:
    """Another branch is looked at, or the branches are others; its records follow, from epoch 0 on."""

    branches: tuple[BranchNews, ...]
    current: int


@dataclasses.dataclass(frozen=True)
class Travelling:
    """A moment is sought, which takes some time: how much is done, 0 … 1; None when it was found or given up."""

    fraction: float | None


@dataclasses.dataclass(frozen=True, eq=False)
class Traced:
    """The answer to `Follow`."""

    trace: Trace


@dataclasses.dataclass(frozen=True, eq=False)
class Surveyed:
    """The answer to `Survey`: moments of one branch, the oldest first."""

    branch: int
    moments: tuple[SurveyMoment, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Peeked:
    """The answer to `Peek`: the command, and the moment that it asked for with its data set."""

    asked: Peek
    snapshot: Snapshot
    dataset: Dataset


@dataclasses.dataclass(frozen=True, eq=False)
class Saving:
    """The answer to `Save`: nothing is written yet.

    Attributes
    ----------
    asked
        The command that is answered.
    record
        What is to be written (see `simulator.training.session_file.write_session`).
    """

    asked: Save
    record: SessionRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Taken:
    """The answer to `Take`: the command, and the model with its moment."""

    asked: Take
    model: Model
    snapshot: Snapshot


@dataclasses.dataclass(frozen=True)
class Closed:
    """The thread has ended; the last event."""


Event = (
    Opened
    | Moved
    | DeviceUsed
    | Recorded
    | Playing
    | Preparing
    | Configured
    | DataChanged
    | Failed
    | Explained
    | Branched
    | Travelling
    | Traced
    | Surveyed
    | Peeked
    | Saving
    | Taken
    | Closed
)
