"""How a command opens a model: of any format, of another program, or as a session stands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from typer import Argument, Option

from simulator.cli.taking import made_of, rows_of, under
from simulator.cli.terminal import job
from simulator.interchange import Assumptions, Foreign, Model, adopt, assumed_sentences, read_model
from simulator.training.session import Session
from simulator.training.session_file import SUFFIX, read_session

ModelFile = Annotated[Path, Argument(help=f"A model of any format that can be opened, or a session ({SUFFIX}).")]

ASSUMING: dict[str, tuple[Any, Any]] = {
    **rows_of(Assumptions),
    "like": (
        Annotated[
            Path | None,
            Option(
                help="A model or session whose data preparation a network of another program gets; without it, its "
                "inputs are taken as they are.",
                show_default=False,
            ),
        ],
        None,
    ),
}
"""What is taken for granted about a network of another program: the type and the default of every option."""

under("For a network of another program", ASSUMING)


_ALL_SAID = "The file says all of its network itself: nothing is assumed about it."


class Opened(NamedTuple):
    """A model, and what is to be said about how it was understood, in plain sentences."""

    model: Model
    notes: tuple[str, ...]


def assumed(typed: Mapping[str, Any]) -> Assumptions:
    """Return what is taken for granted; `typed` holds what was typed for `ASSUMING`.

    Raises
    ------
    ConfigError, ModelFileError, SessionFileError
        For a value that is refused, or a file to be like that cannot be opened.
    """
    like = typed["like"]
    return made_of(Assumptions, typed, recipe=None if like is None else open_model(like).model.recipe)


def open_model(path: Path, assumptions: Assumptions | None = None) -> Opened:
    """Open a model, or a session as its last moment stands.

    Raises
    ------
    ModelFileError, SessionFileError
        When the file cannot be opened.
    ConfigError
        When the assumed recipe does not fit the network.
    """
    if is_session(path):
        with job() as progress:
            return Opened(Session.of_record(read_session(path, progress), "reference", "cpu").model(), ())
    found = read_model(path)
    if not isinstance(found, Foreign):
        needless = assumptions is not None and assumptions != Assumptions()
        return Opened(found, (_ALL_SAID,) if needless else ())
    return Opened(adopt(found, assumptions), (*found.notes, *assumed_sentences(found, assumptions)))


def is_session(path: Path) -> bool:
    """Whether a file is a session, by its name."""
    return path.suffix.lower() == SUFFIX
