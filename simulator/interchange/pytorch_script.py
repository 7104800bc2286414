"""A PyTorch program with the trained weights: it predicts CSV files, trains on them, on one machine or several."""

from simulator.errors import ConfigError, ExportError
from simulator.interchange.model import Model
from simulator.interchange.options import ExportOptions
from simulator.interchange.source import answers, arrays, tables, training
from simulator.interchange.source.describing import facts, title
from simulator.interchange.source.literals import filled
from simulator.interchange.source.preparing import preparation
from simulator.interchange.source.program import assembled, main_part, used_helpers
from simulator.nn import choices
from simulator.nn.torch_words import ACTIVATION_CODE, LINK_CODE, LOSS_CODE, OPTIMIZER_CODE, torch_word
from simulator.nn.torch_words import filled as with_settings

_HEAD = '''"""{title}

{facts}

Predict: python model.py predict data.csv > predictions.csv
Train:   python model.py train data.csv --epochs 20 --save model.pt
         ... from the start, as Nodeglow did: --fresh
         ... with several processes or machines: torchrun --nproc_per_node=2 model.py train data.csv

Columns are prepared, and rows split into training and test rows, as in Nodeglow.
Needs Python 3.9 or later, NumPy and PyTorch 2.
"""
'''

_FUNCTIONS = '''
def build(pairs, dtype=DTYPE):
    """Return a network with these weights (fan_in, fan_out) and biases."""
    model = Network().to(dtype)
    with torch.no_grad():
        for layer, (weight, bias) in zip(model.layers, pairs):
            layer.weight.copy_(torch.from_numpy(weight.T.copy()))
            layer.bias.copy_(torch.from_numpy(bias))
    return model


def apply(model, x):
    """Return the outputs of prepared inputs, both NumPy arrays."""
    model.eval()
    with torch.no_grad():
        return link(model(torch.from_numpy(x))).numpy()


def link(z):
    """Return the outputs of logits."""
    return {link}


def loss_of_rows(z, y):
    """Return the loss of every row from its logits and its targets."""
    return {loss}


def train_epoch(model, optimizer, x, y, epoch):
    """Train one epoch, the first one is 1; return the mean loss of its rows before each update.

    Every process takes its share of each batch, so that batches do not depend on their number.
    """
    model.train()
    order = torch.from_numpy(permutation(SEED, ORDER, epoch, len(x))).to(x.device)
    batches = -(-len(x) // BATCH_SIZE)
    total = torch.zeros((), dtype=torch.float64, device=x.device)
    for batch, rows in enumerate(order.split(BATCH_SIZE)):
        mine = rows[RANK::WORLD]
        losses = loss_of_rows(model(x[mine]), y[mine])
        total += losses.detach().sum()
        objective = losses.sum() * WORLD / len(rows)
{penalties}        optimizer.zero_grad()
        objective.backward()
{clip}        optimizer.param_groups[0]["lr"] = rate(epoch - 1 + batch / batches, 1 / batches)
        optimizer.step()
    if WORLD > 1:
        dist.all_reduce(total)
    return total.item() / len(x)


def evaluate(model, x, y):
    """Return the mean loss of rows without training on them."""
    model.eval()
    with torch.no_grad():
        return loss_of_rows(model(x), y).mean().item()


def train(options):
    """Train on a CSV file, print every epoch's losses, save the weights, return the network."""
    device = torch.device("cuda", LOCAL_RANK) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if WORLD > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    torch.manual_seed((SEED + RANK) % 2**63)
    data = load(options.data, options.delimiter)
    x, y, x_test, y_test = (torch.from_numpy(part).to(device, DTYPE) for part in data)
    network = build(start_weights(SEED) if options.fresh else TRAINED)
    if options.weights:
        network.load_state_dict(torch.load(options.weights, weights_only=True))
    model = network = network.to(device)
    if WORLD > 1:
        model = DistributedDataParallel(network, [device.index] if device.type == "cuda" else None)
    optimizer = {optimizer}
    first = 1 if options.fresh else EPOCH + 1
    for epoch in range(first, first + options.epochs):
        loss = train_epoch(model, optimizer, x, y, epoch)
        if RANK == 0:
            test = f", test loss {{evaluate(network, x_test, y_test):.8g}}" if len(x_test) else ""
            print(f"epoch {{epoch}}: loss {{loss:.8g}}{{test}}", flush=True)
    if options.save and RANK == 0:
        torch.save(network.state_dict(), options.save)
    if WORLD > 1:
        dist.destroy_process_group()
    return network
'''

_MAIN = main_part(
    weights="a state dict in place of this file's weights",
    saved="where the trained state dict is written",
    built="build(TRAINED, torch.float64)",
    load="model.load_state_dict(torch.load(options.weights, weights_only=True))",
)


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the program as UTF-8.

    Raises
    ------
    ExportError
        When the model has too many parameters for a text, or PyTorch has nothing like a part of it.
    """
    try:
        return _written(model)
    except ConfigError as error:
        raise ExportError(error.message, "Choose another one, or another format.") from error


_TF32 = 'torch.set_float32_matmul_precision("high")  # products on a GPU round their factors to 10 bits'


def _written(model: Model) -> bytes:
    arrays.refuse_too_many(model, "a Python file")
    written = preparation(model.recipe, training.helpers(model))
    others = (
        "import numpy as np",
        "import torch",
        "import torch.distributed as dist",
        "import torch.nn.functional as F",
        "from torch import nn",
        "from torch.nn.parallel import DistributedDataParallel",
    )
    constants = [
        *answers.constants(model),
        *training.constants(model),
        f"DTYPE = torch.{model.config.dtype}",
        *([_TF32] if model.config.tf32 else []),
        "# Set by torchrun, where several processes train together.",
        'RANK, WORLD = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))',
        'LOCAL_RANK = int(os.environ.get("LOCAL_RANK", "0"))',
        *written.constants,
    ]
    functions = [
        arrays.trained(model),
        _network(model),
        *written.functions,
        *training.functions(model),
        _functions(model),
        *answers.functions(model, ", model", "apply(model, x[known])"),
        *used_helpers(tables.READ, tables.WRITE),
    ]
    head = _HEAD.format(title=title(model), facts=facts(model))
    return assembled(head, written.modules, others, constants, model, functions, _MAIN)


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what a file does not hold."""
    sentences = training.limits(model)
    if any(layer.dropout for layer in model.network.hidden):
        sentences.append(
            "Dropout is PyTorch's: other neurons are left out than Nodeglow's seed does, "
            "and others in every process of torchrun."
        )
    return (*sentences, *answers.reading_limits(model), "It cannot be opened again as a model.")


def _network(model: Model) -> str:
    spec = model.network
    sizes = [f"            nn.Linear({fan_in}, {fan_out})," for fan_in, fan_out in spec.shapes]
    steps: list[str] = []
    for place, layer in enumerate(spec.hidden):
        steps.append(f"        z = self.layers[{place}](z)")
        if layer.activation != "linear":
            steps.append(f"        z = {torch_word(ACTIVATION_CODE, layer.activation, 'activation')}")
        if layer.dropout:
            steps.append(f"        z = F.dropout(z, {layer.dropout!r}, self.training)")
    return "\n".join(
        [
            "class Network(nn.Module):",
            '    """The layers; from prepared inputs to logits."""',
            "",
            "    def __init__(self):",
            "        super().__init__()",
            "        self.layers = nn.ModuleList([",
            *sizes,
            "        ])",
            "",
            "    def forward(self, z):",
            *steps,
            f"        return self.layers[{len(spec.hidden)}](z)",
        ]
    )


def _functions(model: Model) -> str:
    config = model.config
    loss = with_settings(torch_word(LOSS_CODE, config.loss.name, "loss"), choices.loss(config))
    words = torch_word(OPTIMIZER_CODE, config.optimizer.name, "optimizer")
    call = with_settings(words.code, choices.optimizer(config))
    penalties = [f"{config.l1!r} * layer.weight.abs().sum()"] * bool(config.l1)
    penalties += [f"{config.l2 / 2!r} * layer.weight.square().sum()"] * bool(config.l2)
    added = "".join(f"        objective = objective + sum({each} for layer in layers)\n" for each in penalties)
    if added:
        added = f"        layers = (model.module if WORLD > 1 else model).layers\n{added}"
    clip = ""
    if config.clip_norm is not None:
        clip = f"        nn.utils.clip_grad_norm_(model.parameters(), {config.clip_norm!r})\n"
    return _FUNCTIONS.format(
        link=torch_word(LINK_CODE, model.network.link, "output link"),
        loss=loss.replace("outputs(z)", "link(z)"),
        optimizer=_wrapped(call),
        penalties=added,
        clip=clip,
    ).strip("\n")


def _wrapped(call: str) -> str:
    """Return a call with its arguments on a line of their own."""
    name, _, arguments = call.partition("(")
    lines = "\n".join(filled(arguments.removesuffix(")").split(" "), "        "))
    return f"{name}(\n{lines}\n    )"
