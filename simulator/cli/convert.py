"""`nodeglow convert`: a model from one file format to another."""

import json
import sys
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from simulator.cli.models import ASSUMING, ModelFile, assumed, open_model
from simulator.cli.taking import made_of, rows_of, taking
from simulator.cli.terminal import Force, Json, note
from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.interchange import FORMATS, Assumptions, ExportOptions, Format, check_target, format_of, save_model
from simulator.interchange.whole_files import printable

_FORMATS = ", ".join(f"{name} ({row.suffix})" for name, row in FORMATS.items())


@taking("options", rows_of(ExportOptions), lambda typed: made_of(ExportOptions, typed))
@taking("assumptions", ASSUMING, assumed)
def convert(
    model: ModelFile,
    out: Annotated[Path, Argument(help="The file to write.")],
    options: ExportOptions,
    assumptions: Assumptions,
    format_name: Annotated[
        str | None,
        Option(
            "--format",
            help=f"One of {_FORMATS}; by default what the suffix says. nodeglow formats: what each is for.",
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Write a model in another format; what that does not hold is said before.

    Examples
    --------
    nodeglow convert model.safetensors model.onnx
    nodeglow convert model.safetensors network.py --format pytorch_script
    nodeglow convert network.onnx network.safetensors --like model.safetensors
    """
    check_target(out, format_name, overwrite=force)
    row = format_of(out, format_name)
    _check_choices(row, options)
    opened = open_model(model, assumptions)
    limits = row.limits(opened.model, options)
    if not as_json:
        note(*opened.notes, *limits)
    written = save_model(opened.model, out, format_name, overwrite=force, options=options)
    count = opened.model.network.parameter_count
    if as_json:
        about = {"out": str(written), "parameters": count, "limits": list(limits), "notes": list(opened.notes)}
        sys.stdout.write(json.dumps(about) + "\n")
    else:
        sys.stdout.write(f"{count:,} parameters written to {printable(written)}\n")
    return 0


def _check_choices(row: Format, options: ExportOptions) -> None:
    """Refuse what the format does not leave to choose."""
    for each in settings_of(options):
        if each.name not in row.options and getattr(options, each.name) != each.default:
            heeding = [name for name, other in FORMATS.items() if each.name in other.options]
            hint = f"These do: {', '.join(heeding)}." if heeding else "Leave it away."
            raise ConfigError(f"the format {row.name} leaves no choice of --{each.name.replace('_', '-')}", hint)
