"""The structs that host and kernels share: what a run is, where it stands, and its layers.

Each is declared once: NumPy's dtype and the text of the C declaration are made of the same rows. All fields of a struct
have the same size, so that no compiler has a choice of where they lie.
"""

from typing import Any

import numpy as np

Field = tuple[str, str] | tuple[str, str, int]

WHOLE, REAL = "long long", "double"
_ADDRESS = "<u8"
_FORMATS = {WHOLE: "<i8", REAL: "<f8", "int": "<i4", "unsigned": "<u4"}

SCALARS, COEFFICIENTS, SETTINGS = 4, 16, 8
"""Room for what the optimizers' tables have at most: shared memory, coefficients of an update, settings of a rule."""

FIGURES = 7
"""How many figures of an epoch are written down: the four sums, the rate of its last update, and two norms."""

IS_WEIGHT, IS_FROZEN = 1, 2
"""The bits of a parameter's mark."""

MOMENT: tuple[Field, ...] = (
    ("epoch", WHOLE),  # complete epochs
    ("item", WHOLE),  # work items of the next one that are done
    ("updates", WHOLE),  # since the optimizer's memory was empty
    ("stopped", WHOLE),  # 1 since a batch's loss was not finite: whatever comes later in the queue does nothing
    ("learning_rate", REAL),  # of the last update
    ("gradient_norm", REAL),  # of the last gradient that ended an epoch's batches
    ("sums", REAL, 4),  # the unfinished epoch's loss and hits, on training and on test rows
    ("scalars", REAL, SCALARS),  # the optimizer's memory that all parameters share
    ("others", WHOLE),  # 1 where a parameter or a number of the memory was not finite when that was looked at
)
"""What the kernels change of a run: where it stands. It is the beginning of `Run`."""

SETTING: tuple[Field, ...] = (
    # how much there is
    ("layers", WHOLE),  # linear layers
    ("inputs", WHOLE),
    ("outputs", WHOLE),
    ("parameters", WHOLE),
    ("names", WHOLE),  # rows of the optimizer's memory
    ("train_rows", WHOLE),
    ("test_rows", WHOLE),
    ("batch_size", WHOLE),  # not more than there are training rows
    ("evaluation_rows", WHOLE),
    ("batches", WHOLE),  # of an epoch
    ("items", WHOLE),  # of an epoch: its batches, then its blocks of test rows
    ("slots", WHOLE),  # epochs whose row orders and figures have room; epoch e has slot e % slots
    # what is done: rows of the tables in `definitions`
    ("head", WHOLE),
    ("update", WHOLE),
    ("factor", WHOLE),
    ("classes", WHOLE),  # whether hits are counted
    ("drops", WHOLE),  # whether a layer has dropout
    ("holds", WHOLE),  # whether a unit is held
    ("freezes", WHOLE),  # whether a parameter is frozen
    ("seed_low", WHOLE),
    ("seed_high", WHOLE),
    ("rate", REAL),  # the optimizer's, before the schedule
    ("l1", REAL),
    ("l2", REAL),
    ("clip", REAL),  # 0 for none
    ("loss_settings", REAL, SETTINGS),
    ("update_settings", REAL, SETTINGS),
    ("factor_settings", REAL, SETTINGS),
    # where it is
    ("layer", "const Layer *"),  # (layers,)
    ("X", "const Number *"),  # (train_rows, inputs)
    ("Y", "const Number *"),  # (train_rows, outputs)
    ("X_test", "const Number *"),
    ("Y_test", "const Number *"),
    ("weights", "Number *"),  # (parameters,), in the order of nn/parameters.py, like the next two
    ("gradient", "Number *"),  # (parameters,)
    ("memory", "Number *"),  # (names, parameters)
    ("marks", "const unsigned char *"),  # (parameters,): IS_WEIGHT, IS_FROZEN
    ("held", "const Number *"),  # (inputs + hidden neurons,): NaN where free
    ("orders", "const int *"),  # (slots, train_rows)
    ("records", "double *"),  # (slots, FIGURES)
    ("result", "double *"),  # (2,): loss and hits of rows that were only evaluated
    ("coefficients", "double *"),  # (COEFFICIENTS,): of the present update, where kernels hand them on
    ("work", "void *"),  # what a path has beside this
)

LAYER: tuple[Field, ...] = (
    ("fan_in", WHOLE),
    ("fan_out", WHOLE),
    ("weight", WHOLE),  # where in the flat vector the weight (fan_in, fan_out) begins, row by row
    ("bias", WHOLE),  # where the bias (fan_out,) does
    ("activation", WHOLE),  # a row of the table; −1 for the last layer, which has a head
    ("held", WHOLE),  # where in `held` its neurons begin
    ("rate", REAL),  # dropout: the probability to be left out
    ("values", "Number *"),  # from here on: what a path keeps of a batch there, if it does
    ("logits", "Number *"),
    ("slopes", "Number *"),
    ("delta", "Number *"),
)
"""A linear layer."""


def struct_dtype(fields: tuple[Field, ...]) -> np.dtype[Any]:
    """Return what a struct with these fields is to NumPy: fields of 8 bytes each, or of 4 bytes each, without gaps."""
    return np.dtype(
        [(name, _FORMATS.get(kind, _ADDRESS), *([tuple(count)] if count else [])) for name, kind, *count in fields]
    )


MOMENT_DTYPE, RUN_DTYPE, LAYER_DTYPE = (struct_dtype(fields) for fields in (MOMENT, MOMENT + SETTING, LAYER))


def struct_text(name: str, fields: tuple[Field, ...]) -> str:
    """Return a struct with these fields in C."""
    lines = [
        f"  {kind}{'' if kind.endswith('*') else ' '}{field}{f'[{count[0]}]' if count else ''};"
        for field, kind, *count in fields
    ]
    return "\n".join([f"struct {name} {{", *lines, "};"]) + "\n"


def declarations() -> str:
    """Return the structs `Layer` and `Run` in C; `Number` is the run's number format, declared before."""
    constants = {"FIGURES": FIGURES, "IS_WEIGHT": IS_WEIGHT, "IS_FROZEN": IS_FROZEN, "SCALARS": SCALARS,
                 "COEFFICIENTS": COEFFICIENTS, "SETTINGS": SETTINGS}  # fmt: skip
    enum = "enum { " + ", ".join(f"{name} = {value}" for name, value in constants.items()) + " };\n"
    return "\n".join([enum, struct_text("Layer", LAYER), struct_text("Run", MOMENT + SETTING)])
