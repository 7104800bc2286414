import dataclasses
import json
import re

import numpy as np
import pytest
import safetensors

from simulator.errors import ModelFileError
from simulator.interchange import FORMATS, ExportOptions, Model, load_model, read_model, save_model
from simulator.interchange.sequential import ACTIVATIONS, LINKS, linear_places, sequential
from simulator.nn import activations, links
from simulator.spec import LayerSpec

NAME = "pytorch_sequential"


@pytest.fixture
def with_dropout(make_model):
    model = make_model(((5, "linear"), (3, "leaky_relu")))
    hidden = (LayerSpec(5, "linear", 0.25), LayerSpec(3, "leaky_relu"))
    return dataclasses.replace(model, network=dataclasses.replace(model.network, hidden=hidden))


def test_every_activation_and_link_has_its_module():
    assert list(ACTIVATIONS) == list(activations.ACTIVATIONS)
    assert list(LINKS) == list(links.LINKS)


def test_activations_and_dropout_take_places(with_dropout, tmp_path):
    assert linear_places(with_dropout.network) == (0, 3, 5)
    path = save_model(with_dropout, tmp_path / "m.safetensors", NAME)
    with safetensors.safe_open(path, framework="numpy") as file:
        assert sorted(file.keys()) == ["0.bias", "0.weight", "3.bias", "3.weight", "5.bias", "5.weight"]
        assert np.array_equal(file.get_tensor("3.weight"), with_dropout.layers[1].weight.T)
        metadata = file.metadata()
    assert metadata["format"] == "pt"
    assert metadata["module"] == (
        "nn.Sequential(nn.Linear(4, 5), nn.Identity(), nn.Dropout(0.25), nn.Linear(5, 3), nn.LeakyReLU(0.01), "
        "nn.Linear(3, 3), nn.Softmax(dim=1))"
    )
    assert metadata["module"] in FORMATS[NAME].limits(with_dropout, ExportOptions())[0]
    loaded = read_model(path)
    assert isinstance(loaded, Model)
    assert loaded.network == with_dropout.network


def test_a_model_of_float64_says_so(make_model):
    assert sequential(make_model(()).network, "float64").endswith(", nn.Softmax(dim=1)).double()")


@pytest.mark.parametrize(
    ("old", "new"), [("2.weight", "1.weight"), ("2.weight", "layers.1.weight"), ("2.bias", "4.bias"), ("0.w", "9.w")]
)
def test_names_that_do_not_fit_the_network_are_refused(make_model, tmp_path, old, new):
    path = save_model(make_model(((5, "tanh"),)), tmp_path / "m.safetensors", NAME)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    text = content[8 : 8 + length].decode()
    assert json.loads(text)
    text = re.sub(f'"{re.escape(old)}', f'"{new}', text)
    path.write_bytes(len(text).to_bytes(8, "little") + text.encode() + content[8 + length :])
    with pytest.raises(ModelFileError, match=r"missing|belongs to no layer"):
        load_model(path)
