import pytest

from simulator.data import BUNDLED, Dataset, open_dataset
from simulator.errors import ConfigError
from simulator.nn import choices
from simulator.nn.losses import LOSSES
from simulator.spec import Rule
from simulator.training.defaults import default_batch_size, default_config, default_network, with_default_rate


@pytest.fixture(scope="module", params=[name for name in BUNDLED if name != "mnist"])
def dataset(request) -> Dataset:
    return open_dataset(request.param)


def test_the_defaults_of_every_bundled_set_go_together(dataset):
    network, config = default_network(dataset), default_config(dataset)
    choices.check(network, config)
    assert (network.inputs, network.outputs) == (dataset.X_train.shape[1], dataset.Y_train.shape[1])
    assert network.link == ("softmax" if dataset.task == "classification" else "linear")


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_gets_outputs_that_it_goes_with_or_is_refused(dataset, loss):
    if dataset.task == "regression" and "linear" not in LOSSES[loss].links:
        with pytest.raises(ConfigError, match="is a value"):
            default_network(dataset, loss=loss)
        return
    choices.check(default_network(dataset, loss=loss), default_config(dataset, loss))


def test_the_penguins_get_the_network_of_the_lesson():
    penguins = open_dataset("penguins")
    assert default_network(penguins).sizes == (4, 8, 8, 3)
    assert [layer.activation for layer in default_network(penguins).hidden] == ["tanh", "tanh"]
    config = default_config(penguins)
    assert (config.loss, config.batch_size) == (Rule("cross_entropy"), 16)
    assert config.optimizer == Rule("adam", learning_rate=0.01)


def test_a_rate_follows_the_target_unless_one_is_named_or_the_optimizer_has_another_scale():
    classes, value = open_dataset("iris"), open_dataset("diabetes")
    assert with_default_rate(classes, Rule("nadam")) == Rule("nadam", learning_rate=0.01)
    assert with_default_rate(value, Rule("nadam")) == Rule("nadam", learning_rate=0.001)
    assert with_default_rate(value, Rule("adam", learning_rate=0.5)) == Rule("adam", learning_rate=0.5)
    assert with_default_rate(value, Rule("sgd")) == Rule("sgd")


@pytest.mark.parametrize(("rows", "size"), [(1, 16), (333, 16), (1024, 16), (1025, 32), (60_000, 1024), (10**7, 1024)])
def test_batches_grow_with_the_rows(rows, size):
    assert default_batch_size(rows) == size
