import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from simulator.errors import ModelFileError
from simulator.interchange import Foreign, Model, load_model, read_model
from simulator.interchange.onnx_in import bounds, operators, reading

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


def _refused(read, data, *words):
    with pytest.raises(ModelFileError) as refused:
        read(data)
    for word in words:
        assert word in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("dims", "said"),
    [([2**40, 2**40], "has not as many numbers"), ([-1, 3], "cannot have the shape"), ([0, 3], ""), ([4] * 9, "shape")],
)
@pytest.mark.parametrize("raw", [True, False])
def test_a_tensor_of_an_impossible_shape_takes_no_memory(made, read, dims, said, raw):
    graph = made()
    tensor = TensorProto(name="w", dims=dims, data_type=TensorProto.FLOAT)
    if raw:
        tensor.raw_data = b"\0" * 16
    else:
        tensor.float_data.extend([0.0] * 4)
    graph.tensors.append(tensor)
    graph.node("MatMul", "x", "w")
    _refused(read, graph.bytes(), said)


def test_weights_in_another_file_are_not_looked_for(made, read, tmp_path):
    graph = made()
    tensor = TensorProto(name="w", dims=[4, 3], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../../etc/passwd")
    graph.tensors.append(tensor)
    graph.node("MatMul", "x", "w")
    _refused(read, graph.bytes(), "'w' lie in another file")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(made, read, value):
    graph = made()
    graph.node("MatMul", "x", graph.tensor([[value, 1.0]] * 4))
    _refused(read, graph.bytes(), "not finite numbers")


def test_weights_that_overflow_where_they_are_put_together_are_refused(made, read):
    graph = made().gemm(4, 3)
    for _ in range(3):
        graph.node("Mul", graph.at, graph.tensor(3e38))
    _refused(read, graph.bytes(), "not finite numbers")


@pytest.mark.parametrize("kind", [TensorProto.INT8, TensorProto.UINT8, TensorProto.FLOAT8E4M3FN, 99])
def test_quantised_weights_are_refused(made, read, kind):
    graph = made()
    graph.tensors.append(TensorProto(name="w", dims=[4, 1], data_type=kind, raw_data=b"\0" * 4))
    graph.node("MatMul", "x", "w")
    _refused(read, graph.bytes(), "number format")


def test_circles_and_missing_parts_are_refused(made, read):
    graph = made()
    graph.nodes = [helper.make_node("Relu", ["b"], ["a"], "one"), helper.make_node("Relu", ["a"], ["b"], "other")]
    _refused(read, graph.bytes("a"), "'one' (Relu) uses 'b', which nothing makes before it")
    graph.nodes = [helper.make_node("MatMul", ["x", "nowhere"], ["a"], "product")]
    _refused(read, graph.bytes("a"), "'product' (MatMul) uses 'nowhere'")
    graph.nodes = []
    _refused(read, graph.bytes("gone"), "'gone'")


def test_a_name_that_is_made_twice_is_refused(made, read):
    graph = made().gemm(4, 3)
    graph.nodes.append(graph.nodes[0])
    _refused(read, graph.bytes(), "makes what is there already")


def test_an_input_of_texts_and_a_graph_without_anything_are_refused(made, read):
    graph = made()
    graph.inputs = [helper.make_tensor_value_info("island", TensorProto.STRING, ["n", 1])]
    _refused(read, graph.bytes("island"), "'island' takes no numbers")
    _refused(read, onnx.ModelProto(ir_version=8).SerializeToString(), "holds no graph")
    _refused(read, b"", "no ONNX file")


@pytest.mark.parametrize("place", [b"gemm0_0", b"the Gemm 0", b"Gemm", b"transB", b"t0", b"x"])
def test_names_that_are_no_texts_are_refused_or_do_no_harm(made, read, place):
    data = made().gemm(4, 3).bytes()
    for damaged in (data.replace(place, b"\x80" * len(place), 1), data.replace(place, b"\x80" * len(place))):
        try:
            read(damaged)
        except ModelFileError as error:
            assert error.hint  # noqa: PT017 - some of the names are never looked at


def test_too_old_operators_are_refused_with_the_way_out(made, read):
    _refused(read, made(opset=6).gemm(4, 3).bytes(), "version 6")


def test_a_formula_that_doubles_without_end_is_refused(made, read):
    graph = made().gemm(4, 3)
    for _ in range(60):
        graph.node("Mul", graph.at, graph.at)
    _refused(read, graph.gemm(3, 2).bytes(), "none of the activations")
    longer = made().gemm(4, 3)
    for _ in range(400):
        longer.node("Tanh")
    _refused(read, longer.gemm(3, 2).bytes(), "too long for an activation")


def test_the_same_weights_again_and_again_are_refused(made, read):
    graph = made(300)
    weight = graph.tensor(np.eye(300))
    for _ in range(600):
        graph.node("MatMul", graph.at, weight)
    _refused(read, graph.bytes(), "out of all proportion")


def test_many_wide_constants_are_refused(made, read):
    graph = made(None)
    wide = graph.tensor(np.ones(200_000))
    for _ in range(100):
        graph.node("Add", graph.at, wide)
    _refused(read, graph.bytes(), "out of all proportion")


def test_too_many_nodes_are_refused(made, read, monkeypatch):
    monkeypatch.setattr(reading, "MOST_NODES", 3)
    graph = made().gemm(4, 3)
    for _ in range(3):
        graph.node("Identity")
    _refused(read, graph.bytes(), "4 nodes")


def test_what_is_no_array_is_counted_before_it_is_parsed(made, read, monkeypatch):
    monkeypatch.setattr(bounds, "MOST_STRUCTURE", 2000)
    graph = made(300).gemm(300, 300)
    assert read(graph.bytes()).sizes == (300, 300)
    graph.metadata = {"much": "x" * 3000}
    _refused(read, graph.bytes(), "that are no numbers")
    monkeypatch.setattr(bounds, "MOST_FIELDS", 5)
    _refused(read, made().gemm(4, 3).bytes(), "too many parts")


def test_deep_nesting_is_refused(made, read):
    inner = b""
    for _ in range(2000):  # a graph in an attribute of a node of a graph …
        for field in (6, 5, 1):
            inner = bytes([field << 3 | 2]) + _length(inner) + inner
    _refused(read, made().bytes() + b"\x3a" + _length(inner) + inner, "cannot be told apart")


def _length(data):
    count, found = len(data), []
    while count > 127:
        found.append(count & 127 | 128)
        count >>= 7
    return bytes([*found, count])


def test_a_file_with_a_hole_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "m.onnx"
    with path.open("wb") as file:
        file.truncate(2**31 - 10)
    with pytest.raises(ModelFileError, match="no ONNX file"):
        read_model(path)
    with path.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(ModelFileError, match="cannot have"):
        read_model(path)


@pytest.fixture(scope="module")
def original():
    draw = np.random.default_rng(0)
    tensors = [
        onnx.numpy_helper.from_array(draw.normal(size=shape).astype(np.float32), name)
        for name, shape in (("w", (4, 3)), ("b", (3,)), ("s", (3,)), ("v", (3, 2)))
    ]
    nodes = [
        helper.make_node("Flatten", ["x"], ["f"]),
        helper.make_node("Gemm", ["f", "w", "b"], ["z"], alpha=0.5),
        helper.make_node("BatchNormalization", ["z", "s", "b", "s", "b"], ["n"]),
        helper.make_node("Sigmoid", ["n"], ["g"]),
        helper.make_node("Mul", ["n", "g"], ["a"]),
        helper.make_node("MatMul", ["a", "v"], ["y"]),
        helper.make_node("Softmax", ["y"], ["p"], axis=-1),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]) for name, width in (("x", 4), ("p", 2))
    ]
    return helper.make_model(helper.make_graph(nodes, "g", ends[:1], ends[1:], tensors))


NAMES = st.sampled_from(["x", "f", "w", "b", "s", "v", "z", "n", "g", "a", "y", "p", ""])
OPERATORS = st.sampled_from(sorted(operators.OPERATORS))
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("input"), st.integers(0, 6), st.integers(0, 4), NAMES),
        st.tuples(st.just("operator"), st.integers(0, 6), OPERATORS),
        st.tuples(st.just("dims"), st.integers(0, 3), st.lists(st.integers(-2, 13), max_size=3)),
        st.tuples(
            st.just("attribute"),
            st.integers(0, 6),
            st.sampled_from(["axis", "alpha", "beta", "transA", "transB", "perm", "axes", "epsilon", "ratio", "min"]),
            st.one_of(st.integers(-3, 3), st.floats(), st.text(max_size=3), st.lists(st.integers(-3, 3), min_size=1)),
        ),
        st.tuples(st.just("remove"), st.integers(0, 6)),
        st.tuples(st.just("type"), st.integers(0, 3), st.integers(0, 25)),
    ),
    min_size=1,
    max_size=5,
)


def _changed(model, changes):
    model = onnx.ModelProto.FromString(model.SerializeToString())
    graph = model.graph
    for what, place, *rest in changes:
        if what == "dims":
            del graph.initializer[place].dims[:]
            graph.initializer[place].dims.extend(rest[0])
        elif what == "type":
            graph.initializer[place].data_type = rest[0]
        elif place < len(graph.node):
            node = graph.node[place]
            if what == "input":
                node.input.extend([""] * (rest[0] + 1 - len(node.input)))
                node.input[rest[0]] = rest[1]
            elif what == "operator":
                node.op_type = rest[0]
            elif what == "attribute":
                del node.attribute[:]
                node.attribute.append(helper.make_attribute(*rest))
            else:
                del graph.node[place]
    return model.SerializeToString()


def _is_a_network_or_refused(path):
    refused = None
    try:
        found = read_model(path)
    except ModelFileError as error:
        refused = error
    if refused is not None:
        assert refused.message
        assert refused.hint
        assert str(refused).isprintable()
        return
    assert isinstance(found, Foreign | Model)
    model = load_model(path)
    assert len(model.outputs(np.zeros((2, model.network.inputs)))) == 2


@given(CHANGES)
@settings(max_examples=2 * settings.default.max_examples, **QUIET)
def test_a_changed_graph_is_a_network_or_refused(tmp_path, original, changes):
    path = tmp_path / "m.onnx"
    path.write_bytes(_changed(original, changes))
    _is_a_network_or_refused(path)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=5))
@settings(max_examples=2 * settings.default.max_examples, **QUIET)
def test_a_damaged_file_is_a_network_or_refused(tmp_path, original, changes):
    data = bytearray(original.SerializeToString())
    for place, value in changes:
        data[min(int(place * len(data)), len(data) - 1)] = value
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    _is_a_network_or_refused(path)
