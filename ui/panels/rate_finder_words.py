"""What the rate finder says; and what makes a result one of another network."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from simulator.explain import figure

if TYPE_CHECKING:
    from simulator.data import Dataset
    from simulator.insight.rate_finder import RangeTest
    from simulator.spec import NetworkSpec, TrainingConfig

RULES = {
    "steepest": (
        "Steepest descent",
        "The rate at which the smoothed loss falls fastest by the logarithm of the rate (fastai's rule “steep”)",
        "the loss falls fastest there",
    ),
    "minimum": (
        "Minimum ÷ 10",
        "A tenth of the rate with the smallest smoothed loss, which is itself too large (Gugger, 2018)",
        "a tenth of the rate with the smallest loss",
    ),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """What a test is of: another one makes its result stale.

    Attributes
    ----------
    network, config, dataset
        Of the session when the test began.
    epoch
        The moment that it began from.
    """

    network: "NetworkSpec"
    config: "TrainingConfig"
    dataset: "Dataset"
    epoch: float

    def holds(self, network: Any, config: Any, dataset: Any) -> bool:
        """Return whether a test would be the same but for the moment that it begins from."""
        return (
            network == self.network and dataset is self.dataset and _without_rate(config) == _without_rate(self.config)
        )


def _without_rate(config: "TrainingConfig") -> "TrainingConfig":
    from simulator.spec import Rule

    settings = {name: value for name, value in config.optimizer.settings if name != "learning_rate"}
    return dataclasses.replace(config, optimizer=Rule(config.optimizer.name, **settings), schedule=Rule("constant"))


def rounded(rate: float) -> float:
    """Return a rate with two digits that count."""
    return float(f"{rate:.1e}")


def rate_of(config: Any) -> float:
    """Return the learning rate that a configuration says."""
    from simulator.nn import choices

    return float(choices.optimizer(config).learning_rate)


def verdict(result: "RangeTest", rule: str, subject: Subject) -> str:
    """Return what a test found, in one or two sentences."""
    where = f"At epoch {subject.epoch:,.4g}"
    if not math.isfinite(result.start):
        return f"{where} the loss of this network is not finite, so that no rate can be judged. Go back or reset."
    if not result.suggestions:
        if result.ending == "end":
            return f"{where} the loss does not fall clearly at any rate, so that the curve suggests none. {_LEARNT}"
        return f"{where} the loss rises before it has fallen clearly, so that the curve suggests none. {_LEARNT}"
    rate = figure(rounded(result.suggestions[rule]), 2)
    end = {"rose": " Later it exploded.", "not finite": " Later it was infinite."}
    said = f"{where}, {rate} is suggested: {RULES[rule][2]}.{end.get(result.ending, '')}"
    if dict(subject.config.schedule.to_json())["name"] != "constant":
        said += " The schedule multiplies it."
    return said


_LEARNT = "A network that has learnt has little to fall: try its start weights, a wider range or more updates."
STALE = "The network, the data or the settings have changed since: run the test again."
BEFORE = (
    "Trains a copy of the network while the learning rate grows from tiny to huge, and shows at which rates the loss "
    "falls. The session stays as it is."
)
