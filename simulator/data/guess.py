"""What a table is about: target, task and features, as far as nobody decided them; every guess is said."""

import dataclasses
import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from simulator.data.cells import is_numeric, texts
from simulator.data.choices import RecipeChoices
from simulator.data.profile import MOST_CODES, Profile, integers_in, profile
from simulator.data.split import TEST_WORDS, TRAINING_WORDS
from simulator.data.table import Table
from simulator.errors import ConfigError, Offer
from simulator.progress import Progress

TARGET_NAMES = (
    "target", "class", "label", "labels", "classes", "species", "y", "diagnosis", "cultivar", "variety", "digit",
    "outcome", "output", "response", "survived", "category", "result", "quality", "class_label", "target_class",
)  # fmt: skip
"""Names that a target has, the surest first."""

SPLIT_NAMES = ("split", "set", "subset", "partition", "part")
"""Names of a column that says which rows are for testing."""


@dataclasses.dataclass(frozen=True)
class Guess:
    """Choices with target, task and features filled in.

    Attributes
    ----------
    ignored
        Columns that were left out although nobody asked, each with the reason in half a sentence.
    notes
        What was guessed, in plain sentences.
    """

    choices: RecipeChoices
    ignored: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def guess(table: Table, choices: RecipeChoices, progress: Progress) -> Guess:
    """Fill in what the user left open.

    Raises
    ------
    ConfigError
        When a column is named that the table does not have, or the target is a feature too.
    DatasetError
        When no feature is left.
    """
    if len(table.frame) < 2:
        raise table.refuse("the table has only one row of data", "A data set needs two at least.")
    names = [str(name) for name in table.frame.columns]
    _check_names(names, choices)
    profiles = _profiles(table, choices, progress)
    named = table.dialect is None or table.dialect.header
    reasons = {name: each.unfit(named) for name, each in profiles.items()}
    notes: list[str] = []
    choices, said = _with_split(table, choices)
    notes += said
    divider = choices.split_column if choices.split in ("column", "groups") else None
    if divider is not None:
        reasons[divider] = "it says which rows are for testing" if choices.split == "column" else "it groups the rows"
    target = choices.target
    if target is None:
        target, why = _target(table, choices, profiles, reasons, named)
        notes.append(f"The target is {target!r}: {why}.")
    task = choices.task
    if task is None:
        task, why = _task(table.frame[target], choices)
        notes.append(f"The task is {task}: {why}.")
    features, ignored = choices.features, []
    if features is None:
        _refuse_empty(table, profiles, choices)
        features, ignored = _features(names, target, choices, reasons)
        if not features:
            raise table.refuse("no column is left that could be a feature", "Name the features yourself.")
    elif target in features:
        raise ConfigError(f"the target {target!r} cannot be a feature too", "Take it out of the features.")
    filled = dataclasses.replace(choices, target=target, task=task, features=features)
    return Guess(filled, tuple(ignored), tuple(notes))


def _check_names(names: Sequence[str], choices: RecipeChoices) -> None:
    known = frozenset(names)
    single = (each.name for each in choices.columns)
    several = (*(choices.features or ()), *choices.ignore, *choices.categories, *single)
    for asked in (choices.target, choices.split_column, *several):
        if asked is not None and asked not in known:
            folded = {name.lower(): name for name in names}
            near = difflib.get_close_matches(asked.lower(), list(folded), n=1)
            meant = f"Did you mean {folded[near[0]]!r}? " if near else ""
            shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            raise ConfigError(f"there is no column called {asked!r}", f"{meant}There are: {shown}.")


def _profiles(table: Table, choices: RecipeChoices, progress: Progress) -> dict[str, Profile]:
    """Look at the columns that a guess depends on; with target and features named there is nothing to guess."""
    if choices.target is not None and choices.features is not None:
        return {}
    found: dict[str, Profile] = {}
    for place, name in enumerate(table.frame.columns):
        progress.report(None, "looking at the columns")
        found[str(name)] = profile(table.frame[name], place)
    return found


def _target(
    table: Table,
    choices: RecipeChoices,
    profiles: dict[str, Profile],
    reasons: dict[str, str | None],
    named: bool,
) -> tuple[str, str]:
    derived = {each.name for each in choices.derived}
    taken = {*choices.ignore, *(choices.features or ()), *derived, choices.split_column}
    free = [name for name in profiles if name not in taken and profiles[name].present]
    if not free:
        raise table.refuse("no column is left that could be the target", "Name the target yourself.")
    if named:
        folded = {name.strip().lower().replace(" ", "_"): name for name in reversed(free)}
        for known in TARGET_NAMES:
            # Points in a plane have a y too, and what they are stands in another column.
            if known in folded and not (known == "y" and "x" in folded and len(free) > 2 and free[-1] != folded["y"]):
                return folded[known], "its name says so"
    fit = [name for name in free if reasons[name] is None or _is_broken_target(profiles[name], named)] or free
    first, last = fit[0], fit[-1]
    if (
        not named
        and first == free[0]
        and not _is_code(table.frame[last])
        and _is_code(table.frame[first], numeric=True)
    ):
        return first, "it holds a few whole numbers and the last column does not"
    why = "it is the last column" if last == str(table.frame.columns[-1]) else "it is the last column that can be one"
    return last, why


def _is_broken_target(profile: Profile, named: bool) -> bool:
    """Whether a column is no good as it is, but is to be refused as a target rather than passed over."""
    return profile.nearly_numbers is not None or (profile.constant and (named or not profile.numeric))


def _is_code(column: "pd.Series[Any]", numeric: bool = False) -> bool:
    """Whether a column looks like classes: texts (unless numbers are asked for), or whole numbers without gaps."""
    if not is_numeric(column):
        return not numeric
    distinct = integers_in(column)
    return distinct is not None and 1 < distinct <= MOST_CODES and column.max() - column.min() == distinct - 1


def _with_split(table: Table, choices: RecipeChoices) -> tuple[RecipeChoices, list[str]]:
    """Fill in how the rows are split: by a column that says so where there is one, else at random."""
    if choices.split is not None:
        return choices, []
    folded = {str(name).strip().lower(): str(name) for name in table.frame.columns}
    named = choices.split_column or next((folded[name] for name in SPLIT_NAMES if name in folded), None)
    if named is None or named in (choices.target, *(choices.features or ()), *choices.ignore):
        return dataclasses.replace(choices, split="random", split_column=None), []
    words = {text.strip().lower() for text in texts(table.frame[named])[1]}
    if words & TRAINING_WORDS and words & TEST_WORDS and words <= TRAINING_WORDS | TEST_WORDS:
        said = [f"The column {named!r} says which rows are for testing."]
        return dataclasses.replace(choices, split="column", split_column=named), said
    if choices.split_column is not None:
        return dataclasses.replace(choices, split="groups"), []
    return dataclasses.replace(choices, split="random"), []


def _task(column: "pd.Series[Any]", choices: RecipeChoices) -> tuple[str, str]:
    kind = choices.column(str(column.name)).kind
    if kind == "category":
        return "classification", "its target is said to hold categories"
    if kind == "number":
        return "regression", "its target is said to hold numbers"
    if not is_numeric(column):
        return "classification", "the target holds texts"
    values = column.dropna().to_numpy()
    distinct = integers_in(column)
    if distinct is None:
        few = len(pd.unique(values))
        if few == 2 and len(values) > 10:
            return "classification", "the target has two values"
        return "regression", "the target holds numbers with decimals"
    if distinct == 2 or (distinct <= MOST_CODES and 3 * distinct <= len(values) and np.ptp(values) < 1000):
        return "classification", f"the target holds {distinct} different whole numbers"
    return "regression", f"the target holds numbers, {distinct:,} different ones"


def _refuse_empty(table: Table, profiles: dict[str, Profile], choices: RecipeChoices) -> None:
    for name, each in profiles.items():
        if not each.present and name not in choices.ignore:
            hint = f"Fill it, delete it, or leave it out: ignore {name!r}."
            offers = (Offer(f"Ignore {name!r}", {"ignore": (name,)}),)
            raise table.refuse(f"the column {name!r} has no values at all", hint, offers=offers)


def _features(
    names: Sequence[str], target: str, choices: RecipeChoices, reasons: dict[str, str | None]
) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    kept: list[str] = []
    ignored: list[tuple[str, str]] = []
    for name in names:
        reason = reasons[name]
        if name == target:
            continue
        if name in choices.ignore:
            ignored.append((name, "you asked for it"))
        elif reason is None or (choices.column(name).kind is not None and name != choices.split_column):
            kept.append(name)
        else:
            ignored.append((name, reason))
    if not kept:  # a line y = f(x) has only the counting column to go by
        counting = [name for name, reason in ignored if reason == "it numbers the rows"]
        return tuple(counting), [each for each in ignored if each[0] not in counting]
    return tuple(kept), ignored
