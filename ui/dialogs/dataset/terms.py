"""How the questions about a table and their answers are called on the screen. No Qt in here."""

from typing import Any

LABELS = {
    "delimiter": "&Delimiter",
    "decimal": "D&ecimal mark",
    "thousands": "&Thousands mark",
    "header": "&Header",
    "sheet": "&Sheet",
    "ragged": "&Uneven rows",
    "where": "O&nly rows where",
    "unique": "&Drop rows that stand there twice",
    "most_rows": "At &most",
    "missing": "E&mpty cells",
    "constant": "Co&nstant",
    "flag_missing": 'One more input, "i&s missing"',
    "encoding": "&Encoding",
    "unknown": "&Unknown later",
    "scale": "&Scaling",
    "target": "&Target",
    "task": "&Kind of task",
    "target_log": "Learn the logarit&hm of the value",
    "split": "&Test rows",
    "split_column": "In the colum&n",
    "test_fraction": "S&hare",
    "stratify": "&Every class with the same share",
    "seed": "See&d",
    "leakage": "Fit on all rows (lea&kage)",
    "unscaled": "&Do not scale the numbers",
    "label_noise": "Wrong &targets",
    "duplicates": "Copies of row&s",
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
    ("thousands", ""): "none",
    ("thousands", ","): "comma",
    ("thousands", "."): "point",
    ("thousands", "'"): "apostrophe",
    ("thousands", " "): "blank",
    ("header", True): "first row",
    ("header", False): "none",
    ("ragged", "stop"): "stop reading",
    ("ragged", "drop"): "drop such rows",
    ("task", "classification"): "classes",
    ("task", "regression"): "a value",
    ("missing", "drop"): "drop the row",
    ("missing", "mean"): "fill with the mean",
    ("missing", "median"): "fill with the median",
    ("missing", "most_frequent"): "fill with the most frequent",
    ("missing", "constant"): "fill with a constant",
    ("scale", "min_max"): "min–max",
    ("scale", "log"): "logarithm",
    ("scale", "none"): "as they stand",
    ("encoding", "one_hot"): "one-hot",
    ("unknown", "zeros"): "all inputs 0",
    ("unknown", "most_frequent"): "as the most frequent",
    ("unknown", "refuse"): "refuse the row",
    ("split", "random"): "at random",
    ("split", "order"): "the last ones",
    ("split", "column"): "as a column says",
    ("split", "groups"): "whole groups",
}

FORMULAS: dict[tuple[str, Any], str] = {
    ("scale", "standardise"): "(x − mean) / deviation",
    ("scale", "min_max"): "(x − min) / (max − min)",
    ("scale", "robust"): "(x − median) / interquartile range",
    ("scale", "log"): "sign(x) · ln(1 + |x|), then standardised",
    ("scale", "none"): "x",
    ("encoding", "one_hot"): "an input for every category: 1 for its own, else 0",
    ("encoding", "ordinal"): "one input: the place in the order",
}
"""What an answer does, where that can be said in a line."""


def words(name: str, value: Any) -> str:
    """Return an answer as people say it; one that has no words of its own is spelt out."""
    return _WORDS.get((name, value), str(value).replace("_", " "))
