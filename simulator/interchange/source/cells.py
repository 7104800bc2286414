"""What generated Python reads cells with: the same rules as `simulator.data.cells` and `simulator.data.dates` have."""

import textwrap

from simulator.data.cells import MISSING, MISSING_AMONG_NUMBERS
from simulator.interchange.source.literals import python_list, python_text

_NUMBER = {
    ".": r'r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?"',
    ",": r'r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?"',
}

_NUMBERS = '''
def numbers(columns, name):
    """Return a column as float64 numbers, NaN where one is missing."""
    values = np.asarray(columns[name])
    if values.dtype.kind not in "iuf":
        values = np.array([number(cell, name) for cell in columns[name]])
    values = values.astype(np.float64)
    if np.isinf(values).any():
        raise ValueError(f"the column {{name!r}} holds an infinite number")
    return values


def number(cell, name):
    """Return the number that a cell of a column spells, NaN where it is missing."""
    text = str(cell).strip().replace("\\N{{MINUS SIGN}}", "-")
    if text.lower() in NO_NUMBER:
        return np.nan
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{{cell!r}} in the column {{name!r}} is no number")
    return float(text{comma})
'''

_FILLED = '''
def filled(values, fill):
    """Return numbers with `fill` in place of the missing ones."""
    return np.where(np.isnan(values), fill, values)
'''

_STRETCHED = '''
def stretched(values):
    """Return sign(x) ln(1 + |x|), which brings wide ranges together."""
    return np.sign(values) * np.log1p(np.abs(values))
'''

_TEXTS = '''
def texts(columns, name):
    """Return a column as texts, None where one is missing."""
    return np.array([text(cell) for cell in columns[name]], dtype=object)


def text(cell):
    """Return what a cell says, None where it is missing; a whole number has no point."""
    if cell is None:
        return None
    if isinstance(cell, (float, np.floating)) and abs(cell) < 1e15 and cell == int(cell):
        cell = int(cell)
    elif isinstance(cell, np.floating):
        cell = float(cell)
    words = str(cell).strip()
    return None if words.lower() in MISSING else words
'''

_CODES = '''
def codes(columns, name):
    """Return a column of numbers that stand for categories as texts: 3 for 3.0."""
    return np.array([text(code(cell)) for cell in columns[name]], dtype=object)


def code(cell):
    """Return a cell as a number, and as it is where it spells none."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        return cell
'''

_PLACES = '''
def places(words, categories, missing=LOST, unknown=UNKNOWN):
    """Return the place of every text among the categories; others have places below 0."""
    known = {category: place for place, category in enumerate(categories)}
    return np.array(
        [missing if word is None else known.get(word, unknown) for word in words], dtype=np.int64
    )
'''

_KNOWN = '''
def known(words, categories):
    """Return the texts if all of them are categories that the training has seen."""
    for word in words:
        if word is not None and word not in categories:
            raise ValueError(f"the category {word!r} is unknown")
    return words
'''

_ONE_HOT = '''
def one_hot(places, count):
    """Return a column for each category: 1 for its own, 0 for others, NaN where it is missing."""
    columns = (places[:, None] == np.arange(count)).astype(np.float64)
    columns[places == LOST] = np.nan
    return columns
'''

_ORDINAL = '''
def ordinal(places):
    """Return places in the order as numbers: -1 for an unknown category, NaN for a missing one."""
    return np.where(places == LOST, np.nan, np.maximum(places, -1))
'''

_MISSING_FLAG = '''
def missing(values):
    """Return 1 where a value is missing, else 0."""
    return np.array([value is None for value in values.tolist()], np.float64)
'''

_DATES = '''
def dates(columns, name, order):
    """Return a column's moments, NaT where one is missing; the order says how day, month and year stand."""
    found = [None if word is None else moment(word, order) for word in texts(columns, name)]
    return np.array(["NaT" if each is None else each for each in found], "datetime64[s]")


def moment(word, order):
    """Return the moment that a text spells; a time of day alone is one of 1970-01-01."""
    match = DATE.fullmatch(word)
    if match is None or (match["a"] is None and match["hour"] is None):
        raise ValueError(f"{word!r} is no date")
    date = "1970-01-01"
    if match["a"] is not None:
        part = dict(zip(order, (match["a"], match["b"], match["c"])))
        if len(part["y"]) not in (2, 4) or len(part["m"]) > 2 or len(part["d"]) > 2:
            raise ValueError(f"{word!r} is no date in the order {order}")
        century = 0 if len(part["y"]) == 4 else 1900 if int(part["y"]) >= 69 else 2000
        date = f"{int(part['y']) + century:04}-{int(part['m']):02}-{int(part['d']):02}"
    hour, minute, second = (int(match[each] or 0) for each in ("hour", "minute", "second"))
    return np.datetime64(f"{date}T{hour:02}:{minute:02}:{second:02}", "s")


def date_part(part, moments):
    """Return a part of every moment as a number, NaN where it is missing."""
    lost = np.isnat(moments)
    values = DATE_PARTS[part](np.where(lost, np.datetime64(0, "s"), moments))
    return np.where(lost, np.nan, values.astype(np.float64))
'''

_DATE_PATTERN = """
DATE = re.compile(
    r"(?:(?P<a>\\d{1,4})[-/.](?P<b>\\d{1,2})[-/.](?P<c>\\d{1,4}))?(?:^|[T ]+|$)"
    r"(?:(?P<hour>\\d{1,2}):(?P<minute>\\d{2})(?::(?P<second>\\d{2})(?:\\.\\d+)?)?)?.{0,8}"
)
"""

_TEXT_PART = '''
def text_part(part, words):
    """Return a part of every text as a number, NaN where it is missing."""
    take = TEXT_PARTS[part]
    return np.array([np.nan if word is None else take(word) for word in words], np.float64)
'''

_AGREE = '''
def agree(left, right):
    """Return where texts are equal; a missing one equals nothing."""
    left, right = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    return (left == right) & present(left) & present(right)
'''

_DISAGREE = '''
def disagree(left, right):
    """Return where texts are different; a missing one differs from nothing."""
    left, right = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    return (left != right) & present(left) & present(right)
'''

_PRESENT = '''
def present(words):
    """Return where there is a text."""
    return np.asarray(np.frompyfunc(lambda word: word is not None, 1, 1)(words), dtype=bool)
'''

_DIFFER = '''
def differ(left, right):
    """Return where numbers are different; a missing one differs from nothing."""
    return (left != right) & ~np.isnan(left) & ~np.isnan(right)
'''

_FINITE = '''
def finite(values, columns):
    """Return a derived column; where it has no finite value it is missing."""
    rows = len(next(iter(columns.values())))
    return np.where(np.isfinite(values), values, np.nan) * np.ones(rows)
'''

DATE_PARTS = {
    "year": 'moments.astype("datetime64[Y]").astype(np.int64) + 1970',
    "month": 'moments.astype("datetime64[M]").astype(np.int64) % 12 + 1',
    "day": '(moments.astype("datetime64[D]") - moments.astype("datetime64[M]")).astype(np.int64) + 1',
    "weekday": '(moments.astype("datetime64[D]").astype(np.int64) + 3) % 7 + 1',
    "day of year": '(moments.astype("datetime64[D]") - moments.astype("datetime64[Y]")).astype(np.int64) + 1',
    "days": "moments.astype(np.int64) / 86400.0",
    "hour": "moments.astype(np.int64) // 3600 % 24",
    "minute": "moments.astype(np.int64) // 60 % 60",
    "second": "moments.astype(np.int64) % 60",
}
"""A part of moments, by its name in `simulator.data.steps.parts`."""

TEXT_PARTS = {
    "characters": "len(word)",
    "words": "len(word.split())",
    "digits": "sum(each.isdigit() for each in word)",
}
"""A part of a text, by its name in `simulator.data.steps.parts`."""

_FUNCTIONS = {
    "texts": _TEXTS,
    "codes": _CODES,
    "known": _KNOWN,
    "places": _PLACES,
    "one_hot": _ONE_HOT,
    "ordinal": _ORDINAL,
    "dates": _DATES,
    "text_part": _TEXT_PART,
    "filled": _FILLED,
    "stretched": _STRETCHED,
    "missing": _MISSING_FLAG,
    "agree": _AGREE,
    "disagree": _DISAGREE,
    "present": _PRESENT,
    "differ": _DIFFER,
    "finite": _FINITE,
}
_NEEDS = {
    "one_hot": ("places",),
    "ordinal": ("places",),
    "dates": ("texts",),
    "codes": ("texts",),
    "agree": ("present",),
    "disagree": ("present",),
}


def constants(helpers: frozenset[str], decimal: str) -> list[str]:
    """Return the lines of the constants that the functions of `functions` use."""
    found = _complete(helpers)
    lines: list[str] = []
    if "texts" in found:
        lines.append("# How tables spell that a value is missing.")
        lines.append(_words("MISSING", MISSING))
    if "numbers" in found:
        lines.append("# How tables spell that a number is missing.")
        lines.append(_words("NO_NUMBER", MISSING_AMONG_NUMBERS))
        lines.append(f"NUMBER = re.compile({_NUMBER[decimal]}, re.IGNORECASE | re.ASCII)")
    if "places" in found:
        lines.append("LOST, UNKNOWN = -1, -2  # in place of a category's number")
    if "dates" in found:
        lines.append(_DATE_PATTERN.strip())
    return lines


def parts_table(name: str, argument: str, code: dict[str, str], used: frozenset[str]) -> list[str]:
    """Return the lines of a table of the parts that are used of dates or of texts."""
    rows = [f"    {python_text(part)}: lambda {argument}: {code[part]}," for part in code if part in used]
    return [f"{name} = {{", *rows, "}"] if rows else []


def functions(helpers: frozenset[str], decimal: str) -> list[str]:
    """Return the functions with these names, and those that they call, each as a block of lines."""
    found = _complete(helpers)
    comma = '.replace(",", ".")' if decimal == "," else ""
    blocks = [_NUMBERS.format(comma=comma)] if "numbers" in found else []
    blocks += [code for name, code in _FUNCTIONS.items() if name in found]
    return [textwrap.dedent(block).strip("\n") for block in blocks]


def modules(helpers: frozenset[str]) -> set[str]:
    """Return the modules that the functions need beside NumPy."""
    return {"re"} if {"numbers", "dates"} & _complete(helpers) else set()


def _complete(helpers: frozenset[str]) -> frozenset[str]:
    return helpers.union(*(_NEEDS.get(each, ()) for each in helpers))


def _words(name: str, words: frozenset[str]) -> str:
    return python_list(map(python_text, sorted(words)), head=f"{name} = ", brackets="{}")
