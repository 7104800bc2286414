"""Session files, `.nodeglow`: a zip of JSON, the data (or its path) and safetensors. Nothing is ever unpickled.

The members are:

    session.json            what the session is: recipes, settings, branches, conditions, layout
    data.json               the columns of the raw tables that are inside
    data.safetensors        their numbers, and of every data set which rows are for training and for testing
    records.safetensors     the scalars of every epoch, a tensor a branch
    keyframes.safetensors   the states of every branch, and the one that is looked at; not compressed
"""

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.errors import ConfigError, SessionFileError, SimulatorError
from simulator.interchange.archives import TROUBLE, open_archive
from simulator.interchange.document import parse_json
from simulator.interchange.tensor_streams import Tensor, write_tensors
from simulator.interchange.whole_files import check_writable, fill_whole, open_regular, printable
from simulator.progress import Progress
from simulator.training.archive import members as at
from simulator.training.archive.check import check_record
from simulator.training.archive.datasets import of_version_1, read_stored, store
from simulator.training.archive.document import BranchDocument, read_document, write_document
from simulator.training.archive.states import DAMAGED, read_records, read_states, record_tensor, state_tensors
from simulator.training.session_record import BranchRecord, SessionRecord, first_epoch
from simulator.training.timeline import place_of

SUFFIX = ".nodeglow"
DATA = ("inside", "path")
"""What becomes of the data: the whole table, or the path of its file."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_session(
    record: SessionRecord,
    path: str | Path,
    progress: Progress | None = None,
    data: str = "inside",
    most_bytes: int | None = None,
    overwrite: bool = True,
) -> Path:
    """Write a session to a file, whole or not at all.

    Parameters
    ----------
    record
        What `Session.record` returned.
    path
        Where to; an old file stays as it is until the new one is whole.
    progress
        What is told how far it is; it can cancel, and then nothing has happened.
    data
        "inside" for a file that needs no other, "path" for one that names the data's file and its SHA-256. Data that
        its file does not give back, as where rows were drawn, is inside in any case.
    most_bytes
        How many bytes the keyframes may take; None for all of them. Any moment can be gone to all the same.
    overwrite
        Whether an existing file may be replaced.

    Returns
    -------
    The file that was written.

    Raises
    ------
    ExportError
        When it cannot be written, or the data has no file.
    ConfigError
        When there is no such choice for the data.
    Cancelled
        When the progress was cancelled.
    """
    if data not in DATA:
        raise ConfigError(f"data cannot be {data!r}", f"Give one of {', '.join(DATA)}.")
    progress = progress or Progress()
    check_writable(path, overwrite)
    record = record if most_bytes is None else record.thinned(most_bytes)
    stored = store(record.datasets, data, progress)
    members: dict[str, bytes | dict[str, Tensor]] = {at.DOCUMENT: write_document(record, stored.described)}
    if stored.tables:
        members[at.TABLE] = json.dumps(stored.tables, allow_nan=False).encode()
    members |= {at.DATA: stored.tensors, at.RECORDS: _record_tensors(record), at.STATES: _state_tensors(record)}
    return fill_whole(path, lambda file: _fill(file, members, progress), overwrite)


def read_session(path: str | Path, progress: Progress | None = None, data: str | Path | None = None) -> SessionRecord:
    """Read a session; nothing in the file is run, and its size bounds the memory that it takes.

    Parameters
    ----------
    path
        The file.
    progress
        What is told how far it is; it can cancel.
    data
        Where the data lies, for a session without it that does not find it any more.

    Raises
    ------
    SessionFileError
        When the file cannot be read, is none or a newer one.
    SessionDataError
        When its data is not there, or not the same.
    Cancelled
        When the progress was cancelled.
    """
    progress = progress or Progress()
    try:
        with open_regular(path) as (file, size), open_archive(file) as archive:
            folder, given = Path(path).absolute().parent, None if data is None else Path(data)
            return _read(archive, at.members_of(archive, size), folder, given, progress)
    except SessionFileError as error:
        raise _refusal(path, error.message, error.hint, type(error)) from error
    except SimulatorError as error:
        raise _refusal(path, error.message, DAMAGED) from error
    except MemoryError as error:
        raise _refusal(path, "this session needs more memory than there is", "Open it on a larger machine.") from error
    except zipfile.BadZipFile as error:
        raise _refusal(path, f"this is no session file: {error}", DAMAGED) from error
    except (*TROUBLE, KeyError, TypeError, AttributeError, IndexError, ArithmeticError) as error:
        raise _refusal(path, f"this session cannot be read: {error}", DAMAGED) from error


def _refusal(
    path: str | Path, message: str, hint: str, kind: type[SessionFileError] = SessionFileError
) -> SessionFileError:
    # Parts of the file stand in the message: no screenful, and nothing that steers a terminal.
    told = printable(message)
    where = "" if printable(path) in told else f"{printable(path)}: "
    return kind(where + told, printable(hint))


# -- writing ----------------------------------------------------------------------------------------------------


def _record_tensors(record: SessionRecord) -> dict[str, Tensor]:
    return {f"branch.{branch.number}": record_tensor(branch.records) for branch in record.branches}


def _state_tensors(record: SessionRecord) -> dict[str, Tensor]:
    """Return the states of every branch; the newest stands last, and so does the present one among all."""
    tensors: dict[str, Tensor] = {}
    for branch in record.branches:
        same = place_of(branch.keyframes[-1]) == branch.end
        states = branch.keyframes if same else (*branch.keyframes, branch.tip)
        tensors |= state_tensors(f"branch.{branch.number}", states)
    return tensors | state_tensors("present", [record.present])


def _fill(file: BinaryIO, members: Mapping[str, bytes | dict[str, Tensor]], progress: Progress) -> None:
    """Write the archive; once more without compression where it would unpack to a size that nobody believes."""
    for packed in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        file.seek(0)
        file.truncate()
        with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            told = _teller(progress, sum(map(_size, members.values())), "writing the session")
            for name, content in members.items():
                # A date of its own would make equal sessions different files.
                info = zipfile.ZipInfo(name, _EPOCH)
                # Numbers that were learnt get shorter by a quarter at most, and that takes ten times as long.
                info.compress_type = zipfile.ZIP_STORED if name == at.STATES else packed
                with archive.open(info, "w", force_zip64=True) as member:
                    if isinstance(content, bytes):
                        member.write(content)
                        told(len(content))
                    else:
                        write_tensors(member, content, told)
            unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked <= at.most_unpacked(file.tell()):
            return


def _size(content: bytes | dict[str, Tensor]) -> int:
    return len(content) if isinstance(content, bytes) else sum(tensor.nbytes for tensor in content.values())


def _teller(progress: Progress, total: int, text: str) -> Callable[[int], None]:
    done = 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        progress.report(min(1.0, done / max(1, total)), text)

    return told


# -- reading ----------------------------------------------------------------------------------------------------


def _read(
    archive: zipfile.ZipFile, members: at.Members, folder: Path, given: Path | None, progress: Progress
) -> SessionRecord:
    told = _teller(progress, sum(info.file_size for info in members.values()), "reading the session")
    document = read_document(at.read_text(archive, members[at.DOCUMENT], told))
    tensors = {name: at.tensors_of(archive, members[name], told) for name in (at.DATA, at.RECORDS, at.STATES)}
    table = parse_json(at.read_text(archive, members[at.TABLE], told)) if at.TABLE in members else None
    if document.version == 1:
        table, tensors[at.DATA] = of_version_1(table, tensors[at.DATA])
    datasets = read_stored(document.datasets, table or (), tensors[at.DATA], folder, given, progress)
    branches = tuple(_branch(each, datasets, tensors[at.RECORDS], tensors[at.STATES]) for each in document.branches)
    (present,) = read_states("present", tensors[at.STATES])
    left = next((name for each in tensors.values() for name in each), None)
    if left is not None:
        raise SessionFileError(f"the tensor {left[:60]!r} belongs to nothing", DAMAGED)
    about = document.engine, document.device, document.threads, document.made_under
    record = SessionRecord(*about, branches, document.current, present, document.row, document.layout)
    check_record(record)
    return record


def _branch(
    document: BranchDocument,
    datasets: Sequence[Dataset],
    records: dict[str, NDArray[Any]],
    states: dict[str, NDArray[Any]],
) -> BranchRecord:
    name = f"branch.{document.number}"
    keyframes = tuple(read_states(name, states))
    rows = read_records(records.pop(name), first_epoch(document.parent, place_of(keyframes[0])))
    changes = tuple(change.of(datasets) for change in document.changes)
    about = document.number, document.name, document.parent, changes
    # The newest state counts as a keyframe too: it is one that is there anyway.
    return BranchRecord(*about, keyframes, keyframes[-1], rows, document.drawn)
