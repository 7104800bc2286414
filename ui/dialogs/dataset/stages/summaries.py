"""What every stage does, in one line. No Qt in here."""

from collections import Counter
from collections.abc import Callable, Iterable

from simulator.data.choices import RecipeChoices
from ui.dialogs.dataset.effects import step_of
from ui.dialogs.dataset.reading import Column, Reading
from ui.dialogs.dataset.terms import words
from ui.dialogs.wording import count

NUMBERS, CATEGORIES, TEXTS = ("number", "image"), ("category",), ("date", "text")


_VERBS = {
    "standardise": "standardise",
    "min_max": "bring to 0 … 1",
    "robust": "scale robustly",
    "log": "take the log of",
}


def summary(stage: str, reading: Reading | None) -> str:
    """Return what a stage does, as "standardise 4 numbers"."""
    if reading is None or (not reading.columns and stage != "file"):
        return "not known yet"
    return SUMMARIES[stage](reading)


def sizes(reading: Reading | None) -> dict[str, tuple[int, int]]:
    """Return how many rows and columns there are behind every stage, as far as it was come to."""
    if reading is None or reading.dataset is None:
        return {}
    return {each.id: (each.rows, each.columns) for each in reading.dataset.report.stages}


def features(reading: Reading, kinds: Iterable[str]) -> list[Column]:
    """Return the features that hold one of some kinds."""
    wanted = set(kinds)
    return [each for each in reading.columns if each.kind in wanted and reading.role(each.name) == "feature"]


def _file(reading: Reading) -> str:
    dialect = reading.dialect
    if dialect is None:
        sheet = reading.raw.table.sheet if reading.raw is not None else None
        return f"{words('sheet', sheet)}" if sheet else ("a table" if reading.columns else "not read")
    said = [f"{words('delimiter', dialect.delimiter)}s" if dialect.delimiter != " " else "blanks"]
    said += [f"decimal {words('decimal', dialect.decimal)}", "a header" if dialect.header else "no header"]
    if dialect.thousands:
        said.append(f"{words('thousands', dialect.thousands)} between thousands")
    if reading.choices.ragged == "drop":
        said.append("uneven rows dropped")
    return ", ".join(said)


def _derived(reading: Reading) -> str:
    derived = reading.choices.derived
    if len(derived) == 1:
        return f"{derived[0].name} = {derived[0].formula}"
    return ", ".join(each.name for each in derived) if derived else "none"


def _rows(reading: Reading) -> str:
    choices = reading.choices
    said = [f"only where {choices.where}"] if choices.where else []
    said += ["without duplicates"] if choices.unique else []
    said += [f"at most {choices.most_rows:,}"] if choices.most_rows is not None else []
    return ", ".join(said) if said else "all rows"


def _missing(reading: Reading) -> str:
    used = [each for each in reading.columns if reading.role(each.name) != "ignored"]
    empty = [each for each in used if each.missing]
    if not empty:
        return "no cell of the used columns is empty"
    choices = reading.choices
    said = "drop rows with an empty cell" if choices.missing == "drop" else words("missing", choices.missing)
    return f"{said}, in {count(len(empty), 'column')}{_otherwise(choices, ('missing', 'constant', 'flag_missing'))}"


def _categories(reading: Reading) -> str:
    found = features(reading, CATEGORIES)
    if not found:
        return "no categories among the features"
    ways = _ways(reading.choices, found, "encoding")
    said = ", ".join(f"{words('encoding', way)} for {count(number, 'column')}" for way, number in ways.items())
    steps = [step_of(reading.dataset, each.name) for each in found]
    inputs = sum(len(step.names) for step in steps if step is not None)
    return said + (f": {count(inputs, 'input')}" if inputs else "")


def _numbers(reading: Reading) -> str:
    found = features(reading, NUMBERS)
    if not found:
        return "no numbers among the features"
    choices = reading.choices
    if choices.unscaled:
        return f"{count(len(found), 'number')} go in unscaled: a mistake on purpose"
    ways = _ways(choices, found, "scale")
    said = (
        f"leave {count(number, 'number')} as they stand" if way == "none"
        else f"{_VERBS.get(way, way)} {count(number, 'number')}"
        for way, number in ways.most_common()
    )  # fmt: skip
    return ", ".join(said)


def _dates(reading: Reading) -> str:
    found = features(reading, TEXTS)
    if not found:
        return "no dates or texts among the features"
    steps = [step_of(reading.dataset, each.name) for each in found]
    inputs = sum(len(step.names) for step in steps if step is not None)
    return f"{count(len(found), 'column')}: {count(inputs, 'input')}"


def _target(reading: Reading) -> str:
    choices = reading.choices
    if choices.target is None:
        return "not known"
    if reading.dataset is None:
        return choices.target
    classes = reading.dataset.class_names
    what = f"{len(classes):,} classes" if classes else ("the log of a value" if choices.target_log else "a value")
    return f"{choices.target}: {what}"


def _split(reading: Reading) -> str:
    choices = reading.choices
    if reading.dataset is None:
        return words("split", choices.split or "random")
    report = reading.dataset.report
    way = {
        "random": "at random",
        "order": "the last ones",
        "column": f"by {choices.split_column}",
        "groups": f"by groups of {choices.split_column}",
    }[choices.split or "random"]
    return f"{report.train_rows:,} for training, {report.test_rows:,} for testing, {way}"


def _faults(reading: Reading) -> str:
    choices = reading.choices
    said = ["fitted on all rows"] if choices.leakage else []
    said += ["unscaled"] if choices.unscaled else []
    said += [f"{100 * choices.label_noise:.3g} % wrong targets"] if choices.label_noise else []
    said += [f"{100 * choices.duplicates:.3g} % copies"] if choices.duplicates else []
    return ", ".join(said) if said else "none"


def _ways(choices: RecipeChoices, columns: list[Column], field: str) -> Counter[str]:
    """Count how columns are treated; asking the choices about each would take long for ten thousand."""
    own = {each.name: getattr(each, field) for each in choices.columns}
    general = str(getattr(choices, field))
    return Counter(own.get(each.name) or general for each in columns)


def _otherwise(choices: RecipeChoices, fields: Iterable[str]) -> str:
    number = sum(any(getattr(each, field) is not None for field in fields) for each in choices.columns)
    return f", {number:,} otherwise" if number else ""


SUMMARIES: dict[str, Callable[[Reading], str]] = {
    "file": _file,
    "derived": _derived,
    "rows": _rows,
    "missing": _missing,
    "categories": _categories,
    "numbers": _numbers,
    "dates": _dates,
    "target": _target,
    "split": _split,
    "faults": _faults,
}
"""The line of every stage."""
