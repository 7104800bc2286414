"""`nodeglow datasets`: the data sets that come with the program, or what would become of a table."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from simulator.cli.choices import PREPARING, READING, taking_choices
from simulator.cli.listing import print_rows
from simulator.cli.terminal import Force, Json, job
from simulator.data import BUNDLED, Dataset, open_dataset
from simulator.data.generators import GENERATORS
from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.interchange.recipe_file import write_choices
from simulator.interchange.whole_files import check_writable

_COLUMNS = ("name", "rows", "columns", "target", "task", "title", "source", "licence")
_GENERATED = ("generator", "title", "about", "settings")
_NUMBERS = ("rows", "columns", "missing")
_ABOUT = ("column", "role", "missing", "becomes")


@taking_choices(PREPARING, READING)
def datasets(
    choices: Mapping[str, Any],
    data: Annotated[str | None, Argument(help="A file, a set or a generator to be described; none lists them.")] = None,
    save_recipe: Annotated[Path | None, Option(help="Write the choices here, guesses filled in, as JSON.")] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """List the bundled data sets and the generators, or say what becomes of a table."""
    if data is None and save_recipe is not None:
        raise ConfigError("there is no table whose choices could be saved", "Name a file, a set or a generator.")
    if save_recipe is not None:
        check_writable(save_recipe, overwrite=force)
    if data is not None:
        with job() as progress:
            dataset = open_dataset(data, progress, **choices)
        if save_recipe is not None:
            write_choices(dataset.choices, save_recipe, overwrite=force)
        _describe(dataset, as_json)
        return 0
    rows = [
        (name, row.rows, len(row.columns), row.target, row.task, row.title, row.source, row.licence)
        for name, row in BUNDLED.items()
    ]
    made = [
        (name, row.title, row.description, ", ".join(f"{each.name}={each.default}" for each in settings_of(row.shape)))
        for name, row in GENERATORS.items()
    ]
    if as_json:
        listed = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        shapes = [dict(zip(_GENERATED, row, strict=True)) for row in made]
        sys.stdout.write(json.dumps({"datasets": listed, "generators": shapes}) + "\n")
    else:
        print_rows(_COLUMNS, rows, _NUMBERS)
        sys.stdout.write("\n")
        sys.stdout.flush()
        print_rows(_GENERATED, made)
    return 0


def _describe(dataset: Dataset, as_json: bool) -> None:
    roles = {dataset.recipe.target: "target"} | dict.fromkeys(dataset.recipe.used, "feature")
    steps = {step.column: step for step in dataset.recipe.columns}
    missing = dataset.table.isna().sum()
    rows: list[tuple[str, str, int, str]] = []
    for place, name in enumerate(map(str, dataset.table.columns)):
        role = roles.get(name, "ignored")
        step = steps.get(name)
        formulas = [] if step is None else [step.formula(each) for each in range(len(step.names))]
        rows.append((name, role, int(missing.iloc[place]), "; ".join(formulas[:6]) + (" …" if formulas[6:] else "")))
    if as_json:
        about = {
            "name": dataset.name,
            "columns": [dict(zip(_ABOUT, row, strict=True)) for row in rows],
            "inputs": list(dataset.feature_names),
            "classes": list(dataset.class_names),
            "stages": [[each.id, each.rows, each.columns, each.text] for each in dataset.report.stages],
            "report": list(dataset.report.sentences),
            "choices": dataset.choices.to_json(),
        }
        sys.stdout.write(json.dumps(about) + "\n")
        return
    sys.stdout.write(f"{dataset.report}\n\n")
    sys.stdout.flush()
    print_rows(_ABOUT, rows, _NUMBERS)
