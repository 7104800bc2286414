"""Small runs to explain: an engine somewhere in the middle of a run, and the moment before its next batch."""

import dataclasses
import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from simulator.data import Dataset, open_dataset
from simulator.engines import ENGINES, Engine, TrainingData
from simulator.explain import Moment, moment_of
from simulator.spec import LayerSpec, NetworkSpec, TrainingConfig

RUN = NetworkSpec(3, (LayerSpec(4, "tanh"), LayerSpec(5, "gelu")), 2)


@dataclasses.dataclass
class Run:
    """An engine, and how to look at it."""

    engine: Engine
    network: NetworkSpec
    config: TrainingConfig
    data: TrainingData

    def moment(self, batch: int | None = None) -> Moment:
        return moment_of(self.network, self.config, self.engine.state(), self.data, batch)


@pytest.fixture(scope="session")
def started() -> Callable[..., Run]:
    """Make a run over random rows and take it a few batches on."""

    def start(
        network: NetworkSpec = RUN,
        batches: int = 4,
        rows: int = 22,
        frozen: np.ndarray | None = None,
        held: np.ndarray | None = None,
        **changes,
    ) -> Run:
        config = TrainingConfig(**({"batch_size": 8, "dtype": "float64"} | changes))
        rng = np.random.default_rng(rows)
        X = rng.normal(size=(rows, network.inputs))
        of_classes = network.link != "linear"
        Y = np.eye(max(2, network.outputs))[rng.integers(0, max(2, network.outputs), rows)][:, : network.outputs]
        Y = Y if of_classes else rng.normal(size=(rows, network.outputs))
        data = TrainingData(X, Y, X[:0], Y[:0], of_classes)
        engine = ENGINES["reference"](network, config, data, "cpu")
        engine.restore(dataclasses.replace(engine.state(), frozen=frozen, held=held))
        for _ in range(batches):
            engine.advance(10**6, 0, 1)
        return Run(engine, network, config, data)

    return start


@pytest.fixture(scope="session")
def penguins() -> Dataset:
    return open_dataset("penguins")


@pytest.fixture(scope="session")
def evaluated() -> Callable[[str], list[float]]:
    """Calculate every stretch between the equals signs of a formula as it is shown to people."""
    words = {
        "exp": math.exp, "log": lambda x: math.log(x) if x > 0 else -math.inf, "ln": math.log, "tanh": math.tanh,
        "erf": math.erf, "tanh2": lambda x: math.tanh(x) ** 2, "σ": lambda x: 1 / (1 + math.exp(-x)), "sqrt": math.sqrt,
        "max": max, "min": min, "Φ": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2, "sign": np.sign, "abs": abs,
        "π": math.pi,
    }  # fmt: skip

    def python(text: str) -> str:
        text = re.sub(r"… \([\d,]+ smaller: ([^)]*)\)", r"(\1)", text)
        for shown, meant in (
            ("−", "-"), ("·", "*"), ("tanh²(", "tanh2("), ("²", "**2"), ("^", "**"), ("≤", "<="), (", else", " else"),
            ("√(", "sqrt("), ("2π", "2*π"),
        ):  # fmt: skip
            text = text.replace(shown, meant)
        text = re.sub(r"√(\d[\d.]*(?:e-?\d+)?)", r"sqrt(\1)", text)
        return re.sub(r"\|([^|]+)\|", r"abs(\1)", text)

    def evaluate(formula: str) -> list[float]:
        formula = re.sub(r" \([a-zA-Zŷ][^()]*\)$", "", formula)
        formula, *named = re.split(r", (?=\w+ = )", formula)
        known = dict(words)
        for each in named:
            name, _, text = each.partition(" = ")
            known[name] = eval(python(text), {}, known)
        return [float(eval(python(text), {}, known)) for text in formula.split(" = ")[1:]]

    return evaluate
