"""The header is compiled by a C and a C++ compiler that take every warning for an error, and run."""

import dataclasses
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.data import Recipe, open_dataset
from simulator.data.cells import numbers
from simulator.data.steps import OneHot, Ordinal, Parts
from simulator.errors import ExportError
from simulator.interchange import ExportOptions
from simulator.interchange.c_header import limits, save
from simulator.interchange.source.c_preparing import CPreparation
from simulator.interchange.source.literals import c_comment, c_name, c_text
from simulator.nn.activations import ACTIVATIONS

STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"]
COMPILERS = {"gcc": ["-std=c99"], "g++": ["-x", "c++", "-std=c++11"]}
KINDS = {
    "softmax": (("a", "b", "Größe"), "softmax", None),
    "sigmoid": (("a", "b", "Größe"), "sigmoid", None),
    "one sigmoid": (("no", "yes"), "sigmoid", 1),
    "linear": (("a", "b", "Größe"), "linear", None),
    "value": ((), "linear", None),
}


def compiler(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here to compile the header with")
    return found


def built(folder, headers: dict[str, bytes], body: str, name: str = "gcc"):
    """Compile a program over some headers and return what it writes for what it reads, as float64."""
    for file, text in headers.items():
        (folder / file).write_bytes(text)
    includes = "".join(f'#include "{file}"\n' for file in headers)
    source = folder / f"main_{name.replace('+', 'x')}.c"
    source.write_text(
        f"{includes}#include <stdio.h>\nint main(void)\n{{\n{body}\n    return 0;\n}}\n", encoding="utf-8"
    )
    program = source.with_suffix("")
    command = [compiler(name), *COMPILERS[name], *STRICT, str(source), "-o", str(program), "-lm"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return lambda numbers=b"": subprocess.run([program], input=numbers, capture_output=True, check=True).stdout


def caller(model, lower: str, raw: int) -> str:
    """The lines that predict every row of what is read and write all that comes out."""
    scores = len(model.class_names)
    lines = [f"    double in[{raw}];", f"    double out[{max(scores, 1)}];"]
    call = f"(void){lower}_predict(in, out);" if scores else f"out[0] = {lower}_predict(in);"
    lines += [f"    while (fread(in, sizeof(double), {raw}, stdin) == {raw}) {{", f"        {call}"]
    lines += [f"        fwrite(out, sizeof(double), {max(scores, 1)}, stdout);", "    }"]
    return "\n".join(["    {", *lines, "    }"])


def expected(model, outputs: np.ndarray) -> np.ndarray:
    answers = model.answers(outputs)
    return answers.drop(columns="prediction").to_numpy() if model.class_names else answers.to_numpy()


def raw_inputs(recipe: Recipe, table: pd.DataFrame) -> np.ndarray:
    """What the header is given for raw rows: numbers, places of categories, parts of dates."""
    table = recipe.completed(table)
    given = CPreparation(recipe, "").names
    columns = []
    for step in recipe.columns:
        if step.column not in given and not isinstance(step, Parts):
            continue  # it is calculated
        if isinstance(step, OneHot | Ordinal):
            bare = dataclasses.replace(step, fill=None, unknown="zeros")
            cells = bare.places(table[step.column])[0].astype(float)
            columns.append(np.where(cells == -1, np.nan, np.where(cells == -2, 99, cells)))
        elif isinstance(step, Parts):
            columns += list(step.values(table[step.column]).T)
        else:
            columns.append(step.before(table[step.column], recipe.decimal, 0))
    sources = given[len(columns) :]
    columns += [numbers(table[name], recipe.decimal)[0] for name in sources]
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_activation_and_link_agrees_with_the_model_in_one_program(make_model, tmp_path, dtype):
    models = []
    for place, activation in enumerate(ACTIVATIONS):
        classes, link, outputs = list(KINDS.values())[place % len(KINDS)]
        hidden = ((7, activation), (3, activation), (4, "tanh"))[: place % 4]
        models.append(make_model(hidden or ((2, activation),), classes, link, outputs, dtype, seed=place))
    headers, bodies = {}, []
    for place, model in enumerate(models):
        value = model.recipe.to_json()
        value["target"]["column"] = f"{dtype} {place}!"
        renamed = dataclasses.replace(model, recipe=Recipe.from_json(value))
        headers[f"m{place}.h"] = save(renamed, ExportOptions(inputs="prepared"))
        call = caller(model, f"{dtype}_{place}", 4)
        bodies.append(call.replace("while (fread", f"int left = {50}; while (left-- && fread"))
    X = np.random.default_rng(1).normal(scale=30.0, size=(len(models), 50, 4))
    X[:, 7, 2], X[:, 8, 1] = np.nan, np.inf
    found = np.frombuffer(built(tmp_path, headers, "\n".join(bodies))(X.tobytes()))
    wanted = np.concatenate([expected(model, model.outputs(x)).ravel() for model, x in zip(models, X, strict=True)])
    scale = np.nanmax(np.abs(wanted))
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.parametrize("name", list(COMPILERS))
@pytest.mark.parametrize("data", ["penguins", "auto_mpg", "digits"])
def test_raw_rows_of_bundled_sets_are_predicted_in_c_and_in_cpp(make_model, tmp_path, data, name):
    dataset = open_dataset(data)
    model = make_model(((8, "tanh"), (8, "gelu")), recipe=dataset.recipe)
    raw = raw_inputs(dataset.recipe, dataset.table)
    lower = c_name(dataset.recipe.target, "model")
    program = built(tmp_path, {"model.h": save(model, ExportOptions())}, caller(model, lower, raw.shape[1]), name)
    found = np.frombuffer(program(np.ascontiguousarray(raw).tobytes()))
    wanted = expected(model, model.outputs(dataset.recipe.transform(dataset.table))).ravel()
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


TABLE = """date,size,note,grade,code,wind,load
2021-03-05,1.5,two words,low,1,3,12
2021-04-15,2.25,one,high,2,,7
2022-12-31,-0.5,,middle,1,5,1000
2020-02-29,4.75,a b c 12,low,3,4,0
,8.5,x,high,2,2,55
2021-07-01,,long text here,,3,1,3
"""


@pytest.mark.parametrize("encoding", ["ordinal", "one_hot"])
@pytest.mark.parametrize("missing", ["drop", "mean"])
@pytest.mark.parametrize("unknown", ["zeros", "most_frequent"])
def test_dates_texts_orders_fills_flags_scalings_and_unknown_categories(
    make_model, tmp_path, encoding, missing, unknown
):
    (tmp_path / "all.csv").write_text(TABLE)
    dataset = open_dataset(
        str(tmp_path / "all.csv"),
        target="load",
        task="regression",
        target_log=True,
        missing=missing,
        flag_missing=True,
        unknown=unknown,
        test_fraction=0.0,
        derived={
            "ratio": "size / (wind + 1) ^ 2 - -min(size, 2, wind) + round(size * 2.5) % -2",
            "known": "not is_missing(size) and (code != 2 or wind in (3, 5)) or size > 4",
            "twice": "ratio * 2 + (grade == 'low')",
        },
        columns={
            "size": {"scale": "log"},
            "note": {"kind": "text", "scale": "min_max"},
            "grade": {"encoding": encoding, "order": ["low", "middle", "high"]},
            "code": {"kind": "number", "scale": "none"},
            "wind": {"scale": "robust"},
        },
    )
    model = make_model(((4, "tanh"),), recipe=dataset.recipe)
    table = dataset.table.copy()
    table.loc[1, "grade"] = "other"
    raw = raw_inputs(dataset.recipe, table)
    program = built(tmp_path, {"model.h": save(model, ExportOptions())}, caller(model, "load", raw.shape[1]))
    found = np.frombuffer(program(np.ascontiguousarray(raw).tobytes()))
    wanted = expected(model, model.outputs(dataset.recipe.transform(table))).ravel()
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    said = " ".join(limits(model, ExportOptions()))
    assert "twice" in said
    assert "known" not in said
    assert "Dates" in said


HOSTILE = [
    '"',
    "\\",
    "*/ int x; /*",
    "??/",
    "??=",
    "\n#error",
    "\0",
    "\ud800",
    "漢字 🙂",
    "%s",
    "//",
    "\u202e",
    "x" * 5000,
]


def test_no_name_becomes_code_in_c(make_model, make_recipe, tmp_path):
    value = make_recipe((*HOSTILE, "")).to_json()
    for column, name in zip(value["columns"], HOSTILE, strict=False):
        column["column"] = name
    value["columns"][2]["categories"] = HOSTILE[:2]
    value["target"]["column"] = '*/ #include "/etc/passwd" \\\n'
    model = make_model(((3, "tanh"),), recipe=Recipe.from_json(value))
    body = "    int i;\n    for (i = 0; i < INCLUDE_ETC_PASSWD_CLASSES; i++) {\n"
    body += '        printf("%s\\n", INCLUDE_ETC_PASSWD_CLASS_NAMES[i]);\n    }'
    for name in COMPILERS:
        text = built(tmp_path, {"model.h": save(model, ExportOptions())}, body, name)()
        shown = [each.split("\0")[0].encode(errors="backslashreplace") for each in HOSTILE[:-1]]
        assert text.startswith(b"\n".join(shown) + b"\n")


@given(st.text(st.characters(), max_size=20))
@settings(max_examples=2 * settings.default.max_examples, deadline=None)
def test_c_literals_comments_and_names_hold_any_text(text):
    literal = c_text(text)
    assert literal.isascii()
    assert literal.isprintable()
    assert "??" not in literal
    inner = literal[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inner
    assert "*/" not in c_comment(text)
    assert "/*" not in c_comment(text)
    name = c_name(text, "model")
    assert name.isidentifier()
    assert name.isascii()
    assert not name.startswith("_")


@pytest.mark.parametrize(
    ("hidden", "why"), [(((20_000, "relu"),), "stack"), (((1200, "relu"), (1200, "relu")), "of no use")]
)
def test_what_a_stack_or_a_compiler_cannot_hold_is_refused(make_model, hidden, why):
    with pytest.raises(ExportError, match=why) as refused:
        save(make_model(hidden), ExportOptions())
    assert refused.value.hint
