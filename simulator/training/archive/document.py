"""What a session file says beside its numbers: `session.json`."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.data import Recipe, Report
from simulator.data.stored import json_count, json_text
from simulator.errors import ExportError, SessionFileError, SimulatorError
from simulator.interchange.document import parse_json
from simulator.nn import choices
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.archive.states import DAMAGED
from simulator.training.conditions import Conditions
from simulator.training.session_record import BranchRecord, SessionRecord
from simulator.training.timeline import Change, Place

FORMAT = "nodeglow session"
VERSION = 1
MOST_THREADS = 4096
_LONGEST_TEXT = 1000


@dataclasses.dataclass(frozen=True)
class BranchDocument:
    """A branch without its numbers."""

    number: int
    name: str
    parent: int | None
    changes: tuple[Change, ...]
    drawn: bool


@dataclasses.dataclass(frozen=True)
class SessionDocument:
    """A session without its numbers; `data` is for `simulator.training.archive.table`."""

    name: str
    recipe: Recipe
    report: Report
    data: Mapping[str, Any]
    engine: str
    device: str
    threads: int
    made_under: tuple[Conditions, ...]
    branches: tuple[BranchDocument, ...]
    current: int
    row: int
    layout: Mapping[str, Any]


def write_document(record: SessionRecord, data: Mapping[str, Any]) -> bytes:
    """Return `session.json`.

    Raises
    ------
    ExportError
        When the layout does not consist of JSON values.
    """
    dataset = record.dataset
    values = {
        "format": FORMAT,
        "version": VERSION,
        "data": {"name": dataset.name, **data},
        "recipe": dataset.recipe.to_json(),
        "report": dataset.report.to_json(),
        "engine": record.engine,
        "device": record.device,
        "threads": record.threads,
        "made_under": [dict(each) for each in record.made_under],
        "branches": [_branch_json(branch) for branch in record.branches],
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
        return _interpreted(parts)
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


def _interpreted(parts: Mapping[str, Any]) -> SessionDocument:
    threads, looked_at, layout = parts["threads"], parts["looked_at"], parts["layout"]
    if not 1 <= json_count(threads) <= MOST_THREADS:
        raise SessionFileError(f"{threads} is no number of threads", DAMAGED)
    if not isinstance(layout, dict):
        raise SessionFileError("the layout of the window is no JSON object", DAMAGED)
    made_under = tuple({_text(name): _text(told) for name, told in each.items()} for each in parts["made_under"])
    return SessionDocument(
        _text(parts["data"]["name"]),
        Recipe.from_json(parts["recipe"]),
        Report.from_json(parts["report"]),
        parts["data"],
        _text(parts["engine"]),
        _text(parts["device"]),
        threads,
        made_under,
        _branches(parts["branches"]),
        json_count(looked_at["branch"]),
        json_count(looked_at["row"]),
        layout,
    )


def _branches(values: Sequence[Mapping[str, Any]]) -> tuple[BranchDocument, ...]:
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
    return tuple(found.values())


def _change(value: Mapping[str, Any]) -> Change:
    network, config = NetworkSpec.from_json(value["network"]), TrainingConfig.from_json(value["config"])
    choices.check(network, config)
    return Change(*_place(value["place"]), network, config, _place(value["asked"]))


def _place(value: Sequence[Any]) -> Place:
    epoch, item = value
    return json_count(epoch), json_count(item)


def _text(value: object) -> str:
    text = json_text(value)
    if len(text) > _LONGEST_TEXT:
        raise SessionFileError(f"a name of {len(text):,} characters is too long", DAMAGED)
    return text


def _branch_json(branch: BranchRecord) -> dict[str, Any]:
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
            }
            for change in branch.changes
        ],
    }
