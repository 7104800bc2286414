"""`nodeglow verify`: a session is trained again from its seed and compared."""

import json
import math
import sys
import time
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from simulator.cli.computing import ALL, DEVICES, MEMORY, limit_memory
from simulator.cli.terminal import Json, job
from simulator.training.session_file import read_session
from simulator.training.verification import DIFFERENT, ROUNDING, SAME, BranchResult, Verification
from simulator.training.verification import verify as verify_record

_SAID = {
    SAME: "The same bits: every kept parameter, optimizer memory and record came out again.",
    ROUNDING: "Not the same bits, but the conditions are others, and from each kept moment to the next one no "
    "difference is larger than rounding can make.",
    DIFFERENT: "It differs.",
}
_UNCHANGED = "Everything that decides about bits is as it was: the file was changed, or this is a defect."
_CHANGED = "The conditions are others, but rounding alone does not explain so much."


def verify(
    file: Annotated[Path, Argument(help="A session file, .nodeglow.")],
    data: Annotated[
        Path | None, Option(help="Where the data lies, for a session that only names its file.", show_default=False)
    ] = None,
    device: Annotated[str | None, Option(help=DEVICES, show_default="where it was trained, or cpu")] = None,
    device_memory: Annotated[str | None, Option(help=MEMORY, show_default=ALL)] = None,
    as_json: Json = False,
) -> int:
    """Train a session again from its seed, all branches of it, and compare every kept number.

    Exit status 0: the same bits; or, where processor, system, versions, engine, device or threads are others, no piece
    of the way differs by more than rounding. 1: it differs. 2: the file cannot be read.
    """
    limit_memory(device_memory)
    with job() as progress:
        record = read_session(file, progress, data)
        began = time.perf_counter()
        found = verify_record(record, progress, device)
        seconds = time.perf_counter() - began
    sys.stdout.write(json.dumps(_result(found, seconds)) + "\n" if as_json else _report(found, seconds))
    return 1 if found.verdict == DIFFERENT else 0


def _result(found: Verification, seconds: float) -> dict[str, Any]:
    """Return the figures of the `--json` line; a difference that is not finite is None."""
    return {
        "verdict": found.verdict,
        "same_bits": found.verdict == SAME,
        "conditions_match": not found.changes,
        "changed": [{"name": each.name, "then": each.then, "now": each.now} for each in found.changes],
        "largest_parameter_difference": _finite(max(branch.parameter for branch in found.branches)),
        "largest_loss_difference": _finite(max(branch.loss for branch in found.branches)),
        "device": found.device,
        "device_reason": found.reason or None,
        "branches": [
            {
                "number": branch.number,
                "name": branch.name,
                "epochs": branch.epochs,
                "moments": branch.moments,
                "same_bits": branch.same,
                "parameter_difference": _finite(branch.parameter),
                "loss_difference": _finite(branch.loss),
                "rounding": branch.rounding,
                "differs_at": branch.differs_at,
            }
            for branch in found.branches
        ],
        "epochs": sum(branch.epochs for branch in found.branches),
        "seconds": seconds,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _report(found: Verification, seconds: float) -> str:
    lines = [_line(branch) for branch in found.branches]
    lines += [f"  {each.name}: {each.then} then, {each.now} now" for each in found.changes]
    lines += [f"Computed on {found.reason}."] if found.reason else []
    said = _SAID[found.verdict]
    if found.verdict == DIFFERENT:
        said += " " + (_CHANGED if found.changes else _UNCHANGED)
    return "\n".join([*lines, f"{said} ({seconds:.2f} s)"]) + "\n"


def _line(branch: BranchResult) -> str:
    about = f"{branch.name}: {branch.epochs:,} epochs, {branch.moments:,} moments compared"
    if branch.same or branch.differs_at is None:
        return f"{about}, all the same"
    epoch, item = branch.differs_at
    where = f"from epoch {epoch:,}" + (f", batch {item:,}" if item else "") + " on"
    if math.isinf(branch.parameter):
        return f"{about}; {where} training left the finite numbers"
    return f"{about}; {where} parameters differ by {branch.parameter:.3g} at most, losses by {branch.loss:.3g}"
