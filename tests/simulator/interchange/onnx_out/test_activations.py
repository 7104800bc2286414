import warnings

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper
from onnx.reference import ReferenceEvaluator

from simulator.errors import ExportError
from simulator.interchange.onnx_out import activations
from simulator.interchange.onnx_out.activations import write_activation
from simulator.interchange.onnx_out.graph import OnnxGraph
from simulator.nn.activations import ACTIVATIONS, Activation

Z = np.concatenate([-np.logspace(38, -30, 300), [0.0], np.logspace(-30, 38, 300), np.linspace(-20, 20, 801)])[:, None]


def _run(make, z):
    graph = OnnxGraph(("z", "a"))
    kind = helper.np_dtype_to_tensor_dtype(z.dtype)
    graph.node("Identity", make(graph, "z", z.dtype), result="a")
    ends = [helper.make_tensor_value_info(name, kind, ["rows", 1]) for name in "za"]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "one", ends[:1], ends[1:], graph.initializers),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return session.run(None, {"z": z})[0], ReferenceEvaluator(model).run(None, {"z": z})[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_every_activation_is_what_it_is_here_from_the_smallest_to_the_largest_number(name, dtype):
    with np.errstate(all="ignore"):
        want = ACTIVATIONS[name].value(Z)
    found = _run(lambda graph, z, kind: write_activation(graph, name, z, kind), Z.astype(dtype))
    bound = 4e-7 if dtype == np.float32 else 1e-14
    for got in found:
        assert np.isfinite(got).all()
        assert (np.abs(got - want) <= bound * np.maximum(1.0, np.abs(want))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["log1p", "expm1"])
def test_words_that_onnx_lacks_lose_no_digits_of_small_numbers(name, dtype):
    z = Z.astype(dtype)
    z = np.concatenate([np.abs(z) if name == "log1p" else z[np.abs(z[:, 0]) < 80], [[0.0]]]).astype(dtype)
    want = getattr(np, name)(z.astype(np.float64))
    for got in _run(lambda graph, x, kind: getattr(graph, name)(x, kind), z):
        assert (np.abs(got - want) <= 8 * np.finfo(dtype).eps * np.abs(want)).all()


def test_the_logarithm_of_infinity_is_infinite_and_of_nothing_nothing():
    z = np.array([[np.inf], [np.nan]])
    for got in _run(lambda graph, x, kind: graph.log1p(x, kind), z):
        assert got[0, 0] == np.inf
        assert np.isnan(got[1, 0])


def test_an_activation_that_is_new_in_the_table_is_composed_of_its_definition(monkeypatch):
    new = Activation(lambda z: np.sqrt(np.abs(z)) + np.minimum(z, 1.0) ** 2.0, None, "", "", (0, 0), "")
    monkeypatch.setitem(ACTIVATIONS, "new", new)
    activations._traced.cache_clear()
    z = np.linspace(-3, 3, 50, dtype=np.float64)[:, None]
    for got in _run(lambda graph, x, kind: write_activation(graph, "new", x, kind), z):
        np.testing.assert_allclose(got, new.value(z), rtol=1e-14)


def test_an_activation_of_an_operation_that_onnx_has_not_is_refused(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "odd", Activation(lambda z: z ^ 1.0, None, "", "", (0, 0), ""))
    activations._traced.cache_clear()
    with pytest.raises(ExportError, match="odd uses xor") as refused:
        write_activation(OnnxGraph(), "odd", "z", np.float32)
    assert refused.value.hint
