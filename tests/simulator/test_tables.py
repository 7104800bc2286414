import pytest

from simulator.errors import ConfigError
from simulator.tables import look_up

TABLE = {"leaky_relu": 1, "relu": 2, "tanh": 3}


def test_a_row_is_found_by_its_name():
    assert look_up(TABLE, "relu", "activation") == 2


@pytest.mark.parametrize(
    ("wrong", "meant"), [("rel", "relu"), ("Leaky ReLU", "leaky_relu"), ("leaky-relu", "leaky_relu")]
)
def test_a_wrong_name_is_refused_and_the_nearest_one_suggested(wrong, meant):
    with pytest.raises(ConfigError, match="no activation called") as caught:
        look_up(TABLE, wrong, "activation")
    assert caught.value.hint.startswith(f"Did you mean {meant!r}?")


def test_a_name_like_no_other_gets_the_list():
    with pytest.raises(ConfigError) as caught:
        look_up(TABLE, "xyz", "activation")
    assert caught.value.hint == "There are: leaky_relu, relu, tanh."
