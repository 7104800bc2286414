"""`nodeglow convert`: a model from one file format to another."""

import json
import sys
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from simulator.cli.terminal import Json
from simulator.interchange import FORMATS, load_model, save_model


def convert(
    model: Annotated[Path, Argument(help="A model file.")],
    out: Annotated[Path, Argument(help="The file to write.")],
    format_name: Annotated[
        str | None, Option("--format", help=f"One of {', '.join(FORMATS)}; the suffix says it where it is not given.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Write a model in another format."""
    loaded = load_model(model)
    written = save_model(loaded, out, format_name)
    if as_json:
        sys.stdout.write(json.dumps({"out": str(written), "parameters": loaded.network.parameter_count}) + "\n")
    else:
        sys.stdout.write(f"{loaded.network.parameter_count:,} parameters written to {written}\n")
    return 0
