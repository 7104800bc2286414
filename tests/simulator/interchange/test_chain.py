import numpy as np
import pytest

from simulator.errors import ModelFileError
from simulator.interchange import adopt
from simulator.interchange.chain import LARGEST_COPY, Chain

draw = np.random.default_rng(0)
W, b = draw.normal(size=(3, 2)), draw.normal(size=2)
X = draw.normal(size=(5, 3))


def test_an_activation_after_the_last_layer_becomes_that_of_a_hidden_one():
    chain = Chain(told=True)
    chain.linear("only", W, b)
    chain.activation("only", "tanh")
    found = chain.finished()
    assert found.sizes == (3, 2, 2)
    assert found.activations == ("tanh",)
    np.testing.assert_allclose(adopt(found).outputs(X), np.tanh(X @ W + b), rtol=1e-12)
    assert "hands on" in found.notes[0]


def test_numbers_are_scaled_by_the_layer_before_or_after():
    chain = Chain(told=True)
    chain.affine("rescaling", np.array([0.5]), np.array([2.0]))
    chain.affine("norm", np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3]))
    chain.linear("only", W, b)
    chain.affine("after", np.array([3.0, 4.0]), np.array([-1.0, 1.0]))
    scaled = (X * 0.5 + 2.0) * [1.0, 2.0, 3.0] + [0.1, 0.2, 0.3]
    expected = (scaled @ W + b) * [3.0, 4.0] + [-1.0, 1.0]
    np.testing.assert_allclose(adopt(chain.finished()).outputs(X), expected, rtol=1e-12)


def test_dropout_stays_with_hidden_layers_and_is_left_out_elsewhere():
    chain = Chain(told=True)
    chain.dropout("first", 0.5)
    chain.linear("one", W, b)
    chain.activation("one", "relu")
    chain.dropout("second", 0.2)
    chain.linear("two", W.T, np.zeros(3))
    chain.dropout("third", 0.2)
    found = chain.finished()
    assert found.dropout == (0.2,)
    assert len(found.notes) == 2


def test_what_is_no_chain_is_refused_by_the_name_of_the_layer():
    def relu_twice(chain):
        chain.linear("one", W, b)
        chain.activation("one", "relu")
        chain.activation("two", "tanh")

    def softmax_inside(chain):
        chain.linear("one", W, b)
        chain.activation("one", "softmax")
        chain.linear("two", W.T, np.zeros(3))

    def other_size(chain):
        chain.linear("one", W, b)
        chain.linear("two", W, b)

    def scaling_at_the_end(chain):
        chain.linear("one", W, b)
        chain.activation("one", "relu")
        chain.affine("two", np.ones(2), np.ones(2))

    def scaling_of_another_size(chain):
        chain.affine("two", np.ones(4), np.ones(4))
        chain.linear("one", W, b)

    def activation_first(chain):
        chain.activation("two", "relu")

    def wide_end(chain):
        chain.linear("two", np.zeros((1, LARGEST_COPY + 1)), np.zeros(LARGEST_COPY + 1))
        chain.activation("two", "relu")

    def finished(chain, make):
        make(chain)
        chain.finished()

    for make in (relu_twice, softmax_inside, other_size, scaling_at_the_end, scaling_of_another_size, activation_first,
                 wide_end):  # fmt: skip
        chain = Chain(told=True)
        with pytest.raises(ModelFileError, match=r"'two'|'one'") as refused:
            finished(chain, make)
        assert refused.value.hint
    with pytest.raises(ModelFileError, match="no fully connected"):
        Chain(told=True).finished()
