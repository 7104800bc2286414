"""What a session file says beside its numbers: `session.json`."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.data import Dataset, Recipe, Report
from simulator.data.stored import json_count, json_text
from simulator.errors import ExportError, SessionFileError, SimulatorError
from simulator.interchange.document import parse_json
from simulator.nn import choices
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.archive.datasets import DatasetDocument
from simulator.training.archive.states import DAMAGED
from simulator.training.conditions import Conditions
from simulator.training.session_record import BranchRecord, SessionRecord
from simulator.training.timeline import Change, Place

FORMAT = "nodeglow session"
VERSION = 4
"""Of sessions with a run that goes on from a model; others are as they were in the version before."""

MOST_THREADS = 4096
_BEFORE = 3
_LONGEST_TEXT = 1000


@dataclasses.dataclass(frozen=True)
class ChangeDocument:
    """A change of settings; `data` is the place of its data set in the list of all."""

    place: Place
    asked: Place
    network: NetworkSpec
    config: TrainingConfig
    data: int

    def of(self, datasets: Sequence[Dataset]) -> Change:
        """Return the change with its data set."""
        return Change(*self.place, self.network, self.config, datasets[self.data], self.asked)


@dataclasses.dataclass(frozen=True)
class BranchDocument:
    """A branch without its numbers."""

    number: int
    name: str
    parent: int | None
    changes: tuple[ChangeDocument, ...]
    drawn: bool


@dataclasses.dataclass(frozen=True)
class SessionDocument:
    """A session without its numbers, as a file of some version says it."""

    version: int
    datasets: tuple[DatasetDocument, ...]
    engine: str
    device: str
    threads: int
    made_under: tuple[Conditions, ...]
    branches: tuple[BranchDocument, ...]
    current: int
    row: int
    layout: Mapping[str, Any]


def write_document(record: SessionRecord, datasets: Sequence[Mapping[str, Any]]) -> bytes:
    """Return `session.json`; `datasets` says of each of `SessionRecord.datasets` what it is and where.

    Raises
    ------
    ExportError
        When the layout does not consist of JSON values.
    """
    numbers = {dataset: nth for nth, dataset in enumerate(record.datasets)}
    values = {
        "format": FORMAT,
        "version": VERSION if any(_goes_on(branch) for branch in record.branches) else _BEFORE,
        "datasets": list(datasets),
        "engine": record.engine,
        "device": record.device,
        "threads": record.threads,
        "made_under": [dict(each) for each in record.made_under],
        "branches": [_branch_json(branch, numbers) for branch in record.branches],
        "looked_at": {"branch": record.current, "row": record.row},
        "layout": dict(record.layout),
    }
    try:
        return json.dumps(values, allow_nan=False, indent=1).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ExportError(f"the layout of the window cannot be written: {error}", "Give JSON values.") from error


def read_document(text: bytes) -> SessionDocument:
    """Read what `write_document` wrote.

    Raises
    ------
    SessionFileError
        When it is something else, or of a newer version.
    """
    try:
        value = parse_json(text)
        parts = _checked(value)
        return _interpreted(_of_version_1(parts) if parts["version"] == 1 else parts)
    except SessionFileError:
        raise
    except SimulatorError as error:
        raise SessionFileError(f"this session cannot be used: {error.message}", DAMAGED) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as error:
        raise SessionFileError(f"this is not a session: {type(error).__name__} {error}", DAMAGED) from error


def _checked(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise SessionFileError("this is not a Nodeglow session", "Give the path of a .nodeglow file.")
    parts: dict[str, Any] = value
    version = parts.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise SessionFileError("the version of the file format is missing", DAMAGED)
    if version > VERSION:
        raise SessionFileError(
            f"this session was made by a newer Nodeglow (format {version}, this one reads up to {VERSION})",
            "Update Nodeglow to open it.",
        )
    return parts


def _of_version_1(parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document of a file that knew one data set only as one of today."""
    dataset = {**parts["data"], "table": 0, "recipe": parts["recipe"], "report": parts["report"]}
    branches = [
        {**branch, "changes": [{**change, "data": 0} for change in branch["changes"]]} for branch in parts["branches"]
    ]
    return {**parts, "datasets": [dataset], "branches": branches}


def _interpreted(parts: Mapping[str, Any]) -> SessionDocument:
    threads, looked_at, layout = parts["threads"], parts["looked_at"], parts["layout"]
    if not 1 <= json_count(threads) <= MOST_THREADS:
        raise SessionFileError(f"{threads} is no number of threads", DAMAGED)
    if not isinstance(layout, dict):
        raise SessionFileError("the layout of the window is no JSON object", DAMAGED)
    made_under = tuple({_text(name): _text(told) for name, told in each.items()} for each in parts["made_under"])
    datasets = tuple(_dataset(each) for each in parts["datasets"])
    return SessionDocument(
        parts["version"],
        datasets,
        _text(parts["engine"]),
        _text(parts["device"]),
        threads,
        made_under,
        _branches(parts["branches"], len(datasets)),
        json_count(looked_at["branch"]),
        json_count(looked_at["row"]),
        layout,
    )


def _dataset(value: Mapping[str, Any]) -> DatasetDocument:
    recipe, report = Recipe.from_json(value["recipe"]), Report.from_json(value["report"])
    return DatasetDocument(_text(value["name"]), recipe, report, value)


def _branches(values: Sequence[Mapping[str, Any]], datasets: int) -> tuple[BranchDocument, ...]:
    """Return the branches; each leaves one that stands before it, so that there is no circle."""
    found: dict[int, BranchDocument] = {}
    for value in values:
        number, parent = json_count(value["number"]), value["parent"]
        if found and number <= max(found):
            raise SessionFileError(f"the branch {number} stands in the wrong place", DAMAGED)
        if parent is not None and json_count(parent) not in found:
            raise SessionFileError(f"the branch {number} leaves one that is not there", DAMAGED)
        changes = tuple(_change(each) for each in value["changes"])
        drawn = value["drawn"]
        if not isinstance(drawn, bool) or not changes:
            raise SessionFileError(f"the branch {number} has no settings", DAMAGED)
        found[number] = BranchDocument(number, _text(value["name"]), parent, changes, drawn)
    if not found or values[0]["parent"] is not None:
        raise SessionFileError("the session has no run", DAMAGED)
    if {change.data for branch in found.values() for change in branch.changes} != {*range(datasets)}:
        raise SessionFileError("the data sets are not those that the branches were trained on", DAMAGED)
    return tuple(found.values())


def _change(value: Mapping[str, Any]) -> ChangeDocument:
    network, config = NetworkSpec.from_json(value["network"]), TrainingConfig.from_json(value["config"])
    choices.check(network, config)
    return ChangeDocument(_place(value["place"]), _place(value["asked"]), network, config, json_count(value["data"]))


def _place(value: Sequence[Any]) -> Place:
    epoch, item = value
    return json_count(epoch), json_count(item)


def _text(value: object) -> str:
    text = json_text(value)
    if len(text) > _LONGEST_TEXT:
        raise SessionFileError(f"a name of {len(text):,} characters is too long", DAMAGED)
    return text


def _goes_on(branch: BranchRecord) -> bool:
    return branch.parent is None and branch.fork != (0, 0)


def _branch_json(branch: BranchRecord, numbers: Mapping[Dataset, int]) -> dict[str, Any]:
    return {
        "number": branch.number,
        "name": branch.name[:_LONGEST_TEXT],
        "parent": branch.parent,
        "drawn": branch.drawn,
        "changes": [
            {
                "place": change.place,
                "asked": change.asked,
                "network": change.network.to_json(),
                "config": change.config.to_json(),
                "data": numbers[change.dataset],
            }
            for change in branch.changes
        ],
    }
