"""Work that a process of its own does for the window: it tells how far it is in lines of JSON, and ends with it.

The child is the same program. It writes ``{"fraction": …, "text": …}`` again and again, and in the end one line
``{"written": path}`` or ``{"failed": [message, hint, kind]}``. Its standard input says nothing: when that is closed,
because somebody cancelled or the window is gone, the child stops at its next report and leaves nothing behind.
"""

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from simulator.errors import ConfigError, SimulatorError, account
from simulator.progress import Cancelled, Progress

_log = logging.getLogger(__name__)
_CHILD = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from ui.command import main; main()"
_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 10.0
_PAUSE_SECONDS = 0.05
_NICE = 5


class ErrandError(SimulatorError):
    """What a child process could not do, with the kind of the error that it met there."""

    def __init__(self, message: str, hint: str, kind: str) -> None:
        super().__init__(message, hint)
        self._kind = kind

    @property
    def kind(self) -> str:
        return self._kind


# -- the child --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def errand() -> Generator[Progress]:
    """Do something for the process that started this one: its reports and its error go there."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICE)  # whoever waits in front of the window trains meanwhile
    said = 0.0

    def report(fraction: float | None, text: str) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= _PAUSE_SECONDS:
            said = now
            tell(fraction=fraction, text=text)

    progress = Progress(report)
    threading.Thread(target=_follow_parent, args=(progress,), name="nodeglow-parent", daemon=True).start()
    try:
        yield progress
    except Cancelled:
        raise
    except Exception as error:
        tell(failed=account(error))
        raise


def tell(**said: Any) -> None:
    """Write one line to the parent; nobody may listen any more."""
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _follow_parent(progress: Progress) -> None:
    # Not by `sys.stdin`: a thread that waits in there would hold its lock while the interpreter ends.
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    progress.cancel()


# -- the parent -------------------------------------------------------------------------------------------------


def run(arguments: Sequence[str], folder: Path, progress: Progress) -> Path:
    """Let a child run a command of the program, and return the file that it has written.

    Parameters
    ----------
    arguments
        Of the command line, the command among them.
    folder
        Where the child keeps what it needs for a while.
    progress
        Told what the child tells; where it is cancelled, the child ends before this function does.

    Raises
    ------
    ErrandError
        When the child failed.
    ConfigError
        When no child can be started here.
    Cancelled
        When the progress was cancelled.
    """
    if not sys.executable or getattr(sys, "frozen", False):  # it would start the whole program again
        raise ConfigError("this program cannot start itself once more", "Run nodeglow render in a terminal.")
    with (
        tempfile.TemporaryFile("w+", errors="replace", dir=folder) as trouble,
        _started(arguments, folder, trouble) as child,
    ):
        outcome = _listen(child, progress)
        status = child.wait()
        if "written" in outcome:
            return Path(str(outcome["written"]))
        if "failed" in outcome:
            raise ErrandError(*map(str, outcome["failed"]))
        trouble.seek(0)
        _log.error("a child process ended with the status %s: %s", status, trouble.read()[-10_000:])
    raise ErrandError(*account(ChildProcessError(f"it ended with the status {status}")))


@contextlib.contextmanager
def _started(arguments: Sequence[str], folder: Path, trouble: IO[str]) -> Generator[subprocess.Popen[str]]:
    """Start a child without a window, out of the reach of a Ctrl-C, and see to it that it has ended afterwards."""
    flags = ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NEW_PROCESS_GROUP")  # of Windows only
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=trouble,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **places, "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
        creationflags=sum(getattr(subprocess, flag, 0) for flag in flags),
    )
    try:
        yield child
    finally:
        assert child.stdin is not None
        with contextlib.suppress(OSError):
            child.stdin.close()
        try:
            child.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _listen(child: subprocess.Popen[str], progress: Progress) -> Mapping[str, Any]:
    """Hand on what the child tells until it says nothing any more; return its last word."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(child, lines), name="nodeglow-child", daemon=True).start()
    outcome: Mapping[str, Any] = {}
    while True:
        progress.report(_fraction(outcome.get("fraction")), str(outcome.get("text", "")))
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=_LOOK_SECONDS)
            if line is None:
                return outcome
            outcome = _understood(line) or outcome


def _read(child: subprocess.Popen[str], lines: "queue.SimpleQueue[str | None]") -> None:
    assert child.stdout is not None
    with child.stdout as said:
        for line in said:
            lines.put(line)
    lines.put(None)


def _understood(line: str) -> Mapping[str, Any]:
    """Return what a line says; nothing for one that a library wrote."""
    with contextlib.suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict):
            return found
    return {}


def _fraction(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
