"""`nodeglow predict`: raw rows in, predictions out."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from simulator.cli.choices import READING, taking_choices
from simulator.cli.terminal import Data, Json, job
from simulator.data import BUNDLED, read_table
from simulator.data.choices import choose
from simulator.interchange import load_model, write_whole


@taking_choices(READING)
def predict(
    model: Annotated[Path, Argument(help="A model file.")],
    data: Data,
    choices: Mapping[str, Any],
    out: Annotated[Path | None, Option(help="The CSV file to write; standard output where it is not given.")] = None,
    as_json: Json = False,
) -> int:
    """Predict the rows of a raw table with a model."""
    loaded = load_model(model)
    with job() as progress:
        table = read_table(BUNDLED[data].path if data in BUNDLED else Path(data), progress, choose(choices))
        answers = loaded.predict(table.frame, progress)
    text = answers.to_csv(index=False, lineterminator="\n")
    unpredicted = answers.attrs["unpredicted"]
    if out is not None:
        write_whole(out, text)
    elif not as_json:
        sys.stdout.write(text)
    if unpredicted:
        sys.stderr.write(f"{unpredicted} of {len(answers)} rows are left empty: they lack a value the model needs\n")
    if as_json:
        summary = {"rows": len(answers), "unpredicted": unpredicted, "out": None if out is None else str(out)}
        sys.stdout.write(json.dumps(summary) + "\n")
    elif out is not None:
        sys.stdout.write(f"{len(answers)} predictions written to {out}\n")
    return 0
