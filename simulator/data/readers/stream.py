"""A file's text in blocks, watched and counted while a parser reads it."""

import codecs
import dataclasses
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Self

from simulator.data.readers.packing import BROKEN, cannot_read, unpacked
from simulator.errors import DatasetError, Offer
from simulator.progress import Progress

BLOCK = 1 << 18
LONGEST_LINE = 1 << 22


class NotThisEncoding(Exception):  # noqa: N818 - not an error: the next encoding is tried
    """Raised while reading when bytes do not fit the encoding that the file's beginning suggested."""


@dataclasses.dataclass(frozen=True)
class Source:
    """A file of text: where it is and how its bytes become characters.

    Attributes
    ----------
    path
        The file.
    packing
        What it is packed with (see `PACKINGS`); empty where it is not.
    encoding
        Python's name of it.
    member
        Which file of a zip archive; None for the only one.
    """

    path: Path
    packing: str
    encoding: str
    member: str | None = None

    def refuse(self, message: str, hint: str, line: int | None = None, offers: Sequence[Offer] = ()) -> DatasetError:
        """Return the error to raise about this file."""
        return DatasetError(message, hint, self.path, line, offers)

    def damaged(self) -> DatasetError:
        """Return the error to raise when the bytes do not fit the encoding."""
        name = self.encoding.upper()
        return self.refuse(f"the bytes are no text in {name}", "Give a table as text, saved as UTF-8.")


class TextStream:
    """A file's text in blocks, with every line ended by a newline, for a parser that asks for `read`.

    While it is read it counts what a well-formed table has a fixed number of, reports progress, and refuses what no
    text holds.

    Parameters
    ----------
    source
        The file.
    skip
        How many lines to leave out at the beginning.
    delimiter
        The character to count outside of quotes.
    progress
        What is told how far the reading is.
    """

    def __init__(self, source: Source, skip: int = 0, delimiter: str = ",", progress: Progress | None = None) -> None:
        self._source = source
        self._raw = self._file = source.path.open("rb")
        self._decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(source.encoding)(), translate=True)
        self._delimiter = delimiter
        self._progress = progress
        self._ended = False
        self._rest = ""
        self._in_quotes = False
        self._last = "\n"
        self.lines = 0
        self.delimiters = 0
        try:
            self._size = max(1, os.fstat(self._raw.fileno()).st_size)
            self._file = self._unpacked_file()
            self._skip(skip)
        except BaseException:  # cancelled, or no text: nobody else holds the file yet
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._raw.close()

    def __iter__(self) -> Iterator[str]:
        """Yield line after line, as a reader of records wants them."""
        rest = ""
        while block := self.read():
            lines = (rest + block).split("\n")
            rest = lines.pop()
            if len(rest) > LONGEST_LINE:
                raise self._refuse("a line is longer than four million characters", "Is this a table?")
            for line in lines:
                yield line + "\n"
        if rest:
            yield rest

    def read(self, size: int = BLOCK) -> str:
        """Return the next characters, about `size` of them; an empty text at the end.

        Raises
        ------
        DatasetError
            At a NUL, a packed file that is cut off, or one that grows without end.
        NotThisEncoding
            At bytes that do not fit the encoding.
        Cancelled
            When the job was cancelled.
        """
        text = self._rest or self._next(max(size, 64))
        self._rest = text[size:] if len(text) > size > 0 else ""
        text = text[: len(text) - len(self._rest)]
        self._count(text)
        return text

    def finished_lines(self) -> int:
        """How many lines were read, with a last one that has no end."""
        return self.lines + (self._last != "\n")

    def _unpacked_file(self) -> BinaryIO:
        try:
            return unpacked(self._raw, self._source.path, self._source.packing, self._source.member)
        except BROKEN as error:
            raise cannot_read(self._source.path, error) from error

    def _next(self, size: int) -> str:
        text = ""
        while not text and not self._ended:
            try:
                data = self._file.read(min(size, BLOCK))
            except BROKEN as error:
                raise cannot_read(self._source.path, error) from error
            self._ended = not data
            try:
                text = self._decoder.decode(data, final=self._ended)
            except UnicodeError as error:
                raise NotThisEncoding from error
        self._watch(text)
        return text

    def _watch(self, text: str) -> None:
        position = self._raw.tell()
        if "\0" in text:
            line = self.lines + 1 + text.count("\n", 0, text.index("\0"))
            hint = "Save the table again as text (CSV, UTF-8)."
            raise DatasetError("there is a NUL character, which no text holds", hint, self._source.path, line)
        if self._progress is not None:
            self._progress.report(min(1.0, position / self._size), f"reading {self._source.path.name}")

    def _count(self, text: str) -> None:
        if not text:
            return
        self.lines += text.count("\n")
        self._last = text[-1]
        if '"' not in text and not self._in_quotes:
            self.delimiters += text.count(self._delimiter)
            return
        for place, part in enumerate(text.split('"')):
            if place:
                self._in_quotes = not self._in_quotes
            if not self._in_quotes:
                self.delimiters += part.count(self._delimiter)

    def _skip(self, count: int) -> None:
        while count > 0 and (text := self._rest or self._next(BLOCK)):
            lines = text.split("\n", count)
            if len(lines) > count:
                self._rest = lines[-1]
                return
            self._rest = ""
            count -= len(lines) - 1

    def _refuse(self, message: str, hint: str) -> DatasetError:
        return DatasetError(message, hint, self._source.path)
