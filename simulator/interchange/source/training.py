"""What generated training scripts share: the split, targets, start weights and rates, as Nodeglow has them."""

from simulator.data.cells import is_code
from simulator.data.outcomes import Classes, Value
from simulator.errors import ExportError
from simulator.interchange.model import Model
from simulator.interchange.source import splitting
from simulator.interchange.source.literals import python_comment, python_list, python_text, shown
from simulator.nn import choices, random

_WORDS = '''
def random_words(seed, stream, epoch, count, layer=0):
    """Return random 32-bit words: Philox4x32-10 (Salmon and others, 2011), as Nodeglow draws."""
    blocks = np.arange(-(-count // 4), dtype=np.uint64)
    zero = np.zeros_like(blocks)
    c0, c1, c2, c3 = blocks, zero + np.uint64(epoch), zero, zero + np.uint64(stream + 256 * layer)
    k0, k1 = seed % 2**32, seed >> 32
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1 = (p1 >> SHIFT) ^ c1 ^ np.uint64(k0), p1 & WORD
        c2, c3 = (p0 >> SHIFT) ^ c3 ^ np.uint64(k1), p0 & WORD
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return np.stack([c0, c1, c2, c3], axis=1).reshape(-1)[:count]


def permutation(seed, stream, epoch, count):
    """Return the numbers 0 ... count - 1 in random order (Durstenfeld, 1964)."""
    words = random_words(seed, stream, epoch, count)
    partners = ((words * np.arange(1, count + 1, dtype=np.uint64)) >> SHIFT).tolist()
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = partners[i]
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.int64)
'''

_UNIFORMS = '''
def uniforms(seed, count, layer):
    """Return numbers that are evenly spread between 0 and 1."""
    pairs = random_words(seed, WEIGHTS, 0, 2 * count, layer).reshape(-1, 2)
    bits = ((pairs[:, 0] << SHIFT) | pairs[:, 1]) >> np.uint64(11)
    return (bits.astype(np.float64) + 0.5) * 2.0**-53
'''

_NORMALS = '''
def normals(seed, count, layer):
    """Return numbers of the standard normal distribution (Box and Muller, 1958)."""
    pairs = uniforms(seed, count + count % 2, layer).reshape(-1, 2)
    radius, angle = np.sqrt(-2.0 * np.log(pairs[:, 0])), 2.0 * np.pi * pairs[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)[:count]
'''

_START = '''
def start_weights(seed):
    """Return the weights that a training begins with: {name}."""
    pairs = []
    for layer, (fan_in, fan_out) in enumerate(zip(SIZES[:-1], SIZES[1:])):
{draw}
        pairs.append((weight, np.zeros(fan_out)))
    return pairs
'''

_DRAWN = {
    "glorot_uniform": ("uniform", "(6.0 / (fan_in + fan_out)) ** 0.5"),
    "glorot_normal": ("normal", "(2.0 / (fan_in + fan_out)) ** 0.5"),
    "he_uniform": ("uniform", "(6.0 / fan_in) ** 0.5"),
    "he_normal": ("normal", "(2.0 / fan_in) ** 0.5"),
    "lecun_uniform": ("uniform", "(3.0 / fan_in) ** 0.5"),
    "lecun_normal": ("normal", "(1.0 / fan_in) ** 0.5"),
    "uniform": ("uniform", "0.5"),
    "normal": ("normal", "0.5"),
}
"""Whether an initializer's draw is uniform or normal, and its limit or deviation."""

_ORTHOGONAL = """        drawn = normals(seed, fan_in * fan_out, layer).reshape(max(fan_in, fan_out), -1)
        q, r = np.linalg.qr(drawn)
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        weight = q if fan_in >= fan_out else q.T"""

_SCHEDULES = {
    "constant": "1.0",
    "warmup": "1.0",
    "step": "{gamma!r} ** (now // {every!r})",
    "exponential": "{gamma!r} ** now",
    "cosine": "{end!r} + (1.0 - {end!r}) * 0.5 * (1.0 + np.cos(np.pi * min(now / {epochs!r}, 1.0)))",
}
"""The factor of the learning rate after `now` epochs, by the name of the schedule."""

_CLASS_TARGETS = '''
def targets(columns):
    """Return the place of every row's class."""
    return places({words}, CLASSES)


def expected(y):
    """Return what the network is to say for classes: {what}."""
    return {rows}
'''

_VALUE_TARGETS = '''
def targets(columns):
    """Return what the network is to say, NaN where it is missing."""
    return {code}


def expected(y):
    """Return targets as a column."""
    return y[:, None]
'''

_LOAD = '''
def load(path, delimiter=None):
    """Return inputs and targets of the training rows, then of the test rows of a CSV file."""
    rows = list(read(path, delimiter))
    if not rows:
        raise ValueError("the file holds no rows")
    columns = {{name: [row[name] for row in rows] for name in rows[0]}}
    x, y = prepare(columns), targets(columns)
    usable = np.flatnonzero({chosen}np.isfinite(x).all(axis=1) & {known})
{check}    train, test = split(columns, usable, y)
    return x[train], expected(y[train]), x[test], expected(y[test])
'''

_CHECK = """    if (y[usable] == UNKNOWN).any():
        raise ValueError("the target holds a class that the network does not know")
"""

_RATE = '''
def rate(now, update):
    """Return the learning rate after `now` epochs, for an update that takes `update` of one."""
{lines}
'''


def constants(model: Model) -> list[str]:
    """Return the lines of the settings of a training."""
    config, made = model.config, model.recipe.choices
    lines = [
        f"TARGET = {python_text(model.recipe.target)}",
        *python_list(map(str, model.network.sizes), head="SIZES = ").split("\n"),
        f"EPOCH = {model.epoch}  # so many epochs are trained already",
        f"BATCH_SIZE = {config.batch_size}",
        f"LEARNING_RATE = {choices.optimizer(config).learning_rate!r}",
        f"SEED = {config.seed}",
        f"SPLIT, WEIGHTS, ORDER = {random.SPLIT}, {random.WEIGHTS}, {random.ORDER}  # streams of random numbers",
        "WORD, SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)",
    ]
    return [*lines, *splitting.constants(made)]


def helpers(model: Model) -> tuple[str, ...]:
    """Return the functions of `cells` that a training needs."""
    needed = splitting.helpers(model.recipe)
    outcome = model.recipe.outcome
    if isinstance(outcome, Value):
        return (*needed, "numbers")
    return (*needed, "places", "codes" if _numeric(outcome) else "texts")


def functions(model: Model) -> list[str]:
    """Return the functions of a training that do not depend on the framework."""
    known = "(y != LOST)" if model.class_names else "np.isfinite(y)"
    chosen = "chosen(columns, rows) & " if splitting.chooses(model.recipe) else ""
    load = _LOAD.format(known=known, chosen=chosen, check=_CHECK if model.class_names else "")
    blocks = [_targets(model), *splitting.functions(model.recipe), load, _WORDS]
    blocks += _start(model)
    blocks.append(_rate(model))
    return [block.strip("\n") for block in blocks]


def limits(model: Model) -> list[str]:
    """Say what of the training is otherwise."""
    sentences = ["The optimizer's memory is not in it: a training that goes on starts with an empty one."]
    return sentences + splitting.limits(model.recipe)


def remarks(sentences: list[str], indent: str) -> list[str]:
    """Return sentences as comments."""
    return [python_comment(shown(sentence, 400), indent) for sentence in sentences]


def _targets(model: Model) -> str:
    outcome = model.recipe.outcome
    if isinstance(outcome, Value):
        code = "numbers(columns, TARGET)"
        code = f"np.log1p({code})" if outcome.log else code
        if outcome.mean:
            code = f"({code} {'-' if outcome.mean > 0 else '+'} {abs(outcome.mean)!r})"
        return _VALUE_TARGETS.format(code=code if outcome.scale == 1 else f"{code} / {outcome.scale!r}")
    words = f"{'codes' if _numeric(outcome) else 'texts'}(columns, TARGET)"
    if model.network.outputs == 1:
        return _CLASS_TARGETS.format(words=words, what="1 for the second one", rows="y[:, None].astype(np.float64)")
    return _CLASS_TARGETS.format(words=words, what="1 for its own, 0 for others", rows="np.eye(len(CLASSES))[y]")


def _numeric(outcome: Classes) -> bool:
    return all(map(is_code, outcome.classes))


def _start(model: Model) -> list[str]:
    name = model.network.initializer
    if name == "zeros":
        return [_START.format(name=name, draw="        weight = np.zeros((fan_in, fan_out))")]
    if name == "orthogonal":
        return [_UNIFORMS, _NORMALS, _START.format(name=name, draw=_ORTHOGONAL)]
    if name not in _DRAWN:
        raise ExportError(f"{name!r} cannot be written as NumPy code", "Choose another initializer or format.")
    kind, size = _DRAWN[name]
    drawn = "normals(seed, fan_in * fan_out, layer)"
    if kind == "uniform":
        drawn = "(2.0 * uniforms(seed, fan_in * fan_out, layer) - 1.0)"
    what = "limit" if kind == "uniform" else "deviation"
    draw = f"        {what} = {size}\n        drawn = {what} * {drawn}\n        weight = drawn.reshape(fan_in, fan_out)"
    blocks = [_UNIFORMS, _NORMALS] if kind == "normal" else [_UNIFORMS]
    return [*blocks, _START.format(name=name, draw=draw)]


def _rate(model: Model) -> str:
    schedule = choices.schedule(model.config)
    name = model.config.schedule.name
    if name not in _SCHEDULES:
        raise ExportError(f"{name!r} cannot be written as Python code", "Choose another schedule or format.")
    shape = _SCHEDULES[name].format_map(vars(schedule))
    code = "LEARNING_RATE" if shape == "1.0" else f"LEARNING_RATE * ({shape})"
    if schedule.warmup_epochs:
        code += f" * min((now + update) / {schedule.warmup_epochs!r}, 1.0)"
    lines = f"    return {code}"
    if len(lines) > 100:
        lines = f"    shape = {shape}\n    return {code.replace(shape, 'shape').replace('(shape)', 'shape')}"
    return _RATE.format(lines=lines)
