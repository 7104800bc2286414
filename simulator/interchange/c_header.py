"""A C header that predicts: C99 or C++, no allocation, no dependency but <math.h>."""

from simulator.data.outcomes import Value
from simulator.errors import ExportError
from simulator.interchange.model import Model
from simulator.interchange.options import PREPARED, ExportOptions
from simulator.interchange.source import arrays, c_passes
from simulator.interchange.source.c_preparing import CPreparation
from simulator.interchange.source.describing import facts, title
from simulator.interchange.source.literals import WIDTH, c_comment, c_name

C_WIDTH = WIDTH - len(" * ")
WIDEST = 16_384
"""So many numbers of a layer fit twice on a stack of 256 KiB."""

_HEAD = """/*
{about}
 *
{use}
 *
 * Nothing is allocated; layers' values stand on the stack ({stack} bytes), and sums are
 * made in double. A missing value is NAN, so -ffast-math must be off.
 */
#ifndef {upper}_MODEL_H
#define {upper}_MODEL_H

#include <math.h>

#ifdef __cplusplus
extern "C" {{
#endif

/* What {lower}_predict is given: {given}. */
#define {upper}_INPUTS {inputs}
/* What the network's first layer is given. */
#define {upper}_PREPARED {prepared}
#define {upper}_OUTPUTS {outputs}
{classes}
"""

_TAIL = """
#ifdef __cplusplus
}}
#endif

#endif /* {upper}_MODEL_H */
"""

_PREDICT_CLASS = """/* Return the place of the most probable class among {upper}_CLASS_NAMES, or -1 where a
 * value is missing; scores[{upper}_CLASSES] gets {what} of every class. */
static inline int {lower}_predict(const double *inputs, double *scores)
{{
    double x[{upper}_PREPARED];
    double y[{upper}_OUTPUTS];
    int best = 0;
    int place;
{prepare}
    if (!{lower}_network(x, y)) {{
        for (place = 0; place < {upper}_CLASSES; place++) {{
            scores[place] = NAN;
        }}
        return -1;
    }}
{scores}
    for (place = 1; place < {upper}_CLASSES; place++) {{
        if (scores[place] > scores[best]) {{
            best = place;
        }}
    }}
    return best;
}}
"""

_PREDICT_VALUE = """/* Return the value in real units, or NAN where a value is missing. */
static inline double {lower}_predict(const double *inputs)
{{
    double x[{upper}_PREPARED];
    double y[{upper}_OUTPUTS];
{prepare}
    if (!{lower}_network(x, y)) {{
        return NAN;
    }}
    return {value};
}}
"""


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the header as UTF-8; ASCII but for names in comments.

    Raises
    ------
    ExportError
        When the model is too large for a text or for a stack, or something of it cannot be written in C.
    """
    arrays.refuse_too_many(model, "a C header", arrays.MOST_NUMBERS)
    prepared = options.inputs == PREPARED
    lower = c_name(model.recipe.target, "model")
    preparation = CPreparation(model.recipe, lower)
    widest = max(*model.network.sizes, len(preparation.names))
    if widest > WIDEST:
        raise ExportError(
            f"a layer of {widest:,} numbers does not fit on a stack in C",
            f"At most {WIDEST:,} are possible: export the model as .onnx or .safetensors.",
        )
    upper = lower.upper()
    names = model.feature_names if prepared else preparation.names
    parts = [
        _head(model, lower, prepared, len(names)),
        c_passes.names(f"{upper}_INPUT_NAMES", f"{upper}_INPUTS", names),
    ]
    if model.class_names:
        parts.append(c_passes.names(f"{upper}_CLASS_NAMES", f"{upper}_CLASSES", model.class_names))
    if not prepared:
        parts += preparation.categories()
    parts.append(c_passes.weights(model, lower))
    if not prepared:
        parts.append(preparation.function())
    parts += [
        c_passes.network(model.network, model.config.dtype, lower),
        _predict(model, lower, prepared),
        _TAIL.format(upper=upper),
    ]
    return "\n".join(part.strip("\n") + "\n" for part in parts).encode()


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what a file does not hold."""
    sentences = ["It predicts and cannot be trained on; how the model was trained is said in words only."]
    if any(layer.dropout for layer in model.network.hidden):
        sentences.append("Dropout is left out: it acts in training only.")
    if options.inputs == PREPARED:
        sentences.append("The preparation of raw columns is not in it: its inputs are the prepared numbers.")
    else:
        sentences += CPreparation(model.recipe, "").limits()
    return (*sentences, "It cannot be opened again as a model.")


def _head(model: Model, lower: str, prepared: bool, inputs: int) -> str:
    upper = lower.upper()
    about = "\n".join(
        f" * {line}".rstrip() for line in c_comment(f"{title(model, C_WIDTH)}\n\n{facts(model, C_WIDTH)}").splitlines()
    )
    classes = f"#define {upper}_CLASSES {len(model.class_names)}" if model.class_names else ""
    use = f"double value = {lower}_predict(inputs);"
    if model.class_names:
        use = f"double scores[{upper}_CLASSES]; int place = {lower}_predict(inputs, scores);"
    return _HEAD.format(
        about=about,
        use=f" *     double inputs[{upper}_INPUTS] = {{ ... }}; (in the order of {upper}_INPUT_NAMES)\n *     {use}",
        stack=f"about {8 * 3 * max(model.network.sizes):,}",
        upper=upper,
        lower=lower,
        inputs=inputs,
        given="prepared numbers" if prepared else "real units, places of categories, NAN for missing",
        prepared=model.network.inputs,
        outputs=model.network.outputs,
        classes=classes,
    )


def _predict(model: Model, lower: str, prepared: bool) -> str:
    upper = lower.upper()
    prepare = f"    {lower}_prepare(inputs, x);"
    if prepared:
        copy = "        x[place] = inputs[place];"
        prepare = f"    for (place = 0; place < {upper}_INPUTS; place++) {{\n{copy}\n    }}"
    outcome = model.recipe.outcome
    if isinstance(outcome, Value):
        value = f"y[0] * {outcome.scale!r} + {outcome.mean!r}"
        if prepared:
            prepare = f"    int place;\n{prepare}"
        return _PREDICT_VALUE.format(
            lower=lower, upper=upper, prepare=prepare, value=f"expm1({value})" if outcome.log else value
        )
    scores = f"    for (place = 0; place < {upper}_CLASSES; place++) {{\n        scores[place] = y[place];\n    }}"
    if model.network.outputs == 1:
        scores = "    scores[0] = 1.0 - y[0];\n    scores[1] = y[0];"
    what = "the output" if model.network.link == "linear" else "the probability"
    return _PREDICT_CLASS.format(lower=lower, upper=upper, prepare=prepare, scores=scores, what=what)
