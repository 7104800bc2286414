import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigError, ModelFileError
from simulator.interchange import Assumptions, Foreign, adopt, assumed_sentences
from simulator.snapshot import LayerParameters


def foreign(*sizes: int, dtype: str = "float32", activations=None, **more) -> Foreign:
    draw = np.random.default_rng(0)
    pairs = itertools.pairwise(sizes)
    layers = [LayerParameters(draw.normal(size=pair).astype(dtype), np.ones(pair[1], dtype)) for pair in pairs]
    return Foreign(tuple(layers), activations or (None,) * (len(layers) - 1), **more)


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.sampled_from(["float32", "float64"]))
def test_a_foreign_network_becomes_a_model_with_the_same_numbers(sizes, dtype):
    given_ = foreign(*sizes, dtype=dtype)
    model = adopt(given_)
    assert model.network.sizes == given_.sizes == tuple(sizes)
    assert model.config.dtype == dtype
    for own, theirs in zip(model.layers, given_.layers, strict=True):
        assert own.weight.tobytes() == theirs.weight.tobytes()
        assert own.bias.tobytes() == theirs.bias.tobytes()


def test_it_predicts_rows_whose_columns_are_its_inputs():
    model = adopt(foreign(2, 3, 2, activations=("tanh",), link="softmax"))
    table = pd.DataFrame({"x2": [0.5, 1.0], "x1": [2.0, -1.0]})
    X = table[["x1", "x2"]].to_numpy()
    first, second = model.layers
    Z = np.tanh(X @ first.weight + first.bias) @ second.weight + second.bias
    expected = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(table).iloc[:, 1:], expected, rtol=1e-12)


def test_names_of_the_file_are_kept_where_they_fit():
    model = adopt(foreign(2, 3, feature_names=("bill", "mass"), class_names=("A", "B", "C")))
    assert (model.feature_names, model.class_names) == (("bill", "mass"), ("A", "B", "C"))
    assert adopt(foreign(2, 3, feature_names=("bill", "bill"))).feature_names == ("x1", "x2")
    assert adopt(foreign(2, 3, class_names=("A",))).class_names == ("class 1", "class 2", "class 3")
    assert adopt(foreign(1, 2, feature_names=("class",))).recipe.target == "class_"


@pytest.mark.parametrize(
    ("outputs", "link", "task", "found"),
    [(3, None, "classification", "softmax"), (1, None, "regression", "linear"), (1, "sigmoid", "classification", "")],
)
def test_the_output_link_is_assumed_from_the_outputs(outputs, link, task, found):
    model = adopt(foreign(2, outputs, link=link))
    assert model.recipe.task == task
    assert model.network.link == (found or link)


@pytest.mark.parametrize(
    ("outputs", "link", "assumed", "found"),
    [
        (3, "linear", None, "linear"),  # import then export computes what the file does
        (3, "linear", "softmax", "softmax"),  # logits
        (1, "linear", "sigmoid", "sigmoid"),
        (3, None, "linear", "linear"),
        (3, "softmax", "linear", "softmax"),  # what stands in the file stays
        (3, "softmax", "sigmoid", "softmax"),
    ],
)
def test_a_link_can_be_put_after_the_sums_that_a_file_gives_out(outputs, link, assumed, found):
    file, assumptions = foreign(2, outputs, link=link), Assumptions(link=assumed)
    model = adopt(file, assumptions)
    assert model.network.link == found
    sentences = [each for each in assumed_sentences(file, assumptions) if "sums themselves" in each]
    assert len(sentences) == (link == "linear")
    table = pd.DataFrame({"x1": [0.5, -1.0], "x2": [2.0, 0.25]})
    if outputs > 1:  # the classes are those of the largest sums in any case
        sums = table.to_numpy() @ model.layers[0].weight + model.layers[0].bias
        assert model.predict(table)["prediction"].tolist() == [f"class {each + 1}" for each in sums.argmax(axis=1)]


def test_a_single_sum_is_a_value_and_nothing_is_said_of_it():
    assert assumed_sentences(foreign(2, 1, link="linear"), Assumptions(recipe=adopt(foreign(2, 1)).recipe)) == ()


def test_what_is_assumed_is_said():
    assert len(assumed_sentences(foreign(2, 2, 2))) == 3
    sentences = assumed_sentences(foreign(2, 2, 2), Assumptions(activation="tanh", link="linear"))
    assert "tanh" in sentences[0]
    assert "linear" in sentences[1]
    recipe = adopt(foreign(2, 2)).recipe
    assert assumed_sentences(foreign(2, 2, link="softmax"), Assumptions(recipe=recipe)) == ()


def test_a_recipe_of_another_network_is_refused():
    with pytest.raises(ConfigError, match="inputs"):
        adopt(foreign(3, 2), Assumptions(recipe=adopt(foreign(2, 2)).recipe))


def test_layers_that_do_not_follow_one_another_are_refused_by_their_place():
    broken = Foreign(foreign(2, 3).layers + foreign(2, 3).layers, (None,))
    with pytest.raises(ModelFileError, match="layer 2"):
        adopt(broken)
    with pytest.raises(ModelFileError, match="no chain"):
        adopt(Foreign((), ()))
    nan = foreign(1, 1)
    nan.layers[0].bias[0] = np.nan
    with pytest.raises(ModelFileError, match="finite"):
        adopt(nan)
    with pytest.raises(ModelFileError, match="no activation 'glu'"):
        adopt(foreign(1, 1, 1, activations=("glu",)))
