"""What `nodeglow train` says before and after: what is trained on what, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.engines.choosing import AUTO
from simulator.engines.devices import CPU
from simulator.interchange.whole_files import printable
from simulator.nn import choices as nn_choices
from simulator.spec import Rule
from simulator.training.session import Session


def without_effect(session: Session) -> Iterator[str]:
    """Yield a sentence about each setting that changes nothing where the session computes."""
    if session.config.tf32 and not _rounds(session):
        where = f"{session.config.dtype} on {session.device}"
        yield f"TF32 products change nothing here: they are for float32 on a GPU, and this is {where}."


def _rounds(session: Session) -> bool:
    """Whether factors of products are rounded to TF32."""
    return session.config.tf32 and session.config.dtype == "float32" and session.device != CPU


def about(session: Session, notes: Sequence[str], asked: str) -> str:
    """Return what is trained on what, and how; `asked` is the device that was asked for."""
    config, network = session.config, session.network
    layers = [f"{layer.units} {layer.activation}" for layer in network.hidden] or ["no hidden layer"]
    rate = nn_choices.optimizer(config).learning_rate
    optimizer = config.optimizer.having(learning_rate=rate)
    rules = ", ".join(_rule(rule) for rule in (config.loss, optimizer, config.schedule))
    lines = str(session.dataset.report).splitlines()  # in which names stand that a file has
    return (
        "".join(f"{printable(line, len(line))}\n" for line in lines)
        + f"Network: {network.inputs} {'input' if network.inputs == 1 else 'inputs'}, {', '.join(layers)},"
        f" {network.outputs} {network.link};"
        f" {network.parameter_count:,} parameters.\n"
        f"Training: {rules}; batches of {config.batch_size}, {_numbers(session)}, seed {config.seed}.\n"
        + (f"{_where(session, asked)}.\n" if session.device_reason else "")
        + "".join(f"{printable(note, len(note))}\n" for note in notes)
    )


def _numbers(session: Session) -> str:
    return session.config.dtype + (" with TF32 products" if _rounds(session) else "")


def _where(session: Session, asked: str) -> str:
    named = "" if asked == AUTO else f"{session.device} – "
    return f"Computed on {named}{session.device_reason}"


def _rule(rule: Rule) -> str:
    return " ".join([rule.name, *(f"{name}={value}" for name, value in rule.settings)])


def report(result: Mapping[str, Any]) -> str:
    """Return the figures of the `--json` line in words."""
    speed = f"{result['seconds']:.2f} s, {result['samples_per_second']:,.0f} rows a second"
    epochs = "1 epoch" if result["epochs"] == 1 else f"{result['epochs']:,} epochs"
    lines = [f"After {epochs} ({speed}, {result['engine']} engine on {result['device']}):"]
    for split, name in (("train", "training"), ("test", "test")):
        loss, accuracy = result[f"{split}_loss"], result.get(f"{split}_accuracy")
        if loss is not None:
            lines.append(f"  {name:<8}  loss {loss:.4g}" + ("" if accuracy is None else f", accuracy {accuracy:.1%}"))
    if result.get("r2") is not None:
        lines.append(f"  R² {result['r2']:.4f} and root mean squared error {result['rmse']:.4g} on the test rows")
    lines += [f"Saved {printable(path)}" for path in result["saved"]]
    return "\n".join(lines) + "\n"
