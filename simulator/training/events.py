"""What a runner reports: frozen values, none of them lost, in the order in which they happened."""

import dataclasses
from typing import Any

from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.explain import Moment
from simulator.snapshot import Snapshot
from simulator.spec import NetworkSpec, TrainingConfig


@dataclasses.dataclass(frozen=True, eq=False)
class Opened:
    """A new session stands at epoch 0; its record of epoch 0 follows in a `Recorded`."""

    dataset: Dataset
    snapshot: Snapshot
    engine: str
    device: str
    threads: int


@dataclasses.dataclass(frozen=True, eq=False)
class Recorded:
    """Epochs were completed: read-only rows of `RECORD`, oldest first. Epoch 0 begins a new history."""

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
    """Settings were changed, from the next update on."""

    network: NetworkSpec
    config: TrainingConfig


@dataclasses.dataclass(frozen=True, eq=False)
class Failed:
    """A command or the training failed; the session is whole, and paused.

    Attributes
    ----------
    message, hint
        The two lines for the user.
    kind
        The name of the error's class; "InternalError" for a defect of the program, whose traceback is in the log.
    """

    message: str
    hint: str
    kind: str


@dataclasses.dataclass(frozen=True, eq=False)
class Explained:
    """The answer to `Explain`, to be handed to `simulator.explain`.

    Attributes
    ----------
    moment
        Before the next update.
    last
        Before the last one; None where that is not known (see `simulator.training.session.Session.last_moment`).
    """

    moment: Moment
    last: Moment | None = None


@dataclasses.dataclass(frozen=True)
class Closed:
    """The thread has ended; the last event."""


Event = Opened | Recorded | Playing | Preparing | Configured | Failed | Explained | Closed
