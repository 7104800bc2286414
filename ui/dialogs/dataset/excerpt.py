"""The lines of a text file about the one that was refused, fit to be shown. No Qt in here."""

import io
from pathlib import Path

from simulator.data.readers.decoding import recognise
from simulator.data.readers.packing import BROKEN, opened, packing_of
from simulator.errors import SimulatorError
from simulator.progress import Progress

_AROUND = 2
_LONGEST = 160


def excerpt(path: Path, line: int, progress: Progress) -> tuple[tuple[int, str], ...]:
    """Return the lines about one, cut off where they are long, with signs for what cannot be printed.

    Parameters
    ----------
    path
        A text file, perhaps packed; nothing comes of one that cannot be read.
    line
        The line in question, counted from 1.
    """
    try:
        source = recognise(path)[0]
        packing, encoding = source.packing, source.encoding
    except SimulatorError:
        packing, encoding = "", "utf-8"
    found: list[tuple[int, str]] = []
    try:
        packing = packing or packing_of(path)
        with io.TextIOWrapper(opened(path, packing), encoding=encoding, errors="replace") as file:
            number = 1
            while number <= line + _AROUND and (text := file.readline(1 << 16)):
                if number % 10_000 == 0:
                    progress.report(None, f"looking for line {line:,}")
                if number >= line - _AROUND and (not found or found[-1][0] != number):
                    found.append((number, _printable(text)))
                number += text.endswith("\n")
    except (*BROKEN, ValueError):
        return ()
    return tuple(found)


def _printable(text: str) -> str:
    text = text.rstrip("\n").replace("\t", " → ")
    text = "".join(each if each.isprintable() else "␀" if each == "\0" else "�" for each in text[: _LONGEST + 1])
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
