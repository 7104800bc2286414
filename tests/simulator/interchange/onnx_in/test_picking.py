"""Inputs of which some are taken, or in another order, as pipelines and PyTorch modules do."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from simulator.errors import ModelFileError
from simulator.interchange import adopt

X = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)


def taking(graph, way: str, places: list[int]) -> str:
    if way == "Slice":
        limits = [[places[0]], [places[-1] + 1], [1]]
        return graph.node("Slice", "x", *(graph.tensor(each, np.int64) for each in limits))
    listed = graph.tensor(places, np.int64)
    if way == "Gather":
        return graph.node("Gather", "x", listed, axis=1)
    return graph.node("ArrayFeatureExtractor", "x", listed, domain="ai.onnx.ml")


def same(graph, read, outputs, feed=None, x=X) -> object:
    data = graph.bytes()
    found = read(data)
    np.testing.assert_allclose(adopt(found).outputs(x), outputs(data, feed or {"x": x}), atol=1e-5)
    return found


@pytest.mark.parametrize("way", ["ArrayFeatureExtractor", "Gather", "Slice"])
def test_inputs_that_are_left_out_have_weights_of_zero(made, read, outputs, way):
    graph = made(4)
    taking(graph, way, [1, 2])
    graph.node("Scaler", offset=[1.0, 2.0], scale=[0.5, 3.0], domain="ai.onnx.ml")
    graph.gemm(2, 3)
    found = same(graph, read, outputs)
    assert found.sizes == (4, 3)
    assert not found.layers[0].weight[[0, 3]].any()


def test_a_column_transformer_of_one_input_becomes_part_of_the_first_layer(made, read, outputs):
    graph = made(4)
    first = taking(graph, "ArrayFeatureExtractor", [3, 0])
    scaled = graph.node("Scaler", first, offset=[1.0, 2.0], scale=[0.5, 3.0], domain="ai.onnx.ml")
    rest = taking(graph, "ArrayFeatureExtractor", [1, 2, 1])  # one of them twice
    graph.node("Concat", scaled, rest, axis=1)
    graph.gemm(5, 3)
    assert same(graph, read, outputs).sizes == (4, 3)


def test_picks_of_several_inputs_keep_the_order_of_the_file(made, read, outputs):
    graph = made(2)
    graph.inputs.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 2]))
    second = graph.node("Gather", "x", graph.tensor([1], np.int64), axis=1)
    graph.node("Concat", "z", second, axis=1)
    graph.gemm(3, 2)
    found = same(graph, read, outputs, {"x": X[:, 2:], "z": X[:, :2]})
    assert found.sizes == (4, 2)


def test_a_module_exported_for_a_fixed_number_of_rows_is_read(made, read, outputs):
    graph = made()
    graph.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [9, 4])]
    graph.node("Reshape", "x", graph.tensor([9, -1], np.int64))
    same(graph.gemm(4, 2), read, outputs)
    graph = made()
    graph.inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [9, 2]) for name in "xz"]
    graph.node("Concat", "x", "z", axis=1)
    same(graph.gemm(4, 2), read, outputs, {"x": X[:, :2], "z": X[:, 2:]})


@pytest.mark.parametrize(
    ("places", "words"),
    [([4], "not among the 4"), ([-5], "not among the 4"), ([], "not by a list"), (1, "not among|not by a list")],
)
def test_what_cannot_be_taken_is_refused(made, read, places, words):
    graph = made(4)
    graph.node("Gather", "x", graph.tensor(places, np.int64), axis=1)
    with pytest.raises(ModelFileError, match=words):
        read(graph.gemm(1, 2).bytes())


@pytest.mark.parametrize("sides", [([0], [4], [0]), ([2], [2], [1]), ([0, 0], [1, 1], [0, 1])])
def test_a_slice_that_is_no_piece_of_a_row_is_refused(made, read, sides):
    graph = made(4)
    graph.node("Slice", "x", *(graph.tensor(each, np.int64) for each in sides))
    with pytest.raises(ModelFileError, match="takes"):
        read(graph.gemm(4, 2).bytes())


def test_what_fills_missing_values_is_left_to_the_preparation(made, read, outputs):
    graph = made(4)
    graph.node("Imputer", imputed_value_floats=[1.0, 2.0, 3.0, 4.0], replaced_value_float=np.nan, domain="ai.onnx.ml")
    found = same(graph.gemm(4, 2), read, outputs)
    assert any("missing values" in note for note in found.notes)


def test_a_preparation_that_no_layer_can_take_over_is_refused_with_what_to_do(made, read):
    graph = made(4)
    graph.node("Normalizer", norm="L2", domain="ai.onnx.ml")
    with pytest.raises(ModelFileError, match="Normalizer") as caught:
        read(graph.gemm(4, 2).bytes())
    assert "prepare the data here" in caught.value.hint


def test_several_yes_or_no_answers_and_values_one_below_the_other_are_read(made, read, outputs):
    graph = made(4).gemm(4, 2)
    answer = graph.node("Sigmoid")
    other = graph.node("Sub", graph.tensor(1.0), answer)
    decided = graph.node("Binarizer", answer, threshold=0.5, domain="ai.onnx.ml")
    label = graph.node("Cast", decided, to=TensorProto.INT64)
    both = graph.node("Concat", other, answer, axis=1)
    data = graph.bytes(label, both)
    found = read(data)
    assert (found.link, found.sizes) == ("sigmoid", (4, 2))
    np.testing.assert_allclose(adopt(found).outputs(X), outputs(data, {"x": X})[:, 2:], atol=1e-5)
    graph = made(4).gemm(4, 2)
    graph.node("Reshape", graph.at, graph.tensor([-1, 1], np.int64))
    found = read(graph.bytes())
    np.testing.assert_allclose(adopt(found).outputs(X).ravel(), outputs(graph.bytes(), {"x": X}).ravel(), atol=1e-5)
    assert any("side by side" in note for note in found.notes)
