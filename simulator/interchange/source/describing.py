"""What a generated program says of its model in plain words."""

from collections.abc import Sequence

from simulator.interchange.model import Model
from simulator.interchange.source.literals import WIDTH, paragraph, shown
from simulator.spec import Rule

_MOST_NAMES = 12


def title(model: Model, width: int = WIDTH) -> str:
    """Return what the model does, in a line or two."""
    sizes = "-".join(str(size) for size in model.network.sizes)
    what = f"{shown(model.recipe.target)}"
    if model.class_names:
        what += f" ({listed(model.class_names)})"
    return paragraph(f"A neural network {sizes} that predicts {what}.", width=width)


def facts(model: Model, width: int = WIDTH) -> str:
    """Return what it looks at, what it is made of and how it was trained, a paragraph each."""
    network, config = model.network, model.config
    layers = [f"{layer.units} {layer.activation}" + dropout(layer.dropout) for layer in network.hidden]
    layers.append(f"{network.outputs} {network.link}")
    trained = f"{model.epoch:,} epoch{'' if model.epoch == 1 else 's'}"
    rules = ", ".join(rule(each) for each in (config.optimizer, config.loss, config.schedule))
    extra = [f"{name}={value!r}" for name in ("l1", "l2", "clip_norm", "tf32") if (value := getattr(config, name))]
    return "\n".join(
        [
            paragraph(f"Columns: {listed(model.recipe.needed)}.", width=width),
            paragraph(
                f"Layers: {', '.join(layers)}; {network.parameter_count:,} parameters in {config.dtype}.", width=width
            ),
            paragraph(
                f"Training: {trained} in Nodeglow with {', '.join([rules, *extra])}, batches of "
                f"{config.batch_size:,}, seed {config.seed}.",
                width=width,
            ),
        ]
    )


def dropout(rate: float) -> str:
    """Return the words for a layer's dropout."""
    return f" with dropout {rate:g}" if rate else ""


def rule(value: Rule) -> str:
    """Return a rule with its settings in words."""
    settings = ", ".join(f"{name}={setting!r}" for name, setting in value.settings)
    return f"{value.name}({settings})" if settings else value.name


def listed(names: Sequence[str]) -> str:
    """Return names with commas between them, the first dozen of many."""
    words = [shown(name) for name in names[:_MOST_NAMES]]
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(words) + more
