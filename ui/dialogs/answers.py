"""How the questions about a table and their answers are called on the screen. No Qt in here."""

from typing import Any

SPELLING = ("delimiter", "decimal", "header")
"""With another answer to one of these the columns are others, so what was said about columns is forgotten."""

ABOUT_COLUMNS = ("target", "task", "features", "categories")

LABELS = {
    "target": "&Target",
    "task": "&Kind of task",
    "missing": "&Missing values",
    "scale": "&Scaling",
    "test_fraction": "Test ro&ws",
    "seed": "S&plit seed",
    "delimiter": "&Delimiter",
    "decimal": "D&ecimal mark",
    "header": "&Header",
}
"""The label of every question, with the letter that leads to it."""

_WORDS: dict[tuple[str, Any], str] = {
    ("delimiter", ","): "comma",
    ("delimiter", ";"): "semicolon",
    ("delimiter", "\t"): "tab",
    ("delimiter", "|"): "bar",
    ("delimiter", " "): "blanks",
    ("decimal", "."): "point",
    ("decimal", ","): "comma",
    ("header", True): "first row",
    ("header", False): "none",
    ("task", "classification"): "classes",
    ("task", "regression"): "a value",
    ("missing", "drop"): "drop the row",
    ("missing", "mean"): "fill with the mean",
    ("missing", "median"): "fill with the median",
    ("missing", "most_frequent"): "fill with the most frequent",
    ("scale", "standardise"): "standardise",
    ("scale", "none"): "as they stand",
}


def words(name: str, value: Any) -> str:
    """Return an answer as people say it; one that has no words of its own is spelt out."""
    return _WORDS.get((name, value), str(value).replace("_", " "))
