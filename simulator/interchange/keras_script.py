"""A Keras 3 program with the trained weights: it predicts CSV files and trains on them."""

from simulator.errors import ExportError
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.source import answers, arrays, keras_words, tables, training
from simulator.interchange.source.describing import facts, title
from simulator.interchange.source.literals import python_code
from simulator.interchange.source.preparing import preparation
from simulator.interchange.source.program import assembled, main_part, used_helpers
from simulator.nn import choices
from simulator.nn.torch_words import filled as with_settings

_HEAD = '''"""{title}

{facts}

Predict: python model.py predict data.csv > predictions.csv
Train:   python model.py train data.csv --epochs 20 --save model.keras
         ... from the start weights: --fresh

Columns are prepared, and rows split into training and test rows, as in Nodeglow.
Needs Python 3.9 or later, NumPy and Keras 3 with one of its backends (KERAS_BACKEND).
"""
'''

_FUNCTIONS = '''
def build(pairs, dtype=DTYPE):
    """Return a model with these weights and biases; it gives {gives}."""
    model = keras.Sequential([
        keras.Input((SIZES[0],), dtype=dtype),
{layers}
    ])
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    for layer, pair in zip(dense, pairs):
        layer.set_weights(pair)
    return model


def apply(model, x):
    """Return the outputs of prepared inputs, both NumPy arrays."""
    z = model(keras.ops.convert_to_tensor(x, dtype=model.dtype), training=False)
    return np.asarray(keras.ops.convert_to_numpy({link}), np.float64)


class Rates(keras.callbacks.Callback):
    """Sets the learning rate before every update."""

    def __init__(self, rows):
        super().__init__()
        self.batches = -(-rows // BATCH_SIZE)
        self.epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        now = self.epoch + batch / self.batches
        self.model.optimizer.learning_rate = rate(now, 1 / self.batches)


def train(options):
    """Train on a CSV file, print the losses of every epoch, save the model and return it."""
    keras.utils.set_random_seed(SEED % 2**32)
    x, y, x_test, y_test = load(options.data, options.delimiter)
    model = build(start_weights(SEED) if options.fresh else TRAINED)
    if options.weights:
        model.load_weights(options.weights)
{optimizer}
    model.compile(optimizer=optimizer, loss={loss})
    done = 0 if options.fresh else EPOCH
    model.fit(
        x,
        y,
        batch_size=BATCH_SIZE,
        initial_epoch=done,
        epochs=done + options.epochs,
        validation_data=(x_test, y_test) if len(x_test) else None,
        callbacks=[Rates(len(x))],
        verbose=2,
    )
    if options.save:
        model.save(options.save)
    return model
'''

_MAIN = main_part(
    weights="a file of Keras in place of this file's weights",
    saved="where the trained model is written, as model.keras",
    built='build(TRAINED, "float64")',
    load="model.load_weights(options.weights)",
)


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the program as UTF-8.

    Raises
    ------
    ExportError
        When the model has too many parameters for a text, or Keras has nothing like a part of the network.
    """
    arrays.refuse_too_many(model, "a Python file")
    written = preparation(model.recipe, training.helpers(model))
    constants = [
        *answers.constants(model),
        *training.constants(model),
        f'DTYPE = "{model.config.dtype}"',
        *written.constants,
    ]
    functions = [
        arrays.trained(model),
        *written.functions,
        *training.functions(model),
        _functions(model),
        *answers.functions(model, ", model", "apply(model, x[known])"),
        *used_helpers(tables.READ, tables.WRITE),
    ]
    head = _HEAD.format(title=title(model), facts=facts(model))
    return assembled(head, written.modules, ("import keras", "import numpy as np"), constants, model, functions, _MAIN)


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what a file does not hold."""
    decay = choices.optimizer(model.config).weight_decay
    return (
        *training.limits(model),
        "Keras shuffles the rows and draws dropout by its own random numbers: the same seed gives other losses.",
        *keras_words.differences(model.config, decay),
        *answers.reading_limits(model),
        "It cannot be opened again as a model.",
    )


def _functions(model: Model) -> str:
    config = model.config
    rule = choices.optimizer(config)
    of_logits = config.loss.name in keras_words.OF_LOGITS
    link = model.network.link
    remarks = keras_words.differences(config, rule.weight_decay)
    return _FUNCTIONS.format(
        gives="logits" if of_logits else "outputs",
        layers="\n".join(_layers(model, None if of_logits or link == "linear" else link)),
        link=f"keras.ops.{link}(z)" if of_logits else "z",
        optimizer="\n".join([*training.remarks(remarks, "    "), _optimizer(model)]),
        loss=with_settings(keras_words.LOSS_CODE[config.loss.name], choices.loss(config)),
    ).strip("\n")


def _layers(model: Model, link: str | None) -> list[str]:
    lines: list[str] = []
    penalty = _penalty(model)
    for layer in model.network.hidden:
        if layer.activation not in (*keras_words.ACTIVATIONS, "leaky_relu"):
            raise ExportError(f"Keras has no activation like our {layer.activation!r}", "Choose another one.")
        own = layer.activation if layer.activation not in ("linear", "leaky_relu") else None
        lines.append(_dense(layer.units, own, penalty))
        if layer.activation == "leaky_relu":
            lines.append("        keras.layers.LeakyReLU(negative_slope=0.01, dtype=dtype),")
        if layer.dropout:
            lines.append(f"        keras.layers.Dropout({layer.dropout!r}, dtype=dtype),")
    return [*lines, _dense(model.network.outputs, link, penalty)]


def _dense(units: int, activation: str | None, penalty: str) -> str:
    named = f', "{activation}"' if activation else ""
    return python_code(f"{units}{named}, dtype=dtype{penalty}", "        ", "keras.layers.Dense", ",")


def _penalty(model: Model) -> str:
    """Return the arguments of a layer that stand for penalties, and for a weight decay in the gradient."""
    config = model.config
    decay = choices.optimizer(config).weight_decay if config.optimizer.name != "adamw" else 0.0
    l1, l2 = config.l1, (config.l2 + decay) / 2
    text = f", kernel_regularizer=keras.regularizers.L1L2({l1!r}, {l2!r})" if l1 or l2 else ""
    return text + (f", bias_regularizer=keras.regularizers.L2({decay / 2!r})" if decay else "")


def _optimizer(model: Model) -> str:
    config = model.config
    words = keras_words.OPTIMIZER_CODE.get(config.optimizer.name)
    if words is None:
        raise ExportError(f"Keras has no optimizer like our {config.optimizer.name!r}", "Choose another one.")
    clip = f", global_clipnorm={config.clip_norm!r}" if config.clip_norm is not None else ""
    code = with_settings(words.code.replace("{rate}", "LEARNING_RATE"), choices.optimizer(config))
    name, _, arguments = f"{code}{clip}".partition("(")
    return python_code(arguments, "    ", f"optimizer = keras.optimizers.{name}")
