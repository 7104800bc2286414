"""What a file that holds a network alone is given and gives, in plain sentences."""

from simulator.data.outcomes import Value
from simulator.interchange.model import Model
from simulator.interchange.whole_files import printable

_MOST = 4
_LONGEST = 60


def preparation_sentence(model: Model) -> str:
    """Say what stands at the inputs and outputs of a network whose data preparation is not in the file."""
    formulas = [step.formula(place) for step in model.recipe.columns for place in range(len(step.names))]
    return (
        f"Its inputs are prepared numbers, not raw columns, in this order: {_listed(formulas)}. "
        f"Its {'output is' if model.network.outputs == 1 else 'outputs are'} {_outputs(model)}."
    )


def no_memory(model: Model) -> tuple[str, ...]:
    """Say that a file does not hold how far the training of a model is; nothing where there is nothing to hold."""
    if model.training is None:
        return ()
    return ("The optimizer's memory is not in it: training on from it begins at epoch 0, with its weights.",)


def _outputs(model: Model) -> str:
    outcome = model.recipe.outcome
    if isinstance(outcome, Value):
        return printable(outcome.formula, _LONGEST)
    names = outcome.classes[-1:] if model.network.outputs == 1 else outcome.classes
    return f"for {_listed(list(names))}"


def _listed(parts: list[str]) -> str:
    """Return the first few of many, with their number where some are left out."""
    shown = "; ".join(printable(part, _LONGEST) for part in parts[:_MOST])
    return shown if len(parts) <= _MOST else f"{shown}; … ({len(parts):,} in all)"
