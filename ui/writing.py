"""Numbers as text: rows that become CSV in a file, or lines with tabs on the clipboard, piece by piece."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from simulator.progress import Progress

_TOGETHER = 2_000

Numbers = Callable[[str, Progress], Iterator[str]]
"""Returns text piece by piece, its columns parted by what it is given: commas for a file, tabs for the clipboard. It
runs beside the window."""


def lines(rows: Callable[[], Iterable[Sequence[Any]]]) -> Numbers:
    """Return rows as text, the first of which names the columns; what makes them is called beside the window."""

    def text(separator: str, progress: Progress) -> Iterator[str]:
        block = io.StringIO()
        writer = csv.writer(block, delimiter=separator, lineterminator="\n")
        for nth, row in enumerate(rows(), 1):
            writer.writerow(row)
            if nth % _TOGETHER == 0:
                progress.report(None, "writing")
                yield block.getvalue()
                block.seek(0)
                block.truncate()
        yield block.getvalue()

    return text


def tabbed(numbers: Numbers, progress: Progress) -> str:
    """Return numbers as spreadsheets take them from the clipboard: a job."""
    return "".join(numbers("\t", progress))


def write_csv(path: Path, numbers: Numbers, progress: Progress) -> Path:
    """Write numbers as CSV in UTF-8, whole or not at all: a job.

    Raises
    ------
    ExportError
        When the file cannot be written; what stood there before stays.
    Cancelled
        When the job was cancelled; likewise.
    """
    from simulator.interchange.whole_files import fill_whole

    def fill(file: BinaryIO) -> None:
        file.writelines(piece.encode() for piece in numbers(",", progress))

    return fill_whole(path, fill)
