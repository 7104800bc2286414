import numpy as np
import pytest

from simulator.interchange import adopt

S = float(np.sqrt(0.5))


def _gelu_by_division(g, z):
    inner = g.node("Erf", g.node("Div", z, g.tensor(1.4142135381698608)))
    return g.node("Mul", g.node("Mul", z, g.node("Add", inner, g.tensor(1.0))), g.tensor(0.5))


def _gelu_halved_first(g, z):
    inner = g.node("Add", g.tensor(1.0), g.node("Erf", g.node("Mul", z, g.tensor(S))))
    return g.node("Mul", g.node("Mul", g.tensor(0.5), z), inner)


def _sigmoid_by_exp(g, z):
    return g.node("Div", g.tensor(1.0), g.node("Add", g.tensor(1.0), g.node("Exp", g.node("Neg", z))))


def _softplus(g, z):
    return g.node("Log", g.node("Add", g.node("Exp", z), g.tensor(1.0)))


def _selu(g, z):
    below = g.node("Mul", g.node("Sub", g.node("Exp", z), g.tensor(1.0)), g.tensor(1.6732632423543772))
    chosen = g.node("Where", g.node("Greater", z, g.tensor(0.0)), z, below)
    return g.node("Mul", chosen, g.tensor(1.0507009873554805))


FORMS = {
    "gelu as PyTorch writes it": ("gelu", _gelu_by_division),
    "gelu as TensorFlow writes it": ("gelu", _gelu_halved_first),
    "silu": ("silu", lambda g, z: g.node("Mul", g.node("Sigmoid", z), z)),
    "silu by exp": ("silu", lambda g, z: g.node("Mul", z, _sigmoid_by_exp(g, z))),
    "mish": ("mish", lambda g, z: g.node("Mul", z, g.node("Tanh", g.node("Softplus", z)))),
    "mish by log": ("mish", lambda g, z: g.node("Mul", z, g.node("Tanh", _softplus(g, z)))),
    "softplus": ("softplus", _softplus),
    "sigmoid by exp": ("sigmoid", _sigmoid_by_exp),
    "sigmoid by tanh": (
        "sigmoid",
        lambda g, z: g.node(
            "Add", g.node("Mul", g.node("Tanh", g.node("Mul", z, g.tensor(0.5))), g.tensor(0.5)), g.tensor(0.5)
        ),
    ),
    "softsign": ("softsign", lambda g, z: g.node("Div", z, g.node("Add", g.tensor(1.0), g.node("Abs", z)))),
    "relu by max": ("relu", lambda g, z: g.node("Max", z, g.tensor(0.0))),
    "relu by clip": ("relu", lambda g, z: g.node("Clip", z, g.tensor(0.0))),
    "leaky relu by max": ("leaky_relu", lambda g, z: g.node("Max", z, g.node("Mul", g.tensor(0.01), z))),
    "leaky relu by slope": ("leaky_relu", lambda g, z: g.node("PRelu", z, g.tensor([0.01]))),
    "elu by where": (
        "elu",
        lambda g, z: g.node(
            "Where", g.node("Greater", z, g.tensor(0.0)), z, g.node("Sub", g.node("Exp", z), g.tensor(1.0))
        ),
    ),
    "elu by celu": ("elu", lambda g, z: g.node("Celu", z)),
    "selu": ("selu", _selu),
    "tanh by sigmoid": (
        "tanh",
        lambda g, z: g.node(
            "Sub", g.node("Mul", g.tensor(2.0), g.node("Sigmoid", g.node("Mul", z, g.tensor(2.0)))), g.tensor(1.0)
        ),
    ),
}


@pytest.mark.parametrize("scaled", ["", "before", "after", "both"])
@pytest.mark.parametrize("form", list(FORMS))
def test_every_way_to_write_an_activation_is_recognised_scaled_or_not(made, read, outputs, form, scaled):
    name, write = FORMS[form]
    graph = made().gemm(4, 5)
    if scaled in ("before", "both"):
        graph.node("Mul", graph.at, graph.tensor([1.0, -2.0, 0.5, 3.0, 1.0]))
        graph.node("Add", graph.at, graph.tensor([[0.5, 1.0, 0.0, -1.0, 0.25]]))
    write(graph, graph.at)
    if scaled in ("after", "both"):
        graph.node("Mul", graph.at, graph.tensor([2.0, 1.0, -0.5, 1.0, 1.0]))
        graph.node("Sub", graph.tensor([1.0, 0.0, 0.0, 0.0, 0.5]), graph.at)
    data = graph.gemm(5, 2).bytes()
    found = read(data)
    assert found.activations == (name,)
    X = np.random.default_rng(0).normal(size=(20, 4))
    want = outputs(data, {"x": X.astype(np.float32)})
    np.testing.assert_allclose(adopt(found).outputs(X), want, atol=1e-5)


def test_two_operators_that_differ_between_units_are_none_of_the_activations(made, read):
    graph = made().gemm(4, 2)
    inner = graph.node("Sigmoid", graph.node("Mul", graph.at, graph.tensor([1.0, 1.702])))
    graph.node("Mul", "gemm0_0", inner)
    with pytest.raises(ValueError, match="none of the activations"):
        read(graph.gemm(2, 2).bytes())


def test_a_bias_that_is_added_once_more_is_no_other_path(made, read):
    graph = made().gemm(4, 2)
    graph.node("Add", graph.at, graph.tensor([1.0, 2.0]))
    found = read(graph.gemm(2, 2).bytes())
    assert found.activations == ("linear",)
    assert not any("become part" in note for note in found.notes)
