"""The commands in one table, and how they are run."""

import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from simulator.cli.bench import bench
from simulator.cli.convert import convert
from simulator.cli.datasets import datasets
from simulator.cli.devices import devices
from simulator.cli.formats import formats
from simulator.cli.helping import Explained
from simulator.cli.predict import predict
from simulator.cli.terminal import INTERRUPTED, INTERRUPTION, refuse, unwritable
from simulator.cli.train import train
from simulator.cli.verify import verify
from simulator.errors import SimulatorError
from simulator.progress import Cancelled

_READER_GONE = 1
"""The exit status where whoever read the output has gone; typer has the same."""

COMMANDS: dict[str, Callable[..., int]] = {
    "train": train,
    "predict": predict,
    "convert": convert,
    "formats": formats,
    "verify": verify,
    "bench": bench,
    "datasets": datasets,
    "devices": devices,
}
"""Every command by its name; each returns the exit status."""


class Interruptible(Explained):
    """A command that says so when Ctrl-C ends it; typer would end the program without a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Cancelled from error


def application(commands: dict[str, Callable[..., int]]) -> typer.Typer:
    """Return the application that offers these commands."""
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="Nodeglow, a neural-network simulator: train a real network and ask it for any number.",
    )
    for name, command in commands.items():
        app.command(name, cls=Interruptible)(command)
    return app


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments (by default this process's) say; a user's error becomes two lines on stderr and a 2."""
    command: Any = typer.main.get_command(app)
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None:  # whoever called has closed it  # pyright: ignore[reportUnnecessaryComparison]
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the program ends
    if isinstance(sys.stdout, io.TextIOWrapper):  # a code page of the system may lack letters that files have
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = command.main(given or ["--help"], prog_name="nodeglow", standalone_mode=False)
        sys.stdout.flush()
    except SimulatorError as error:
        return refuse(str(error), error.hint)
    except (Cancelled, KeyboardInterrupt, typer.Abort):  # the last: Ctrl-D at a question of typer
        sys.stderr.write(INTERRUPTION)
        return INTERRUPTED
    except MemoryError:
        return refuse("this needs more memory than there is", "Take a smaller network, or fewer rows.")
    except OSError as error:
        if error.filename is not None:  # not of the output, which has no name
            raise
        refusal = unwritable(error)
        return _READER_GONE if error.errno == errno.EPIPE else refuse(str(refusal), refusal.hint)
    except Exception as error:
        # The classes of a wrong command line belong to whichever parser this version of typer carries.
        describe = getattr(error, "format_message", None)
        if describe is None:
            raise
        return refuse(describe(), "nodeglow COMMAND --help lists the options of a command.")
    return status or 0


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(application(COMMANDS)))
