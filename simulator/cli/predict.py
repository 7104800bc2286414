"""`nodeglow predict`: raw rows in, predictions out."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import pandas as pd
from typer import Option

from simulator.cli.choices import READING, taking_choices
from simulator.cli.models import ASSUMING, ModelFile, assumed, open_model
from simulator.cli.taking import taking
from simulator.cli.terminal import Data, Force, Json, job, note, put
from simulator.data import BUNDLED, Pieces, generators, read_pieces
from simulator.data.choices import RecipeChoices, choose
from simulator.data.readers.pieces import pieces_of
from simulator.interchange import Assumptions, answers_in_pieces
from simulator.interchange.csv_text import csv_text
from simulator.interchange.whole_files import check_writable, fill_whole, printable
from simulator.progress import Progress

_LOOKING = 0.4
"""The share of the time that it takes to look the table through."""


@taking_choices(READING)
@taking("assumptions", ASSUMING, assumed)
def predict(
    model: ModelFile,
    data: Data,
    choices: Mapping[str, Any],
    assumptions: Assumptions,
    out: Annotated[Path | None, Option(help="The CSV file to write; standard output where it is not given.")] = None,
    layer: Annotated[
        int | None,
        Option(
            help="Write what every neuron of a layer gives on, instead of predictions: 0 for the prepared inputs, 1 "
            "for the first hidden layer …; the last one is that of the outputs.",
            show_default=False,
        ),
    ] = None,
    with_data: Annotated[bool, Option("--with-data", help="Write the table's columns before the answers.")] = False,
    force: Force = False,
    as_json: Json = False,
) -> int:
    """Predict the rows of a raw table with a model; the table may be larger than the memory.

    Examples
    --------
    nodeglow predict model.safetensors birds.csv > predictions.csv
    nodeglow predict model.onnx birds.csv --with-data --out answers.csv
    nodeglow predict network.keras birds.csv --like model.safetensors
    """
    if out is not None:
        check_writable(out, overwrite=force)
    opened = open_model(model, assumptions)
    note(*opened.notes)
    summary: dict[str, Any] = {"rows": 0, "unpredicted": 0, "out": None if out is None else str(out)}
    with job(shown=out is not None or as_json or not sys.stdout.isatty()) as progress:
        pieces = _pieces(data, choose(choices), progress.part(0.0, _LOOKING))
        answers = answers_in_pieces(opened.model, pieces, progress.part(_LOOKING, 1.0), layer, with_data)
        texts = _texts(answers, summary)
        if out is not None:
            _fill(out, texts, force)
        else:
            for text in texts:
                if not as_json:
                    put(text)
    if summary["unpredicted"]:
        empty = f"{summary['unpredicted']:,} of {summary['rows']:,} rows are left empty"
        note(f"{empty}: they lack a value the model needs")
    if as_json:
        sys.stdout.write(json.dumps({**summary, "notes": list(opened.notes)}) + "\n")
    elif out is not None:
        what = "predictions" if layer is None else "rows"
        sys.stdout.write(f"{summary['rows']:,} {what} written to {printable(out)}\n")
    return 0


def _pieces(data: str, choices: RecipeChoices, progress: Progress) -> Pieces:
    if data in BUNDLED:
        return read_pieces(BUNDLED[data].path, choices, progress)
    if generators.names(data) and not Path(data).exists():
        return pieces_of(generators.make(*generators.read(data)))
    return read_pieces(Path(data), choices, progress)


def _texts(answers: Iterator[pd.DataFrame], summary: dict[str, Any]) -> Iterator[str]:
    for answer in answers:
        yield csv_text(answer, header=not summary["rows"])
        summary["rows"] += len(answer)
        summary["unpredicted"] += answer.attrs["unpredicted"]


def _fill(out: Path, texts: Iterator[str], force: bool) -> None:
    def fill(file: BinaryIO) -> None:
        file.writelines(text.encode() for text in texts)

    fill_whole(out, fill, overwrite=force)
