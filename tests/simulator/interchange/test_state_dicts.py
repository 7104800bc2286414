import itertools

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ModelFileError
from simulator.interchange import Foreign, adopt, assumed_sentences, load_model, read_model
from simulator.interchange.state_dicts import Described, foreign_of

NAMES = {
    "a Sequential": lambda n: f"{2 * n}",
    "a list of layers": lambda n: f"layers.{n}",
    "attributes": lambda n: f"fc{n + 1}",
    "a nested Sequential": lambda n: f"net.{3 * n + 1}",
    "wrapped": lambda n: f"module.model.{n}.linear",
    "blocks": lambda n: f"blocks.{n // 2}.{n % 2}.proj",
}
DTYPES = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64"}


def of(tensors: dict[str, np.ndarray]) -> Foreign:
    described = {name: Described(DTYPES[array.dtype.name], array.shape) for name, array in tensors.items()}
    return foreign_of(described, lambda name: tensors[name])


def layers(sizes: list[int], name, seed: int = 0, dtype: str = "float32") -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    tensors = {}
    for place, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
        tensors[f"{name(place)}.weight"] = draw.normal(size=(fan_out, fan_in)).astype(dtype)
        tensors[f"{name(place)}.bias"] = draw.normal(size=fan_out).astype(dtype)
    return tensors


def refused(tensors: dict[str, np.ndarray]) -> str:
    with pytest.raises(ModelFileError) as error:
        of(tensors)
    assert error.value.hint
    return error.value.message


@pytest.mark.parametrize("names", list(NAMES))
@given(
    st.one_of(st.lists(st.integers(1, 6), min_size=2, max_size=14), st.lists(st.just(4), min_size=2, max_size=14)),
    st.randoms(use_true_random=False),
)
def test_layers_stand_in_the_order_of_the_numbers_in_their_names(names, sizes, random):
    tensors = layers(sizes, NAMES[names])
    mixed = list(tensors)
    random.shuffle(mixed)
    found = of({name: tensors[name] for name in mixed})
    assert found.sizes == tuple(sizes)
    assert found.activations == (None,) * (len(sizes) - 2)
    assert found.link is None
    for place, layer in enumerate(found.layers):
        assert np.array_equal(layer.weight.T, tensors[f"{NAMES[names](place)}.weight"])
        assert np.array_equal(layer.bias, tensors[f"{NAMES[names](place)}.bias"])


def test_a_file_of_the_library_is_read_and_what_it_does_not_say_is_assumed_and_said(tmp_path):
    tensors = layers([3, 5, 2], NAMES["a Sequential"])
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors.numpy.save(tensors, metadata={"format": "pt"}))
    found = read_model(path)
    said = assumed_sentences(found)
    assert "relu" in said[0]
    assert "softmax" in said[1]
    X = np.random.default_rng(1).normal(size=(4, 3))
    Z = np.maximum(X @ tensors["0.weight"].T.astype(float) + tensors["0.bias"], 0) @ tensors["2.weight"].T.astype(float)
    powers = np.exp(Z + tensors["2.bias"])
    np.testing.assert_allclose(load_model(path).outputs(X), powers / powers.sum(axis=1, keepdims=True), rtol=1e-9)


def test_shapes_tell_the_order_where_they_permit_one_only():
    draw = np.random.default_rng(0)
    found = of({name: draw.normal(size=size) for name, size in {"b.weight": (3, 8), "a.weight": (8, 4)}.items()})
    assert found.sizes == (4, 8, 3)
    found = of(layers([4, 8, 8, 3], lambda n: ("stem", "body.0", "top")[n]))
    assert found.sizes == (4, 8, 8, 3)


def test_words_tell_the_order_where_shapes_do_not_and_that_is_said():
    tensors = layers([4, 2, 4], lambda n: ("encoder", "decoder")[n])
    found = of(dict(reversed(tensors.items())))
    assert np.array_equal(found.layers[0].weight.T, tensors["encoder.weight"])
    assert "names alone" in found.notes[0]
    tensors = layers([4, 4, 4, 4], lambda n: ("input_layer", "hidden.0", "fc_out")[n])
    assert np.array_equal(of(tensors).layers[2].weight.T, tensors["fc_out.weight"])


def test_numbers_of_different_words_tell_the_order():
    tensors = layers([4, 4, 4, 4], lambda n: ("linear1", "dense2", "head3")[n])
    assert np.array_equal(of(dict(reversed(tensors.items()))).layers[0].weight.T, tensors["linear1.weight"])


def test_an_order_that_is_not_certain_is_refused_by_two_names():
    message = refused(layers([4, 2, 4], lambda n: ("one", "other")[n]))
    assert "'one.weight'" in message
    assert "'other.weight'" in message
    many = layers([4] * 30, lambda n: "abcdefghijklmnopqrstuvwxyzäöüß"[n])
    assert "not certain" in refused(many)


def test_layers_that_are_no_chain_are_refused_by_the_tensor_and_numbers():
    tensors = layers([3, 5], lambda n: "fc1") | layers([4, 2], lambda n: "fc2")
    assert refused(tensors) == "the layers make no chain: 5 numbers come out of 'fc1.weight', 4 go into 'fc2.weight'"


def test_a_missing_bias_is_zeros_and_that_is_said():
    tensors = layers([3, 5, 2], NAMES["attributes"])
    del tensors["fc1.bias"]
    found = of(tensors)
    assert not found.layers[0].bias.any()
    assert found.notes == ("fc1 has no bias: zeros stand for it.",)


@pytest.mark.parametrize("mark", [".", "/"])
def test_a_kernel_of_jax_is_in_by_out(mark):
    tensors = {"Dense_0.kernel": np.ones((3, 5)), "Dense_0.bias": np.ones(5), "Dense_1.kernel": np.ones((5, 2))}
    assert of({f"params.{name}".replace(".", mark): array for name, array in tensors.items()}).sizes == (3, 5, 2)


def test_numbers_of_16_bits_become_float32_and_that_is_said(tmp_path):
    half = np.array([[0.5, -1.25, 3e-3]], np.float16)
    brain = np.array([[1.5, -2.0, 3.140625]], np.float32)
    upper = (brain.view(np.uint32) >> 16).astype("<u2").tobytes()
    for dtype, data, expected in (("F16", half.tobytes(), half), ("BF16", upper, brain)):
        header = f'{{"weight":{{"dtype":"{dtype}","shape":[1,3],"data_offsets":[0,6]}}}}'.encode()
        header += b" " * (-len(header) % 8)
        path = tmp_path / "m.safetensors"
        path.write_bytes(len(header).to_bytes(8, "little") + header + data)
        found = read_model(path)
        assert found.layers[0].weight.dtype == np.float32
        assert np.array_equal(found.layers[0].weight.T, expected.astype(np.float32))
        assert any("16 bits" in note for note in found.notes)


def _normalisation(size: int, seed: int = 7) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    parts = {
        "weight": draw.normal(size=size),
        "bias": draw.normal(size=size),
        "running_mean": draw.normal(size=size),
        "running_var": draw.uniform(0.5, 2.0, size),
        "num_batches_tracked": np.array(7),
    }
    scale = parts["weight"] / np.sqrt(parts["running_var"] + 1e-5)
    return parts, scale, parts["bias"] - parts["running_mean"] * scale


@pytest.mark.parametrize("place", ["after the sums", "after the activation", "at the beginning"])
def test_a_batch_normalisation_whose_place_is_clear_is_put_into_a_layer(place):
    at, linear, size = {
        "after the sums": (1, (0, 3), 5), "after the activation": (2, (0, 3), 5), "at the beginning": (0, (1, 3), 3),
    }[place]  # fmt: skip
    tensors = layers([3, 5, 2], lambda n: str(linear[n]), dtype="float64")
    parts, scale, shift = _normalisation(size)
    found = of(tensors | {f"{at}.{part}": array for part, array in parts.items()})
    X = np.random.default_rng(2).normal(size=(6, 3))
    A = X * scale + shift if place == "at the beginning" else X
    A = A @ tensors[f"{linear[0]}.weight"].T + tensors[f"{linear[0]}.bias"]
    A = np.maximum(A * scale + shift, 0) if place == "after the sums" else np.maximum(A, 0)
    A = A * scale + shift if place == "after the activation" else A
    Z = A @ tensors["3.weight"].T + tensors["3.bias"]
    powers = np.exp(Z)
    np.testing.assert_allclose(adopt(found).outputs(X), powers / powers.sum(axis=1, keepdims=True), rtol=1e-9)
    assert any("1e-05" in note for note in found.notes)


@pytest.mark.parametrize("name", ["bn1", "4", "norm.running"])
def test_a_batch_normalisation_whose_place_is_not_clear_is_refused_by_its_name(name):
    tensors = layers([3, 5, 2], lambda n: str((0, 7)[n]))
    parts, *_ = _normalisation(5)
    message = refused(tensors | {f"{name}.{part}": array for part, array in parts.items()})
    assert f"{name}.running_mean" in message


@pytest.mark.parametrize(
    ("name", "array", "why"),
    [
        ("conv.weight", np.ones((2, 3, 3, 3)), "a convolution"),
        ("embedding.weight", np.ones((5, 3)), "an embedding"),
        ("attn.in_proj_weight", np.ones((9, 3)), "an attention"),
        ("rnn.weight_ih_l0", np.ones((4, 3)), "a recurrent layer"),
        ("norm.weight", np.ones(5), "a normalisation"),
        ("fc9.weight_g", np.ones((5, 1)), "part of a weight norm"),
        ("fc9.parametrizations.weight.original0", np.ones((5, 1)), "part of a parametrisation"),
        ("fc9.mean", np.ones(5), "neither the weight nor the bias"),
        ("fc9.weight", np.ones((5, 3), np.int64), "I64"),
        ("fc9.bias", np.ones(5), "no weights beside it"),
        ("fc9.weight", np.ones((0, 3)), "no weight of a fully connected layer"),
        ("fc9.weight", np.ones(()), "no weight of a fully connected layer"),
        ("steps", np.array(3), "neither the weight nor the bias"),
    ],
)
def test_what_belongs_to_no_fully_connected_network_is_refused_by_name_and_reason(name, array, why):
    message = refused(layers([3, 5, 2], NAMES["attributes"]) | {name: array})
    assert repr(name) in message
    assert why in message


def test_no_numbers_are_read_before_names_and_shapes_are_right():
    def read(name: str) -> np.ndarray:
        raise AssertionError(name)

    huge = {f"layers.{n}.weight": Described("F32", (10**9, 10**9)) for n in range(3)}
    with pytest.raises(ModelFileError):
        foreign_of(huge | {"conv.weight": Described("F32", (3, 3, 3, 3))}, read)
    with pytest.raises(ModelFileError):
        foreign_of({}, read)


def test_a_header_that_announces_more_than_the_file_has_is_refused(tmp_path):
    header = b'{"weight":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}'
    path = tmp_path / "m.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ModelFileError, match="no safetensors file"):
        read_model(path)
