"""A Python program that needs NumPy alone: the weights, the preparation of raw columns and the forward pass as code."""

from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.source import answers, arrays, passes, tables
from simulator.interchange.source.describing import facts, title
from simulator.interchange.source.preparing import preparation
from simulator.interchange.source.program import assembled, used_helpers

_HEAD = '''"""{title}

{facts}

As a program: python model.py data.csv > predictions.csv
As a module:  from model import predict
              {example}

Needs Python 3.9 or later and NumPy, nothing else.
"""
'''

_MAIN = '''
def main():
    """Read a CSV file and write its predictions."""
    parser = argparse.ArgumentParser(description="Predict the rows of a CSV file.")
    parser.add_argument("data", help="the CSV file")
    parser.add_argument("--delimiter", help="what stands between two cells (else found out)")
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    try:
        write(predict, options.data, options.delimiter)
'''


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the program as UTF-8.

    Raises
    ------
    ExportError
        When the model has too many parameters for a text, or something that cannot be written as NumPy code.
    """
    arrays.refuse_too_many(model, "a Python file")
    head = _HEAD.format(title=title(model), facts=facts(model), example=answers.example(model, " " * 14))
    written = preparation(model.recipe)
    modules = (*written.modules, *(f"import {name}" for name in passes.modules(model.network)))
    constants = [*answers.constants(model), *written.constants]
    functions = [
        *written.functions,
        *passes.functions(model.network),
        *answers.functions(model),
        *used_helpers(tables.READ, tables.WRITE),
    ]
    return assembled(head, modules, ("import numpy as np",), constants, model, functions, _MAIN)


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what a file does not hold."""
    sentences = ["It predicts and cannot be trained on; how the model was trained is said in words only."]
    if any(layer.dropout for layer in model.network.hidden):
        sentences.append("Dropout is left out: it acts in training only.")
    return (*sentences, *answers.reading_limits(model), "It cannot be opened again as a model.")
