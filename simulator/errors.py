"""Every error a user can meet: a message that says what happened, and a hint that says what to do next."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class SimulatorError(Exception):
    """The root of all errors that are shown to a user.

    Parameters
    ----------
    message
        What happened, naming the refused value.
    hint
        What to do next; empty where there is nothing to advise.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def kind(self) -> str:
        """The name of the kind of error, by which a window chooses its words."""
        return type(self).__name__

    def __str__(self) -> str:
        return self.message


class ConfigError(SimulatorError, ValueError):
    """A setting, a network or a command has a value that cannot be used."""


@dataclasses.dataclass(frozen=True)
class Offer:
    """A way out of a refused table that a program can take for the user.

    Attributes
    ----------
    label
        What a button says, as "Drop such rows".
    choices
        The choices (see `simulator.data.RecipeChoices`) that take it; tuples are added to what was chosen before.
    """

    label: str
    choices: Mapping[str, Any]


class DatasetError(SimulatorError, ValueError):
    """A table cannot be read or cannot be made into a data set.

    Parameters
    ----------
    path
        The file, where there is one.
    line
        The line of the file, counted from 1, where the trouble was found.
    offers
        Ways out that the user can be asked about.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        path: str | Path | None = None,
        line: int | None = None,
        offers: Sequence[Offer] = (),
    ) -> None:
        super().__init__(message, hint)
        self.path = None if path is None else Path(path)
        self.line = line
        self.offers = tuple(offers)

    def __str__(self) -> str:
        where = "" if self.path is None else f"{self.path}: "
        if self.line is not None:
            where += f"line {self.line}: "
        return where + self.message


class ModelFileError(SimulatorError, ValueError):
    """A model file cannot be read, or what it holds is not a model."""


class SessionFileError(SimulatorError, ValueError):
    """A session file cannot be read, or what it holds is not a session."""


class SessionDataError(SessionFileError):
    """A session file names the file of its data, which does not lie there any more, or is another."""


class ExportError(SimulatorError, OSError):
    """A file cannot be written, or its format cannot hold the model."""


class DeviceError(SimulatorError, RuntimeError):
    """A computing device is missing, cannot be used, or ran out of memory."""


class DeviceMemoryError(DeviceError):
    """A computing device has no room for what is asked for.

    Attributes
    ----------
    needed, free
        Bytes: what would have been needed, and what is free or allowed.
    """

    def __init__(self, message: str, hint: str = "", needed: int = 0, free: int = 0) -> None:
        super().__init__(message, hint)
        self.needed, self.free = needed, free


class DivergenceError(SimulatorError, ArithmeticError):
    """Training, or what repeats it, left the finite numbers."""


class TrainingDivergedError(DivergenceError):
    """The running training left the finite numbers; the last finite state was kept."""


def account(error: Exception) -> tuple[str, str, str]:
    """Return what a user is told of any error: message, hint, and the name of its kind.

    What is no `SimulatorError` is a defect of the program; its kind is "InternalError", and whoever caught it logs it.
    """
    if isinstance(error, SimulatorError):
        return str(error), error.hint, error.kind
    hint = "This is a defect of the program; please report it with the log."
    return f"internal error: {error!r}", hint, "InternalError"
