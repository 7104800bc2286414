import json

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from simulator.errors import ModelFileError
from simulator.interchange import ExportOptions, Foreign, adopt, load_model, save_model

X = np.random.default_rng(0).normal(size=(9, 4))


def _same(read, outputs, made, *names, x=X, turned=False, atol=2e-6):
    """Read a graph, and hold what the adopted network gives out against onnxruntime."""
    data = made.bytes(*names)
    found = read(data)
    assert isinstance(found, Foreign)
    want = outputs(data, {made.inputs[0].name: (x.T if turned else x).astype(made.dtype)})
    np.testing.assert_allclose(
        adopt(found).outputs(x),
        (want.T if turned else want).reshape(len(x), -1),
        atol=atol * max(1, np.abs(want).max()),
    )
    return found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("trans_b", [0, 1])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
@pytest.mark.parametrize("beta", [1.0, -2.0, 0.0])
@pytest.mark.parametrize("bias", ["vector", "row", "number", "none"])
def test_every_form_of_gemm_is_a_layer(made, read, outputs, dtype, trans_b, alpha, beta, bias):
    graph = made(4, dtype)
    weight = graph.normal(3, 4) if trans_b else graph.normal(4, 3)
    biases = {"vector": [graph.normal(3)], "row": [graph.normal(1, 3)], "number": [graph.normal(1)], "none": []}[bias]
    given = (graph.at, graph.tensor(weight), *(graph.tensor(each) for each in biases))
    graph.node("Gemm", *given, alpha=alpha, beta=beta, transB=trans_b)
    found = _same(read, outputs, graph)
    assert found.sizes == (4, 3)
    assert found.layers[0].weight.dtype == dtype
    if alpha == 1.0:
        np.testing.assert_array_equal(found.layers[0].weight, weight.T if trans_b else weight)


@pytest.mark.parametrize("trans_a", [0, 1])
@pytest.mark.parametrize("trans_b", [0, 1])
def test_rows_may_stand_in_columns(made, read, outputs, trans_a, trans_b):
    graph = made(None)
    graph.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, "n"])]
    first, second = graph.normal(4, 5) if trans_a else graph.normal(5, 4), graph.normal(2, 5)
    graph.node("Gemm", graph.tensor(first), "x", graph.tensor(graph.normal(5, 1)), transA=trans_a)
    graph.node("Tanh")
    if trans_b:
        graph.node("Transpose", perm=[1, 0])
    graph.node("Gemm", graph.tensor(second), graph.at, graph.tensor(graph.normal(2, 1)), transB=trans_b)
    found = _same(read, outputs, graph, turned=True)
    assert found.sizes == (4, 5, 2)
    assert any("column" in note for note in found.notes)


def test_a_first_layer_that_turns_its_rows_takes_them_as_columns(made, read, outputs):
    graph = made(None)
    graph.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, "n"])]
    graph.node("Gemm", "x", graph.tensor(graph.normal(4, 3)), transA=1)
    data = graph.bytes()
    found = read(data)
    np.testing.assert_allclose(adopt(found).outputs(X), outputs(data, {"x": X.T.astype(np.float32)}), atol=1e-5)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("shape", [(5,), (1, 5), (1, 1), (1,), ()])
def test_matmul_and_add_in_any_order_are_a_layer(made, read, outputs, swapped, shape):
    graph = made()
    product = graph.node("MatMul", "x", graph.tensor(graph.normal(4, 5)))
    bias = graph.tensor(graph.normal(*shape) if shape else 0.5)
    graph.node("Add", *((bias, product) if swapped else (product, bias)))
    graph.node("Relu")
    graph.node("MatMul", graph.at, graph.tensor(graph.normal(5, 2)))
    found = _same(read, outputs, graph)
    assert (found.sizes, found.activations, found.link) == ((4, 5, 2), ("relu",), "linear")


def test_harmless_nodes_change_nothing(made, read, outputs):
    graph = made(None)
    graph.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2, 2])]
    shape = graph.node("Shape", "x")
    rows = graph.node("Gather", shape, graph.tensor(0, np.int64))
    rows = graph.node("Unsqueeze", rows, graph.tensor([0], np.int64))
    whole = graph.node("Concat", rows, graph.tensor([-1], np.int64), axis=0)
    graph.node("Reshape", "x", whole)
    graph.node("Flatten")
    flat = graph.node("Cast", to=TensorProto.FLOAT)
    graph.node("Identity", graph.tensor(graph.normal(4, 5)))
    weight = graph.node("Transpose", graph.node("Transpose"))
    graph.node("MatMul", flat, weight)
    graph.node("Reshape", graph.at, graph.tensor([-1, 5], np.int64))
    graph.node("Elu")
    graph.node("Dropout", graph.at, graph.tensor(0.25))
    hidden = graph.node("Reshape", graph.at, graph.tensor([0, -1], np.int64))
    constant = graph.node("Constant", "", value=numpy_helper.from_array(graph.normal(5, 1)))
    graph.nodes[-1].input[:] = []
    graph.node("MatMul", hidden, constant)
    graph.node("Squeeze", graph.at, graph.tensor([1], np.int64))
    data = graph.bytes()
    found = read(data)
    want = outputs(data, {"x": X.astype(np.float32).reshape(-1, 2, 2)})
    np.testing.assert_allclose(adopt(found).outputs(X)[:, 0], want, atol=1e-5)
    assert found.dropout == (0.25,)
    assert found.activations == ("elu",)


@pytest.mark.parametrize("place", ["input", "before", "after", "end"])
def test_batch_normalisation_becomes_part_of_a_layer(made, read, outputs, place):
    graph = made()

    def normalise(width):
        parts = [graph.normal(width), graph.normal(width), graph.normal(width), np.abs(graph.normal(width)) + 0.1]
        graph.node("BatchNormalization", graph.at, *(graph.tensor(part) for part in parts), epsilon=1e-3)

    if place == "input":
        normalise(4)
    graph.gemm(4, 6)
    if place == "before":
        normalise(6)
    graph.node("LeakyRelu")
    if place == "after":
        normalise(6)
    graph.gemm(6, 3)
    if place == "end":
        normalise(3)
    found = _same(read, outputs, graph)
    assert found.activations == ("leaky_relu",)
    assert found.notes


def test_scaling_of_the_inputs_becomes_part_of_the_first_layer(made, read, outputs):
    graph = made()
    graph.node("Sub", graph.at, graph.tensor([[1.0, 2, 3, 4]]))
    graph.node("Div", graph.at, graph.tensor([2.0, 3, 4, 5]))
    graph.node("Mul", graph.tensor(0.5), graph.at)
    graph.node("Sub", graph.tensor([1.0, 1, 1, 1]), graph.at)
    graph.node("Scaler", graph.at, offset=[0.5, 0, 0, 0], scale=[2.0, 2, 2, 1], domain="ai.onnx.ml")
    graph.node("Neg")
    graph.gemm(4, 3).node("Softmax")
    found = _same(read, outputs, graph)
    assert found.notes == (
        "What is multiplied or added before the first layer has become part of the next weights and biases.",
    )
    assert found.link == "softmax"


@pytest.mark.parametrize("opset", [7, 9, 11, 12, 13, 15, 17, 19, 21, 22])
def test_versions_of_the_operators_from_7_to_22_are_read(made, read, outputs, opset):
    graph = made(opset=opset)
    graph.gemm(4, 5).node("Selu")
    if opset < 12:
        graph.node("Dropout", ratio=0.1)
    graph.gemm(5, 3).node("Softmax", **({"axis": 1} if opset < 13 else {}))
    found = _same(read, outputs, graph)
    assert (found.activations, found.link) == (("selu",), "softmax")


def test_the_default_axis_of_softmax_is_that_of_its_version(made, read):
    assert read(made(opset=12).gemm(4, 3).bytes()).link == "linear"
    for opset in (12, 13):
        graph = made(opset=opset).gemm(4, 3)
        graph.node("Softmax")
        assert read(graph.bytes()).link == "softmax"


@pytest.mark.parametrize("kind", ["raw", "listed"])
@pytest.mark.parametrize("number", [TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16])
def test_weights_are_read_in_every_way_that_they_are_written(made, read, number, kind):
    graph = made()
    values = np.array([[1.5, -2.0, 0.25], [0.0, 3.0, -1.0], [2.0, 2.0, 2.0], [0.5, -0.5, 4.0]])
    tensor = helper.make_tensor("w", number, (4, 3), values.ravel())
    if kind == "raw":
        content = {
            TensorProto.FLOAT: values.astype("<f4").tobytes(),
            TensorProto.DOUBLE: values.astype("<f8").tobytes(),
            TensorProto.FLOAT16: values.astype("<f2").tobytes(),
            TensorProto.BFLOAT16: (values.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes(),
        }[number]
        tensor = helper.make_tensor("w", number, (4, 3), content, raw=True)
    graph.tensors.append(tensor)
    graph.node("MatMul", "x", "w")
    found = read(graph.bytes())
    np.testing.assert_array_equal(found.layers[0].weight, values)
    wide = number == TensorProto.DOUBLE
    assert found.layers[0].weight.dtype == (np.float64 if wide else np.float32)
    assert any("16 bits" in note for note in found.notes) == (number in (TensorProto.FLOAT16, TensorProto.BFLOAT16))


@pytest.mark.parametrize(
    ("end", "link", "activations"),
    [("Softmax", "softmax", ()), ("Sigmoid", "sigmoid", ()), (None, "linear", ()), ("Tanh", "linear", ("tanh",))],
)
def test_what_ends_the_graph_is_the_output_link(made, read, outputs, end, link, activations):
    graph = made().gemm(4, 3)
    if end:
        graph.node(end)
    found = _same(read, outputs, graph)
    assert (found.link, found.activations) == (link, activations)
    assert found.sizes == ((4, 3, 3) if activations else (4, 3))


def test_logarithms_of_probabilities_are_read_as_probabilities_and_that_is_said(made, read):
    graph = made().gemm(4, 3)
    graph.node("LogSoftmax")
    found = read(graph.bytes())
    assert found.link == "softmax"
    assert any("logarithms" in note for note in found.notes)


def _answers(graph, classes, kind=TensorProto.INT64):
    winner = graph.node("ArgMax", graph.at, axis=1)
    names = helper.make_tensor("classes", kind, [len(classes)], classes)
    graph.tensors.append(names)
    picked = graph.node("ArrayFeatureExtractor", "classes", winner, domain="ai.onnx.ml")
    return graph.node("Reshape", picked, graph.tensor([-1], np.int64))


def test_a_classifier_of_scikit_learn_is_read_with_its_classes(made, read, outputs):
    graph = made()
    graph.node("Cast", to=TensorProto.FLOAT)
    product = graph.node("MatMul", graph.at, graph.tensor(graph.normal(4, 5)))
    graph.node("Add", product, graph.tensor(graph.normal(1, 5)))
    graph.node("Relu")
    product = graph.node("MatMul", graph.at, graph.tensor(graph.normal(5, 3)))
    graph.node("Add", product, graph.tensor(graph.normal(1, 3)))
    scores = graph.node("Softmax", axis=1)
    label = _answers(graph, [b"setosa", b"versicolor", b"virginica"], TensorProto.STRING)
    probabilities = graph.node("Identity", scores)
    data = graph.bytes(label, probabilities)
    found = read(data)
    assert (found.sizes, found.activations, found.link) == ((4, 5, 3), ("relu",), "softmax")
    assert found.class_names == ("setosa", "versicolor", "virginica")
    np.testing.assert_allclose(adopt(found).outputs(X), outputs(data, {"x": X.astype(np.float32)}), atol=1e-6)


def test_two_classes_of_scikit_learn_are_one_sigmoid(made, read):
    graph = made().gemm(4, 5)
    graph.node("Tanh")
    one = graph.gemm(5, 1).node("Sigmoid")
    rest = graph.node("Sub", graph.tensor(1.0), one)
    both = graph.node("Concat", rest, one, axis=1)
    graph.node("ZipMap", both, classlabels_int64s=[0, 7], domain="ai.onnx.ml")
    mapped = graph.at
    graph.at = both
    label = _answers(graph, [0, 7])
    found = read(graph.bytes(label, mapped))
    assert (found.sizes, found.link, found.class_names) == ((4, 5, 1), "sigmoid", ("0", "7"))
    assert adopt(found).class_names == ("0", "7")


def test_inputs_of_one_number_each_are_the_features_by_name(made, read):
    graph = made()
    graph.inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1]) for name in ("mass", "age", "height")
    ]
    centred = graph.node("Sub", "age", graph.tensor([40.0]))
    graph.node("Concat", "mass", centred, "height", axis=1)
    found = read(graph.gemm(3, 2).bytes())
    assert found.feature_names == ("mass", "age", "height")
    assert adopt(found).feature_names == ("mass", "age", "height")


@pytest.mark.parametrize("listed", [json.dumps(["a", "b", "c", "d"]), "a, b,c ,d"])
def test_names_in_the_metadata_are_taken(made, read, listed):
    graph = made().gemm(4, 3)
    graph.node("Softmax")
    graph.metadata = {"feature_names": listed, "class_names": json.dumps(["u", "v", "w"])}
    found = read(graph.bytes())
    assert (found.feature_names, found.class_names) == (("a", "b", "c", "d"), ("u", "v", "w"))


def test_sums_and_probabilities_may_both_go_out(made, read):
    graph = made().gemm(4, 5)
    hidden = graph.node("Relu")
    sums = graph.gemm(5, 3).at
    found = read(graph.bytes(graph.node("Softmax"), hidden, sums))
    assert (found.sizes, found.link) == ((4, 5, 3), "softmax")


def test_nodes_that_nothing_needs_do_no_harm(made, read):
    graph = made().gemm(4, 3)
    end = graph.at
    graph.node("Conv", "x", graph.tensor(graph.normal(1, 1, 3, 3)))
    assert read(graph.bytes(end)).sizes == (4, 3)


def _attention(graph):
    one, other = graph.gemm(4, 4).at, graph.node("Relu")
    return graph.node("MatMul", one, other)


def _residual(graph):
    one = graph.gemm(4, 4).at
    return graph.node("Add", graph.node("Relu"), graph.node("MatMul", one, graph.tensor(graph.normal(4, 4))))


def _with_activation(operator, *constants, **attributes):
    def make(graph):
        graph.gemm(4, 4).node(operator, graph.at, *(graph.tensor(each) for each in constants), **attributes)
        graph.gemm(4, 2)

    return make


REFUSED = {
    "convolution": (lambda g: g.node("Conv", "x", g.tensor(g.normal(1, 1, 3))), "the Conv 0' (Conv) is no layer"),
    "recurrent": (lambda g: g.node("LSTM", "x", g.tensor([1.0]), g.tensor([1.0])), "(LSTM)"),
    "own domain": (lambda g: g.node("Gelu", domain="com.microsoft"), "(Gelu) is no layer"),
    "an if": (lambda g: g.node("If", "x"), "(If)"),
    "attention": (_attention, "multiplies what two layers give out"),
    "joining": (_residual, "joins two paths"),
    "relu6": (_with_activation("Clip", 0.0, 6.0), "ending in Clip"),
    "a steeper leak": (_with_activation("LeakyRelu", alpha=0.2), "none of the activations"),
    "alpha of elu": (_with_activation("Elu", alpha=0.5), "none of the activations"),
    "an activation first": (lambda g: (g.node("Tanh"), g.gemm(4, 2)), "before the first layer"),
    "no layer": (lambda g: g.node("Relu"), "without a layer"),
    "softmax twice": (lambda g: (g.gemm(4, 2), g.node("Softmax"), g.node("Softmax")), "what a layer gives out"),
    "a layer after softmax": (_with_activation("Softmax"), "multiplies what is no layer"),
    "softmax over the rows": (_with_activation("Softmax", axis=0), "over the outputs of a row"),
    "another width": (lambda g: (g.gemm(4, 3), g.gemm(5, 2)), "takes 5 numbers where 3 come in"),
    "training": (lambda g: g.node("BatchNormalization", "x", *[g.tensor([1.0])] * 4, training_mode=1), "in training"),
    "dropout in training": (_with_activation("Dropout", 0.5, 1.0), "as in training"),
    "mixed rows": (lambda g: (g.gemm(4, 4), g.node("Reshape", g.at, g.tensor([-1, 2], int))), "changes the shape"),
    "whole weights": (lambda g: g.node("MatMul", "x", g.tensor(np.ones((4, 2)), int)), "not a matrix of decimal"),
    "weights of three sides": (lambda g: g.node("MatMul", "x", g.tensor(g.normal(1, 4, 2))), "not a matrix"),
    "a bias a row": (lambda g: (g.gemm(4, 3), g.node("Add", g.at, g.tensor(g.normal(9, 3)))), "does not fit the rows"),
    "a bias of a matrix": (
        lambda g: g.node("Gemm", "x", g.tensor(g.normal(4, 3)), g.tensor(g.normal(9, 3))),
        "fit the rows",
    ),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_is_no_chain_of_layers_is_refused_by_naming_the_node(made, read, case):
    make, said = REFUSED[case]
    graph = made()
    make(graph)
    with pytest.raises(ModelFileError) as refused:
        read(graph.bytes())
    assert said in refused.value.message
    assert "m.onnx" in refused.value.message
    assert refused.value.hint


def test_the_nearest_activation_is_named(made, read):
    graph = made(opset=20).gemm(4, 4)
    graph.node("Gelu", approximate="tanh")
    with pytest.raises(ModelFileError, match=r"gelu comes nearest, but differs by up to 0\.000"):
        read(graph.gemm(4, 2).bytes())


def test_two_heads_are_refused(made, read):
    graph = made().gemm(4, 5)
    hidden = graph.node("Relu")
    one = graph.gemm(5, 3).at
    graph.at = hidden
    other = graph.gemm(5, 2).at
    with pytest.raises(ModelFileError, match="two outputs that do not follow one another"):
        read(graph.bytes(one, other))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_read_adopted_and_written_gives_the_same_predictions(made, read, outputs, tmp_path, dtype):
    graph = made(dtype=dtype).gemm(4, 5)
    graph.node("Mul", graph.at, graph.node("Sigmoid", graph.at))
    graph.gemm(5, 3).node("Softmax")
    data = graph.bytes()
    path = save_model(adopt(read(data)), tmp_path / "again.onnx", options=ExportOptions(inputs="prepared"))
    want = outputs(data, {"x": X.astype(dtype)})
    np.testing.assert_allclose(outputs(path.read_bytes(), {"X": X.astype(dtype)}), want, atol=1e-6)
    assert load_model(path).network.hidden[0].activation == "silu"
