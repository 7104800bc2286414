"""A measurement in a process of its own: one that crashes or hangs, as a device can, takes nothing else with it."""

import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.errors import SimulatorError
from simulator.progress import Progress

Figures = dict[str, Any]
Keep = Callable[[Figures], None]
Measure = Callable[..., Figures]
"""Called with arguments that can be sent, a `Keep` for the results so far, and a progress; returns the results."""

_REPORT, _SO_FAR, _DONE, _REFUSED = "report", "so far", "done", "refused"
_LOOK = 0.1
_FAREWELL = 5.0


def measured(measure: Measure, arguments: tuple[Any, ...], patience: float, keep: Keep, progress: Progress) -> Figures:
    """Call a function of a module in another process, and return what it returns.

    Parameters
    ----------
    measure, arguments
        The function, and its arguments before the last two.
    patience
        How many seconds it may take.
    keep
        Given the results so far as they come.
    progress
        Told what the function reports.

    Raises
    ------
    SimulatorError
        When the function does, when its process ends otherwise, or when it takes too long; what was kept stays.
    Cancelled
        When the progress was cancelled; the process is ended.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        noise = Path(folder) / "noise.txt"
        child = context.Process(target=_work, args=(theirs, str(noise), measure, arguments))
        child.start()
        theirs.close()
        try:
            return _listen(ours, patience, keep, progress, lambda: _last_words(noise))
        finally:
            child.join(0.0 if sys.exc_info()[0] else _FAREWELL)
            child.kill()
            child.join(_FAREWELL)
            ours.close()


def _listen(
    pipe: Any,
    patience: float,
    keep: Keep,
    progress: Progress,
    last_words: Callable[[], str],
) -> Figures:
    end, doing = time.monotonic() + patience, "starting"
    while True:
        while not pipe.poll(_LOOK):
            progress.report(None, doing)
            if time.monotonic() > end:
                raise SimulatorError(f"it was ended after {patience:g} s, while {doing}", "Give it more with --limit.")
        try:
            kind, *told = pipe.recv()
        except (EOFError, OSError) as error:
            raise SimulatorError(f"its process ended while {doing}: {last_words()}") from error
        if kind == _DONE:
            return told[0]
        if kind == _REFUSED:
            raise SimulatorError(*told)
        if kind == _SO_FAR:
            keep(told[0])
        else:
            fraction, doing = told
            progress.report(fraction, doing)


def _last_words(noise: Path) -> str:
    said = noise.read_text(encoding="utf-8", errors="replace").split("\n") if noise.exists() else []
    return next((line.strip() for line in reversed(said) if line.strip()), "without a word")


def _work(pipe: Any, noise: str, measure: Measure, arguments: tuple[Any, ...]) -> None:
    """Do it, in the other process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who waits, and who ends this process
    # Libraries that compile and tune print a great deal, some of it from C.
    with Path(noise).open("w", encoding="utf-8") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    progress = Progress(lambda fraction, text: pipe.send((_REPORT, fraction, text)))
    try:
        pipe.send((_DONE, measure(*arguments, lambda figures: pipe.send((_SO_FAR, figures)), progress)))
    except SimulatorError as error:
        pipe.send((_REFUSED, str(error), error.hint))
    except Exception as error:  # a defect: it is told, and the other measurements go on
        traceback.print_exc()
        pipe.send((_REFUSED, f"internal error: {error!r}", "This is a defect of the program; please report it."))
