"""The rows of the tables as C functions with a `switch`: a kernel picks an activation or an optimizer by its number."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulator.engines import definitions
from simulator.engines.cuda.source.writing import Writer
from simulator.engines.tracing import Symbol, order, trace
from simulator.nn.activations import ACTIVATIONS, Activation


def inputs(results: Sequence[Symbol], names: Mapping[str, str]) -> dict[Symbol, str]:
    """Return what the inputs that the results need are called in C, of what their names are called there."""
    return {symbol: names[symbol.args[0]] for symbol in order(results) if symbol.op == "input"}


def cases(bodies: Iterable[Sequence[str]], comments: Iterable[object]) -> list[str]:
    """Return the lines of a `switch` over `code`, a body of lines for every number."""
    lines = ["  switch (code) {"]
    for number, (body, comment) in enumerate(zip(bodies, comments, strict=True)):
        lines += [f"  case {number}: {{ // {comment}", *(f"    {line}" for line in body), "  }"]
    return [*lines, "  }"]


def _function(head: str, body: Sequence[str], last: str = "") -> str:
    return "\n".join([head + " {", *body, *([f"  {last}"] if last else []), "}", ""])


def _returned(result: Symbol, dtype: str, names: Mapping[str, str]) -> list[str]:
    writer = Writer(dtype, inputs([result], names))
    [found] = writer.write([result])
    return [*writer.lines, f"return {found};"]


_ACTIVATE = """\
// Value and slope of an activation for N numbers: one choice for all, and what both have in common only once.
template <int N>
__device__ inline void activate(int code, const Number (&all_z)[N], Number (&all_a)[N], Number (&slopes)[N])\
"""


def _activated(row: Activation, dtype: str) -> list[str]:
    def both(z: Any) -> tuple[Any, Any]:
        a = row.value(z)
        return a, row.derivative(z, a)

    results = trace(both, ["z"])
    writer = Writer(dtype, inputs(results, {"z": "z"}))
    a, slope = writer.write(results)
    body = ["const Number z = all_z[i];", *writer.lines, f"all_a[i] = {a};", f"slopes[i] = {slope};"]
    return ["#pragma unroll", "for (int i = 0; i < N; ++i) {", *(f"  {line}" for line in body), "}", "break;"]


def activations(dtype: str) -> str:
    """Return `activate`: the values and slopes of an activation."""
    return _function(_ACTIVATE, cases((_activated(row, dtype) for row in ACTIVATIONS.values()), ACTIVATIONS))


def _update(variant: definitions.Variant, dtype: str) -> list[str]:
    update = definitions.update(variant)
    names = {"w": "w", "g": "g"} | {f"c{i}": f"c[{i}]" for i in range(len(update.coefficients))}
    places = {name: f"memory[{i} * stride]" for i, name in enumerate(update.memory)}
    writer = Writer(dtype, inputs(update.rule, names | places))
    results = writer.write(update.rule)
    # All is computed before the first number is replaced.
    lines = [f"Number after{i} = {result};" for i, result in enumerate(results)]
    lines += [f"{place} = after{i};" for i, place in enumerate(["w", *places.values()])]
    return [*writer.lines, *lines, "break;"]


def _coefficients(variant: definitions.Variant) -> list[str]:
    update = definitions.update(variant)
    results = [*update.coefficients, *update.scalars.values()]
    names = {"step": "step", "rate": "rate"} | _settings(variant)
    names |= {name: f"scalars[{i}]" for i, name in enumerate(update.scalars)}
    writer = Writer("float64", inputs(results, names))
    found = writer.write(results)
    targets = [f"out[{i}]" for i in range(len(update.coefficients))]
    targets += [f"after{i}" for i in range(len(update.scalars))]
    lines = [
        f"{'double ' if target.startswith('after') else ''}{target} = {result};"
        for target, result in zip(targets, found, strict=True)
    ]
    return [*writer.lines, *lines, *(f"scalars[{i}] = after{i};" for i in range(len(update.scalars))), "break;"]


def _settings(variant: definitions.Variant) -> dict[str, str]:
    return {name: f"settings[{i}]" for i, name in enumerate(definitions.setting_names(variant))}


def updates(dtype: str) -> str:
    """Return `coefficients` (once an update, in float64), and `update` (of one parameter, with these as Numbers)."""
    traced = [definitions.update(variant) for variant in definitions.UPDATES]
    most = max(len(update.coefficients) for update in traced)
    memory = max(len(update.memory) for update in traced)
    of_all = cases((_coefficients(variant) for variant in definitions.UPDATES), definitions.UPDATES)
    of_one = cases((_update(variant, dtype) for variant in definitions.UPDATES), definitions.UPDATES)
    return "\n".join(
        [
            f"#define MOST_COEFFICIENTS {most}\n#define MOST_MEMORY {memory}\n",
            _function(
                "__device__ __noinline__ void coefficients(int code, double step, double rate, "
                "const double *settings, double *scalars, double *out)",
                of_all,
            ),
            _function(
                "__device__ inline void update(int code, const Number *c, Number &w, Number g, Number *memory, "
                "long long stride)",
                of_one,
            ),
        ]
    )


def factors(_: str) -> str:
    """Return `factor`: what a schedule multiplies the rate by before an update of this length; float64."""
    names = {"now": "now", "update": "length"}
    bodies = (
        _returned(definitions.factor(variant), "float64", names | _settings(variant)) for variant in definitions.FACTORS
    )
    head = "__device__ __noinline__ double factor(int code, double now, double length, const double *settings)"
    return _function(head, cases(bodies, definitions.FACTORS), "return 1.0;")
