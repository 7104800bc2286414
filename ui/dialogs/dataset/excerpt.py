"""The lines of a text file about the one that was refused, fit to be shown. No Qt in here."""

import gzip
from pathlib import Path
from typing import TextIO

from simulator.data.readers.decoding import recognise
from simulator.errors import SimulatorError
from simulator.progress import Progress

_AROUND = 2
_LONGEST = 160


def excerpt(path: Path, line: int, progress: Progress) -> tuple[tuple[int, str], ...]:
    """Return the lines about one, cut off where they are long, with signs for what cannot be printed.

    Parameters
    ----------
    path
        A text file, perhaps packed with gzip; nothing comes of one that cannot be read.
    line
        The line in question, counted from 1.
    """
    try:
        encoding = recognise(path)[0].encoding
    except SimulatorError:
        encoding = "utf-8"
    found: list[tuple[int, str]] = []
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with _opened(path, packed, encoding) as file:
            number = 1
            while number <= line + _AROUND and (text := file.readline(1 << 16)):
                if number % 10_000 == 0:
                    progress.report(None, f"looking for line {line:,}")
                if number >= line - _AROUND and (not found or found[-1][0] != number):
                    found.append((number, _printable(text)))
                number += text.endswith("\n")
    except (OSError, EOFError, ValueError):
        return ()
    return tuple(found)


def _opened(path: Path, packed: bool, encoding: str) -> TextIO:
    if packed:
        return gzip.open(path, "rt", encoding=encoding, errors="replace")
    return path.open(encoding=encoding, errors="replace")


def _printable(text: str) -> str:
    text = text.rstrip("\n").replace("\t", " → ")
    text = "".join(each if each.isprintable() else "␀" if each == "\0" else "�" for each in text[: _LONGEST + 1])
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
