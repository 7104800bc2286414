"""What a runner can be told: frozen values, obeyed in the order in which they were sent."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.data import Dataset
from simulator.errors import ConfigError
from simulator.interchange import Model
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.session import UNITS
from simulator.training.session_record import SessionRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Open:
    """Start a new session in place of the running one, which stays if this fails. The fields are `Session`'s."""

    dataset: Dataset
    network: NetworkSpec | None = None
    config: TrainingConfig | None = None
    engine: str = "auto"
    device: str = "cpu"
    threads: int | None = None
    start: Floats | Model | None = None


@dataclasses.dataclass(frozen=True)
class Play:
    """Train epoch after epoch until something else is said."""


@dataclasses.dataclass(frozen=True)
class Pause:
    """Stop between two chunks of work, and forget what was still to be advanced."""


@dataclasses.dataclass(frozen=True)
class Advance:
    """Stop playing, and go on by so many rows, batches or epochs; a second one adds to the first."""

    n: int = 1
    unit: str = "epoch"

    def __post_init__(self) -> None:
        if self.unit not in UNITS or self.n < 1:
            raise ConfigError(f"cannot advance by {self.n} {self.unit!r}", f"Advance by 1 or more of {UNITS}.")


@dataclasses.dataclass(frozen=True)
class Configure:
    """Change settings (see `Session.configure`); what runs goes on."""

    config: TrainingConfig | None = None
    network: NetworkSpec | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class ChangeData:
    """Train on other data from the next epoch on (see `Session.change_data`); what runs goes on.

    Of several that are sent before that epoch begins, the last one counts.
    """

    dataset: Dataset


@dataclasses.dataclass(frozen=True)
class Reset:
    """Stop, and go back to epoch 0 with the same start parameters."""


@dataclasses.dataclass(frozen=True)
class NewWeights:
    """Stop, and go back to epoch 0 with the start parameters of another seed (None: the next number)."""

    seed: int | None = None


@dataclasses.dataclass(frozen=True)
class GoTo:
    """Stop, and go to a moment of the branch (see `Session.go_to`); one that is sent after it takes its place."""

    epoch: int
    item: int = 0


@dataclasses.dataclass(frozen=True)
class Back:
    """Stop, and undo so many rows, batches or epochs (see `Session.back`)."""

    n: int = 1
    unit: str = "epoch"

    def __post_init__(self) -> None:
        if self.unit not in UNITS or self.n < 1:
            raise ConfigError(f"cannot go back by {self.n} {self.unit!r}", f"Go back by 1 or more of {UNITS}.")


@dataclasses.dataclass(frozen=True)
class Fork:
    """Stop, and begin a branch at this moment (see `Session.fork`)."""

    name: str = ""


@dataclasses.dataclass(frozen=True)
class Switch:
    """Stop, and look at another branch (see `Session.switch`)."""

    branch: int
    epoch: int | None = None
    item: int = 0


@dataclasses.dataclass(frozen=True)
class Rename:
    """Give a branch another name."""

    branch: int
    name: str


@dataclasses.dataclass(frozen=True)
class Limit:
    """Let the keyframes of the timeline take so many bytes at most, in this session and those that are opened later."""

    bytes: int

    def __post_init__(self) -> None:
        if self.bytes < 0:
            raise ConfigError(f"the timeline cannot have {self.bytes} bytes", "Give 0 or more.")


@dataclasses.dataclass(frozen=True)
class Show:
    """Put a snapshot of this moment into the mailbox."""


@dataclasses.dataclass(frozen=True)
class Explain:
    """Report, between two chunks, all that the next and the last update follow from: an `Explained` comes back."""


@dataclasses.dataclass(frozen=True)
class Follow:
    """Report how parameters went along the branch (see `Session.trace`): a `Traced` comes back."""

    places: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Survey:
    """Report the whole network at moments along the branch (see `Session.survey`): a `Surveyed` comes back."""

    most: int = 60


@dataclasses.dataclass(frozen=True)
class Peek:
    """Report another moment of any branch (see `Session.peek`): a `Peeked` comes back, and what runs goes on.

    Attributes
    ----------
    branch
        Its number; None for the one that is looked at.
    epoch, item
        The moment; the branch's end when no epoch is given.
    """

    branch: int | None = None
    epoch: int | None = None
    item: int = 0


@dataclasses.dataclass(frozen=True, eq=False)
class OpenRecord:
    """Put a session that was recorded in place of the running one, which stays if this fails.

    Attributes
    ----------
    record
        What `simulator.training.session_file.read_session` returned.
    engine, device, threads
        As in `Session.of_record`.
    """

    record: SessionRecord
    engine: str | None = None
    device: str | None = None
    threads: int | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Save:
    """Report all that the session is at this moment: a `Saving` comes back, whose record a job writes to a file.

    What runs goes on.

    Attributes
    ----------
    path
        Where the file is to be, for whoever writes it; None for a record that is not meant for a file.
    layout
        How the window is arranged, as JSON values; None for what was said before.
    purpose
        Whatever the sender wants to be reminded of, as that this is an autosave.
    """

    path: Path | None = None
    layout: Mapping[str, Any] | None = None
    purpose: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Take:
    """Report the network of this moment as a model, from which training goes on: a `Taken` comes back."""


@dataclasses.dataclass(frozen=True)
class Move:
    """Go on computing on another device, or with another engine (see `Session.move`): a `Moved` comes back.

    What runs goes on, with the same parameters, optimizer memory and order of rows. A run that was ended by a failure
    of its device goes on too; it was brought back to the last state that was kept.

    Attributes
    ----------
    device
        As in `Session`.
    engine
        By name; None for what suits the shapes on that device.
    """

    device: str
    engine: str | None = None


@dataclasses.dataclass(frozen=True)
class Close:
    """End the thread; what is sent later is not obeyed."""


Command = (
    Open | Play | Pause | Advance | Configure | ChangeData | Reset | NewWeights | GoTo | Back | Fork | Switch | Rename
    | Limit | Show | Explain | Follow | Survey | Peek | OpenRecord | Save | Take | Move | Close
)  # fmt: skip

PACERS = (Play, Pause, Advance, Reset, NewWeights, GoTo, Back, Fork, Switch, Open, OpenRecord)
"""What begins or ends a run: whoever lets it go on step by step stops doing so."""
