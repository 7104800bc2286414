"""The weights and the forward pass as C."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ExportError
from simulator.interchange.model import Model
from simulator.interchange.source.literals import WIDTH, c_comment, c_text, filled, shown
from simulator.spec import NetworkSpec

ACTIVATION_CODE: dict[str, str] = {
    "linear": "z",
    "relu": "z > 0.0 ? z : 0.0",
    "leaky_relu": "z > 0.0 ? z : 0.01 * z",
    "elu": "z > 0.0 ? z : expm1(z)",
    "selu": "1.0507009873554805 * (z > 0.0 ? z : 1.6732632423543772 * expm1(z))",
    "gelu": "0.5 * z * (1.0 + erf(z * 0.7071067811865476))",
    "silu": "z / (1.0 + exp(-z))",
    "mish": "z * tanh(z > 0.0 ? z + log1p(exp(-z)) : log1p(exp(z)))",
    "softplus": "z > 0.0 ? z + log1p(exp(-z)) : log1p(exp(z))",
    "softsign": "z / (1.0 + fabs(z))",
    "tanh": "tanh(z)",
    "sigmoid": "1.0 / (1.0 + exp(-z))",
}
"""a of z, by the name of the activation; an exp that overflows leads to the right limit."""

_LAYER = """
/* y = W x + b */
static inline void {lower}_layer(const double *x, int inputs, const {kind} *weight,
                                 const {kind} *bias, double *y, int outputs)
{
    int i;
    int j;
    for (j = 0; j < outputs; j++) {
        double sum = (double)bias[j];
        for (i = 0; i < inputs; i++) {
            sum += x[i] * (double)weight[j * inputs + i];
        }
        y[j] = sum;
    }
}
"""

_SOFTMAX = """    largest = y[0];
    for (j = 1; j < {count}; j++) {{
        if (y[j] > largest) {{
            largest = y[j];
        }}
    }}
    for (j = 0; j < {count}; j++) {{
        y[j] = exp(y[j] - largest);
        total += y[j];
    }}
    for (j = 0; j < {count}; j++) {{
        y[j] /= total;
    }}"""


def names(name: str, count: str, texts: Sequence[str]) -> str:
    """Return an array of texts; what each says stands beside it where that is not plain ASCII."""
    lines = [f"static const char *const {name}[{count}] = {{"]
    for text in texts:
        literal = c_text(text)
        remark = "" if text.isascii() and text.isprintable() else f" /* {c_comment(shown(text))} */"
        lines.append(f"    {literal},{remark}")
    return "\n".join([*lines, "};"])


def weights(model: Model, lower: str) -> str:
    """Return the arrays of all layers: a weight row by row, one row a neuron, as float or double."""
    kind = "float" if model.config.dtype == "float32" else "double"
    blocks = ["/* A layer's weights stand neuron by neuron: weight[neuron * inputs + input]. */"]
    for number, layer in enumerate(model.layers, 1):
        inputs, outputs = layer.weight.shape
        rows = [_numbers(row) for row in layer.weight.T]
        blocks.append(_array(f"static const {kind} {lower}_weight_{number}[{outputs} * {inputs}] = {{", rows))
        blocks.append(_array(f"static const {kind} {lower}_bias_{number}[{outputs}] = {{", [_numbers(layer.bias)]))
    return "\n".join(blocks)


def network(spec: NetworkSpec, dtype: str, lower: str) -> str:
    """Return the functions of one layer and of the whole network.

    Raises
    ------
    ExportError
        When there is no C code for an activation or the link.
    """
    used = dict.fromkeys([*(layer.activation for layer in spec.hidden), spec.link])
    kind = "float" if dtype == "float32" else "double"
    blocks = [_LAYER.strip("\n").replace("{lower}", lower).replace("{kind}", kind)]
    for name in used:
        if name not in (*ACTIVATION_CODE, "softmax"):
            raise ExportError(f"{name!r} cannot be written in C", "Choose another activation or another format.")
        if name not in ("linear", "softmax"):
            blocks.append(_activation(name, lower))
    return "\n\n".join([*blocks, _whole(spec, lower)])


def _activation(name: str, lower: str) -> str:
    code = ACTIVATION_CODE[name]
    return f"static inline double {lower}_{name}(double z)\n{{\n    return {code};\n}}"


def _whole(spec: NetworkSpec, lower: str) -> str:
    upper = lower.upper()
    widest = max((layer.units for layer in spec.hidden), default=0)
    variables = ["    int j;"]
    if widest:
        variables.append(f"    double one[{widest}];")
    if len(spec.hidden) > 1:
        variables.append(f"    double other[{widest}];")
    if spec.link == "softmax":
        variables += ["    double largest;", "    double total = 0.0;"]
    steps: list[str] = []
    source = "x"
    for number, (inputs, outputs) in enumerate(spec.shapes, 1):
        last = number == len(spec.shapes)
        target = "y" if last else ("one", "other")[(number - 1) % 2]
        arguments = f"{source}, {inputs}, {lower}_weight_{number}, {lower}_bias_{number}, {target}, {outputs}"
        steps += filled(f"{lower}_layer({arguments});".split(" "), "    ")
        function = spec.link if last else spec.hidden[number - 1].activation
        if function not in ("linear", "softmax"):
            steps += [f"    for (j = 0; j < {outputs}; j++) {{"]
            steps += [f"        {target}[j] = {lower}_{function}({target}[j]);", "    }"]
        source = target
    if spec.link == "softmax":
        steps.append(_SOFTMAX.format(count=f"{upper}_OUTPUTS"))
    return "\n".join(
        [
            f"/* From prepared numbers x[{upper}_PREPARED] to outputs y[{upper}_OUTPUTS].",
            " * Return 0, and leave y as it is, where one of them is missing or infinite. */",
            f"static inline int {lower}_network(const double *x, double *y)",
            "{",
            *variables,
            f"    for (j = 0; j < {upper}_PREPARED; j++) {{",
            "        if (!(fabs(x[j]) < HUGE_VAL)) {",
            "            return 0;",
            "        }",
            "    }",
            *steps,
            "    return 1;",
            "}",
        ]
    )


def _array(head: str, rows: list[list[str]]) -> str:
    lines = [line for row in rows for line in filled(row, "    ", WIDTH)]
    return "\n".join([head, *lines, "};"])


def _numbers(values: NDArray[Any]) -> list[str]:
    """Return numbers with a comma after each, in the fewest digits that a compiler reads as the same number."""
    tail = "f," if values.dtype == np.float32 else ","
    return [text + tail for text in values.astype(str).tolist()]
