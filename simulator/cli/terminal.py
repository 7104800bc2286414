"""What all commands share: progress bars on a terminal, Ctrl-C as a wish to stop, two lines for an error."""

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Generator
from typing import Annotated

import typer

from simulator.errors import ExportError
from simulator.progress import Progress

_LONGEST = 4_000

USER_ERROR, INTERRUPTED = 2, 130
"""Exit statuses: refused; and ended by Ctrl-C (128 + the number of the signal, as shells have it)."""

INTERRUPTION = "nodeglow: interrupted\n"

Data = Annotated[
    str, typer.Argument(help="A file, a bundled set, or a generator, as spirals:arms=3 (see: nodeglow datasets).")
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line instead of a report.")]


def refuse(message: str, hint: str) -> int:
    """Print the two lines of a user's error, and return its exit status."""
    note(f"nodeglow: {message}", hint or "nodeglow --help lists the commands.")
    return USER_ERROR


def note(*sentences: str) -> None:
    """Say something beside the output, a line a sentence."""
    from simulator.interchange.whole_files import printable  # with pandas, which the first frame does not wait for

    # What files say stands in sentences: nothing of it may steer the terminal.
    sys.stderr.write("".join(f"{printable(' '.join(each.split()), _LONGEST)}\n" for each in sentences))


def put(text: str) -> None:
    """Print a part of a long output at once.

    Raises
    ------
    ExportError
        When it cannot be written, as on a full disk.
    BrokenPipeError
        When whoever read it has gone, which is no error: the program ends.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        refusal = unwritable(error)
        if error.errno == errno.EPIPE:
            raise
        raise refusal from error


def unwritable(error: OSError) -> ExportError:
    """Return what is to be said where the output cannot be written, which nothing tries again as the program ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    reason = (error.strerror or str(error)).lower()
    return ExportError(f"the output cannot be written: {reason}", "Is there room on the disk?")


@contextlib.contextmanager
def importing() -> Generator[None]:
    """End the program at once when Ctrl-C is pressed while it is imported: nothing is begun that could be torn apart.

    An exception would be a traceback before `run` is there to catch it; in the middle of Qt it ends the process with
    a core dump.
    """

    def leave(*_: object) -> None:
        os.write(2, INTERRUPTION.encode())
        os._exit(INTERRUPTED)

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else somebody wants it otherwise, as a shell with a job behind it
        signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        if before is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def job(shown: bool = True) -> Generator[Progress]:
    """Run a long job: a bar on stderr if that is a terminal, and Ctrl-C cancels the job instead of tearing it apart.

    A second Ctrl-C ends the program at once.

    Parameters
    ----------
    shown
        Whether a bar is wanted; what is printed onto the same terminal meanwhile would be torn by it.
    """
    import rich.console  # what only lists something need not wait for it
    import rich.progress

    console = rich.console.Console(stderr=True)
    columns = (
        rich.progress.BarColumn(),
        rich.progress.TaskProgressColumn(),
        rich.progress.TimeRemainingColumn(),
        rich.progress.TextColumn("{task.description}", markup=False),
    )
    hidden = not (shown and console.is_terminal)
    with rich.progress.Progress(
        *columns,
        console=console,
        transient=True,
        redirect_stdout=False,  # else what is meant for stdout would come out on stderr
        redirect_stderr=False,
        disable=hidden,
    ) as bar:
        task = bar.add_task("", total=None)

        def show(fraction: float | None, text: str) -> None:
            total = None if fraction is None else 1.0
            bar.update(task, total=total, completed=fraction or 0.0, description=text)

        progress = Progress(show)

        def cancel(*_: object) -> None:
            progress.cancel()
            signal.signal(signal.SIGINT, before)

        before = signal.signal(signal.SIGINT, cancel)
        try:
            yield progress
        finally:
            signal.signal(signal.SIGINT, before)
