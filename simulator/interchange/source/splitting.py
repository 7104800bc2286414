"""Which rows of a file a generated script trains on and tests on: those that the data set had."""

from simulator.data.choices import RecipeChoices
from simulator.data.formula import parse
from simulator.data.recipe import Recipe
from simulator.data.split import TEST_WORDS
from simulator.interchange.source.formulas import FormulaCode, text_columns
from simulator.interchange.source.literals import python_code, python_comment, python_list, python_text, shown
from simulator.nn import random

_SPLITS = {
    "random": '''
def split(columns, rows, y):
    """Return which of the usable rows are for training and which for testing, drawn by the seed."""
    order = permutation(SPLIT_SEED, SPLIT, 0, len(rows))
    wanted = min(round(TEST_FRACTION * len(rows)), len(rows) - 1)
    return np.sort(rows[order[wanted:]]), np.sort(rows[order[:wanted]])
''',
    "unstratified": '''
def split(columns, rows, y):
    """Return which of the usable rows are for training and which for testing, drawn by the seed.

    A class without a training row gets its first test row.
    """
    order = permutation(SPLIT_SEED, SPLIT, 0, len(rows))
    wanted = min(round(TEST_FRACTION * len(rows)), len(rows) - 1)
    test = np.sort(rows[order[:wanted]])
    lacking = np.setdiff1d(y[test], y[np.setdiff1d(rows, test)])
    test = np.setdiff1d(test, [test[y[test] == place][0] for place in lacking])
    return np.setdiff1d(rows, test), test
''',
    "stratified": '''
def split(columns, rows, y):
    """Return which of the usable rows are for training and which for testing, drawn by the seed.

    Every class has the same share of test rows; the largest remainders get what is left over.
    """
    order = permutation(SPLIT_SEED, SPLIT, 0, len(rows))
    wanted = min(round(TEST_FRACTION * len(rows)), len(rows) - 1)
    classes = y[rows]
    sizes = np.bincount(classes, minlength=len(CLASSES))
    shares, remainder = np.divmod(sizes * wanted, len(rows))
    most = np.maximum(sizes - 1, 0)
    shares = np.minimum(shares, most)
    for place in np.argsort(-remainder, kind="stable"):
        if shares.sum() < wanted and remainder[place]:
            shares[place] += shares[place] < most[place]
    drawn = [order[classes[order] == place][:share] for place, share in enumerate(shares)]
    test = np.concatenate(drawn)
    return np.sort(rows[np.setdiff1d(order, test)]), np.sort(rows[test])
''',
    "order": '''
def split(columns, rows, y):
    """Return the first of the usable rows for training and the last ones for testing."""
    wanted = min(round(TEST_FRACTION * len(rows)), len(rows) - 1)
    return rows[: len(rows) - wanted], rows[len(rows) - wanted :]
''',
    "column": '''
def split(columns, rows, y):
    """Return which of the usable rows are for training and which for testing: a column says so."""
    words = texts(columns, SPLIT_COLUMN)[rows]
    test = np.array([str(word).lower() in TEST_WORDS for word in words])
    return rows[~test], rows[test]
''',
    "groups": '''
def split(columns, rows, y):
    """Return which of the usable rows are for training and which for testing: whole groups are drawn."""
    words = texts(columns, SPLIT_COLUMN)
    numbers_of = {word: place for place, word in enumerate(dict.fromkeys(words))}
    groups = np.unique([numbers_of[word] for word in words[rows]], return_inverse=True)[1]
    sizes = np.bincount(groups)
    wanted = TEST_FRACTION * len(groups)
    taken, total = [], 0
    for group in permutation(SPLIT_SEED, SPLIT, 0, len(sizes)).tolist():
        nearer = abs(total + sizes[group] - wanted) <= abs(total - wanted)
        if len(taken) < len(sizes) - 1 and nearer:
            taken.append(group)
            total += sizes[group]
    test = np.isin(groups, taken)
    return rows[~test], rows[test]
''',
}
"""The function ``split``, by what `split_kind` returns."""

_UNIQUE = """    first = {tuple(map(str.strip, row.values())): place for place, row in reversed([*enumerate(rows)])}
    kept &= np.isin(np.arange(len(rows)), [*first.values()])"""
_SAMPLE = """    kept = np.flatnonzero(kept)
    if len(kept) > MOST_ROWS:
        kept = kept[permutation(SPLIT_SEED, ROWS, 0, len(kept))[:MOST_ROWS]]
    kept = np.isin(np.arange(len(rows)), kept)"""


def split_kind(recipe: Recipe) -> str:
    """Return which of the splits a training script makes."""
    made = recipe.choices
    kind = made.split or "random"
    if kind == "random" and recipe.class_names:
        return "stratified" if made.stratify else "unstratified"
    return kind


def chooses(recipe: Recipe) -> bool:
    """Whether rows are left out for another reason than a missing value."""
    made = recipe.choices
    return bool(_condition(recipe) or made.unique or made.most_rows is not None)


def constants(made: RecipeChoices) -> list[str]:
    """Return the lines of the settings of the split."""
    lines = [f"SPLIT_SEED, TEST_FRACTION = {made.seed}, {made.test_fraction!r}"]
    if made.split in ("column", "groups"):
        lines.append(f"SPLIT_COLUMN = {python_text(str(made.split_column))}")
    if made.split == "column":
        words = (python_text(word) for word in sorted(TEST_WORDS))
        lines += python_list(words, head="TEST_WORDS = ", brackets="{}").split("\n")
    if made.most_rows is not None:
        lines.append(f"MOST_ROWS, ROWS = {made.most_rows}, {random.ROWS}")
    return lines


def helpers(recipe: Recipe) -> list[str]:
    """Return the functions of `cells` that choosing and splitting rows need."""
    needed = {"texts"} if split_kind(recipe) in ("column", "groups") else set[str]()
    if _condition(recipe):
        code = _code(recipe)
        code.write(parse(recipe.choices.where).root)
        needed |= code.helpers
    return sorted(needed)


def functions(recipe: Recipe) -> list[str]:
    """Return the functions ``chosen``, where rows are left out, and ``split``."""
    blocks = [_SPLITS[split_kind(recipe)]]
    if chooses(recipe):
        blocks.insert(0, _chosen(recipe))
    return blocks


def limits(recipe: Recipe) -> list[str]:
    """Say what of the choice of rows is otherwise."""
    made = recipe.choices
    left_out = {"duplicates": "the copies of rows", "label_noise": "the label noise"}
    found = [words for name, words in left_out.items() if getattr(made, name)]
    if made.where.strip() and not _condition(recipe):
        found.append("the condition on rows, which uses a derived column")
    return [f"Not repeated: {', '.join(found)}. So the training has other rows."] if found else []


def _chosen(recipe: Recipe) -> str:
    made = recipe.choices
    lines = [
        '@np.errstate(all="ignore")',
        "def chosen(columns, rows):",
        '    """Return which rows are used, before those with missing values are left out."""',
        "    kept = np.ones(len(rows), dtype=bool)",
    ]
    if _condition(recipe):
        lines.append(python_comment(shown(made.where, 400), "    "))
        condition = _code(recipe).write(parse(made.where).root)
        lines.append(python_code(f"{condition}, 1.0", "    ", "kept &= np.equal"))
    lines += [_UNIQUE] * made.unique + [_SAMPLE] * (made.most_rows is not None)
    return "\n".join([*lines, "    return kept"])


def _condition(recipe: Recipe) -> bool:
    """Whether there is a condition on rows over raw columns."""
    where = recipe.choices.where.strip()
    return bool(where) and not {*parse(where).names} & {each.name for each in recipe.choices.derived}


def _code(recipe: Recipe) -> FormulaCode:
    return FormulaCode(text_columns(parse(recipe.choices.where).root))
