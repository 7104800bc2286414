"""Readers: one file a format, and the table that says which of them reads a file."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from simulator.data.choices import RecipeChoices
from simulator.data.readers import (
    arff,
    arrow,
    delimited,
    excel,
    idx,
    json_text,
    numpy_arrays,
    parquet,
    sqlite,
    svmlight,
)
from simulator.data.readers.beginning import Beginning, beginning
from simulator.data.readers.steady import unchanged
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

Reader = Callable[[Path, RecipeChoices, Progress], Table]


@dataclasses.dataclass(frozen=True)
class Format:
    """A file format.

    Attributes
    ----------
    title
        What it is called, as in the filter of a file dialog.
    suffixes
        How the names of such files end, in lower case; ``.gz``, ``.bz2``, ``.xz`` and ``.zip`` may follow.
    read
        Reads such a file.
    recognises
        Whether a file is one, judged by how it begins.
    """

    title: str
    suffixes: tuple[str, ...]
    read: Reader
    recognises: Callable[[Beginning], bool]


FORMATS: dict[str, Format] = {
    "excel": Format(
        "Excel and OpenDocument sheets",
        (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"),
        excel.read,
        excel.recognises,
    ),
    "parquet": Format("Parquet", (".parquet", ".pq"), parquet.read, parquet.recognises),
    "arrow": Format("Feather and Arrow", (".feather", ".arrow", ".ipc"), arrow.read, arrow.recognises),
    "numpy": Format("NumPy arrays", (".npy", ".npz"), numpy_arrays.read, numpy_arrays.recognises),
    "sqlite": Format("SQLite databases", (".sqlite", ".sqlite3", ".db", ".db3"), sqlite.read, sqlite.recognises),
    "idx": Format("IDX (as MNIST)", (".idx", "-ubyte"), idx.read, idx.recognises),
    "arff": Format("ARFF (Weka)", (".arff",), arff.read, arff.recognises),
    "json": Format("JSON and JSON lines", (".json", ".jsonl", ".ndjson"), json_text.read, json_text.recognises),
    "svmlight": Format("libsvm", (".svm", ".libsvm", ".svmlight"), svmlight.read, svmlight.recognises),
    "text": Format(
        "Delimited text",
        (".csv", ".tsv", ".tab", ".txt", ".data", ".dat"),
        delimited.read,
        lambda beginning: False,  # whatever is nothing else
    ),
}
"""All formats by their names, the surest to be recognised first."""


def format_of(path: Path, member: str | None = None) -> str:
    """Return the name of a file's format: by how it begins, else by its suffix.

    What is a text and nothing that begins in a known way is delimited text, whatever it is called; so is what cannot
    be opened, since that reader says why. `member` is the one to look at in an archive of several files.
    """
    seen = beginning(path, member)
    if seen is None:
        return "text"
    for name, row in FORMATS.items():
        if row.recognises(seen):
            return name
    claimed = next((name for name, row in FORMATS.items() if seen.suffix in row.suffixes), "text")
    return claimed if not seen.is_text or claimed in ("arff", "json", "svmlight") else "text"


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a file as what it is.

    Parameters
    ----------
    path
        The file.
    choices
        What was decided about how it spells its table, and which of several.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When it is missing or broken, or changes meanwhile.
    ConfigError
        When choices contradict each other.
    Cancelled
        When the job was cancelled.
    """
    with unchanged(path):
        found = format_of(path, choices.sheet)
        if found != "text" and format_of(path) == "text":  # only a text is unpacked from among several files
            message = f"{choices.sheet!r} in the zip archive is no delimited text ({FORMATS[found].title})"
            raise DatasetError(message, "Unpack the archive and open this file by itself.", path)
        return FORMATS[found].read(path, choices, progress)
