"""The door in: a model file is recognised and opened, and nothing in it is run."""

from pathlib import Path

from simulator.errors import ConfigError, ModelFileError
from simulator.interchange.archives import TROUBLE, open_archive
from simulator.interchange.document import FORMAT
from simulator.interchange.foreign import Assumptions, Foreign, adopt, check_chain
from simulator.interchange.formats import ALSO_READ, FORMATS, format_of, row_of
from simulator.interchange.model import Model
from simulator.interchange.never_opened import NEVER_OPENED, conversion_hint
from simulator.interchange.whole_files import open_regular, printable

_BEGINNING = 4096


def is_model_file(path: str | Path) -> bool:
    """Whether a file is meant to be a model: tables are kept in JSON and in NumPy's format, too.

    Only its beginning, or its list of members, is looked at; whether it is whole is found out by `load_model`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".json", ".npz"):
        row = row_of(path)
        return suffix in NEVER_OPENED or suffix in ALSO_READ or (row is not None and row.load is not None)
    try:
        with open_regular(path) as (file, _):
            if suffix == ".json":
                return f'"{FORMAT}"'.encode() in file.read(_BEGINNING)
            from simulator.interchange import npz_format

            with open_archive(file) as archive:
                return npz_format.MEMBER in archive.namelist()
    except (ModelFileError, *TROUBLE):
        return False


def load_model(path: str | Path, assumptions: Assumptions | None = None) -> Model:
    """Open a model file; the format follows from its suffix.

    Nothing in the file is run, and its size bounds the memory it takes.

    Parameters
    ----------
    path
        The file.
    assumptions
        What is taken for granted where a file of another program does not say it; None for the defaults.

    Raises
    ------
    ModelFileError
        When the file cannot be read, or does not hold a model.
    ConfigError
        When the assumed recipe makes other inputs or outputs than the network has.
    """
    found = read_model(path)
    return adopt(found, assumptions) if isinstance(found, Foreign) else found


def read_model(path: str | Path) -> Model | Foreign:
    """Open a model file, and return what it says: all of a model, or what another program wrote down of a network.

    Raises
    ------
    ModelFileError
        When the file cannot be read, or does not hold a network that can be drawn and trained here.
    """
    suffix = Path(path).suffix.lower()
    if suffix in NEVER_OPENED:
        raise ModelFileError(f"{printable(path)} is not opened: {NEVER_OPENED[suffix]}", conversion_hint(Path(path)))
    try:
        row = format_of(path, None if row_of(path) else ALSO_READ.get(suffix))
    except ConfigError as error:
        raise ModelFileError(f"{printable(path)} cannot be opened as a model: {error.message}", error.hint) from error
    if row.load is None:
        readable = ", ".join(dict.fromkeys(each.suffix for each in FORMATS.values() if each.load is not None))
        raise ModelFileError(
            f"{printable(path)}: a {row.suffix} file cannot be opened again as a model",
            f"Open the same model from one of: {readable}.",
        )
    with open_regular(path) as (file, size):
        try:
            found = row.load(file, size)
            if isinstance(found, Foreign):
                check_chain(found)
        except ModelFileError as error:
            # Parts of the file stand in the message: no screenful, and nothing that steers a terminal.
            message, hint = printable(error.message), printable(error.hint)
            raise ModelFileError(f"{printable(path)}: {message}", hint) from error
        except MemoryError as error:
            raise ModelFileError(
                f"{printable(path)}: this model needs more memory than there is", "Open it on a larger machine."
            ) from error
    return found
