"""From the bytes of a file to its text: packed or not, in which encoding, and whether it is a text at all."""

import codecs
import dataclasses
import stat
from pathlib import Path

from simulator.data.readers.packing import BROKEN, cannot_read, opened, packing_of, unpacked_name
from simulator.data.readers.stream import LONGEST_LINE, NotThisEncoding, Source, TextStream
from simulator.errors import DatasetError

SAMPLE = 1 << 18
_WORKBOOKS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
_AS_TEXT = "Give a file with a table as text (CSV)."

SIGNATURES: dict[tuple[int, bytes], tuple[str, str]] = {
    (0, b"\x89PNG"): ("a PNG picture", "Give a file with a table as text."),
    (0, b"\xff\xd8\xff"): ("a JPEG picture", "Give a file with a table as text."),
    (0, b"GIF8"): ("a GIF picture", "Give a file with a table as text."),
    (8, b"WEBP"): ("a WebP picture", "Give a file with a table as text."),
    (0, b"%PDF"): ("a PDF document", "Copy the table into a spreadsheet and save it as CSV."),
    (0, b"PK\x03\x04"): (
        "a zip archive or a document",
        "Give the file in it, or a workbook by its name (.xlsx, .ods).",
    ),
    (0, b"\x89HDF"): ("an HDF5 file", "Export the table as CSV or Parquet."),
    (0, b"\x7fELF"): ("a program", "Give a file with a table as text."),
    (0, b"MZ\x90"): ("a program", "Give a file with a table as text."),
    (0, b"{\\rtf"): ("a formatted text", "Save the table as CSV."),
    (0, b"\x1f\x8b"): ("packed once more, with gzip", "Unpack it once by other means."),
    (0, b"\xfd7zXZ"): ("packed once more, with xz", "Unpack it once by other means."),
    (4, b"1AY&SY"): ("packed once more, with bzip2", "Unpack it once by other means."),
    (0, b"\x28\xb5\x2f\xfd"): ("packed with Zstandard", "Unpack it first, or pack it with gzip."),
    (0, b"7z\xbc\xaf\x27\x1c"): ("a 7z archive", "Unpack it first, or pack it with gzip."),
    (0, b"Rar!\x1a\x07"): ("a RAR archive", "Unpack it first, or pack it with gzip."),
    (257, b"ustar"): ("a tar archive", "Unpack it, and give the file with the table."),
}
"""Signs of files that are no table, and where they stand: what such a file is, and what to do about it."""

MARKS: dict[bytes, str] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte-order marks and the encodings they stand for; the longer ones first, for UTF-16's begins UTF-32's."""


def recognise(path: Path, member: str | None = None) -> tuple[Source, str]:
    """Find out how a file is packed and encoded.

    Parameters
    ----------
    path
        The file.
    member
        Which file of a zip archive; None for the only one.

    Returns
    -------
    source : Source
    sample : str
        The beginning of its text, in whole lines.

    Raises
    ------
    DatasetError
        When it cannot be opened, is empty, or holds something else than a text.
    """
    head, packing = _head(path, member)
    if not head.strip(b" \t\r\n\x1a"):
        raise DatasetError("the file is empty", "Give a file with a row of names and rows of values.", path)
    for (place, signature), (what, hint) in SIGNATURES.items():
        if head.startswith(signature, place):
            inside = f"what is packed in it with {packing} is" if packing else "this is"
            raise DatasetError(f"{inside} {what}, not a table of text", hint, path)
    source = Source(path, packing, encoding_of(head), member)
    try:
        sample = _sample(source)
    except NotThisEncoding as error:
        if not source.encoding.startswith("utf-8"):
            raise source.damaged() from error
        source = dataclasses.replace(source, encoding="cp1252")
        try:
            sample = _sample(source)
        except NotThisEncoding as undefined:
            raise source.refuse("this is not a text but binary data", _AS_TEXT) from undefined
    _refuse_what_is_no_table(source, sample)
    return source, sample


def _head(path: Path, member: str | None) -> tuple[bytes, str]:
    """Return a file's first bytes, unpacked, and what it is packed with."""
    try:
        ordinary, folder = stat.S_ISREG(path.stat().st_mode), path.is_dir()
        if ordinary:  # to open a pipe or a device would wait for whoever writes into it
            packing = packing_of(path)
            with opened(path, packing, member) as file:
                return file.read(SAMPLE), packing
    except DatasetError:  # a ValueError too
        raise
    except BROKEN as error:
        raise cannot_read(path, error) from error
    except ValueError as error:  # a path with a NUL in it
        raise DatasetError(f"this is not the name of a file: {str(path)!r}", "Give another name.") from error
    raise DatasetError(f"this is {'a folder' if folder else 'no ordinary file'}", "Give a file with a table.", path)


def encoding_of(head: bytes) -> str:
    """Return the encoding that a text's first bytes suggest: that of its mark, UTF-16 by its zeros, or UTF-8."""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding
    # Latin letters in UTF-16 have a zero in every other byte; a text in any other encoding has none at all.
    pairs = len(head) // 2
    if pairs > 1:
        even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
        if odd > 0.6 * pairs and even < 0.05 * pairs:
            return "utf-16-le"
        if even > 0.6 * pairs and odd < 0.05 * pairs:
            return "utf-16-be"
    return "utf-8"


def _sample(source: Source) -> str:
    """Return whole lines: at least `SAMPLE` characters of them, or two lines where they are longer, or all."""
    stream = _stream(source)
    parts: list[str] = []
    length = 0
    with stream:
        while (length < SAMPLE or stream.lines < 2) and (text := stream.read()):
            parts.append(text)
            length += len(text)
            if length > LONGEST_LINE:
                hint = "A table has one record a line."
                raise source.refuse("a line is longer than four million characters", hint)
        if not stream.read(1):
            return "".join(parts)
    whole = "".join(parts)
    return whole[: whole.rindex("\n") + 1] if "\n" in whole else whole


def _stream(source: Source) -> TextStream:
    try:
        return TextStream(source)
    except OSError as error:
        raise cannot_read(source.path, error) from error


def _refuse_what_is_no_table(source: Source, sample: str) -> None:
    start = sample[:2000].lstrip().lower()
    if start.startswith(("<!doctype", "<html", "<head", "<?xml", "<svg", "<body")):
        what = "an HTML page" if "html" in start or start.startswith(("<head", "<body")) else "an XML document"
        if unpacked_name(source.path).lower().endswith(_WORKBOOKS):  # as many a web site "exports" one
            hint = "Open it in a spreadsheet and save it as a real workbook (.xlsx), or as CSV."
            raise source.refuse(f"this is {what} under the name of a workbook", hint, 1)
        hint = "Download the table itself, not the page that shows it."
        raise source.refuse(f"this is {what}, not a table", hint, 1)
    odd = sum(sample.count(chr(code)) for code in (*range(1, 9), 11, *range(14, 26), *range(27, 32), 127, 0xFFFD))
    if odd > 0.01 * len(sample):
        raise source.refuse("this is not a text but binary data", _AS_TEXT)
