"""Readers: one file a format, and the table that says which of them reads a file."""

from collections.abc import Callable
from pathlib import Path

from simulator.data.choices import RecipeChoices
from simulator.data.readers import delimited
from simulator.data.table import Table
from simulator.progress import Progress

Reader = Callable[[Path, RecipeChoices, Progress], Table]

READERS: dict[str, Reader] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".tab": delimited.read,
    ".txt": delimited.read,
    ".data": delimited.read,
    ".dat": delimited.read,
}
"""The reader of every suffix (the one before ``.gz``, if that is last)."""


def reader_of(path: Path) -> Reader:
    """Return the reader for a file by its suffix; an unknown one is read as text and judged by its content."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return READERS.get(suffixes[-1] if suffixes else "", delimited.read)
