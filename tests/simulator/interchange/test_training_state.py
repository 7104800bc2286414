"""Our own formats hold what training goes on from, exactly; what is not that of a training is refused."""

import dataclasses
import io
import json
import math

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ConfigError, ExportError, ModelFileError
from simulator.interchange import FORMATS, ExportOptions, load_model, save_model
from simulator.interchange.document import describe, interpret, read_document, write_document
from simulator.interchange.tensors import expected_shapes
from simulator.interchange.training_state import FIGURES, Progression, TrainingState, memory_names
from simulator.nn import choices
from simulator.nn.optimizers import OPTIMIZERS
from simulator.spec import Rule

OURS = [name for name, row in FORMATS.items() if row.group == "ours"]
ODD = (0.1, -0.0, 1e-320, 1.7976931348623157e308)


def progression(scalars=(), **changes) -> Progression:
    record = (0.25, math.inf, 0.5, math.nan, 0.01, 3.5, 12.0)
    told = Progression(3, 16, 1234, 0.01, math.nan, scalars, (0.5, 7.0, 0.0, 0.0), record, "ab" * 16)
    return dataclasses.replace(told, **changes)


@pytest.fixture
def make_trained(make_model):
    """A function that makes a model with a training state of random numbers."""

    def make(optimizer: str = "adam", dtype: str = "float32", **changes):
        model = make_model(dtype=dtype)
        config = dataclasses.replace(model.config, optimizer=Rule(optimizer))
        shape = (len(memory_names(config)), model.network.parameter_count)
        memory = np.random.default_rng(1).normal(size=shape).astype(dtype)
        scalars = ODD[: len(choices.optimizer(config).scalars)]
        state = TrainingState(memory, progression(scalars, **changes))
        return dataclasses.replace(model, config=config, training=state)

    return make


def exactly(state: TrainingState) -> tuple[object, ...]:
    # NaN and −0 have to be the same, too.
    return state.memory.dtype, state.memory.tobytes(), repr(state.progression)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OURS)
def test_what_training_goes_on_from_comes_back_with_the_same_bits(make_trained, tmp_path, name, dtype, optimizer):
    model = make_trained(optimizer, dtype)
    first = save_model(model, tmp_path / f"a{FORMATS[name].suffix}")
    found = load_model(first)
    assert exactly(found.training) == exactly(model.training)
    assert found.parameters.tobytes() == model.parameters.tobytes()
    again = save_model(found, tmp_path / f"b{FORMATS[name].suffix}")
    assert again.read_bytes() == first.read_bytes()


def test_what_the_optimizer_remembers_of_a_weight_stands_beside_it_under_its_name(make_trained, tmp_path):
    model = make_trained()
    tensors = safetensors.numpy.load_file(save_model(model, tmp_path / "m.safetensors"))
    weights = expected_shapes(model.network)
    assert {name for name in tensors if name.startswith("layers.")} == {*weights}
    for name, shape in weights.items():
        assert tensors[f"optimizer.m.{name}"].shape == tensors[f"optimizer.v.{name}"].shape == shape
    units, inputs = weights["layers.0.weight"]
    known = model.training.memory[0, : units * inputs].reshape(inputs, units)
    np.testing.assert_array_equal(tensors["optimizer.m.layers.0.weight"], known.T)


@pytest.mark.parametrize("name", OURS)
def test_a_file_without_a_training_state_is_of_the_first_version_and_opens(make_model, tmp_path, name):
    model = make_model()
    assert describe(model, training=True)["version"] == 1
    assert load_model(save_model(model, tmp_path / f"m{FORMATS[name].suffix}")).training is None


def test_a_format_without_room_for_the_memory_writes_a_document_that_stands_alone(make_trained):
    model = make_trained()
    assert read_document(write_document(model)).progression is None
    assert read_document(write_document(model, training=True)).progression is not None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda told: told.pop("updates"), "updates"),
        (lambda told: told.update(updates=-1), "-1"),
        (lambda told: told.update(updates=True), "True"),
        (lambda told: told.update(item=1.5), "1.5"),
        (lambda told: told.update(batch_size=0), "moment"),
        (lambda told: told.update(learning_rate=None), "learning rate"),
        (lambda told: told.update(learning_rate="inf"), "learning rate"),
        (lambda told: told.update(sums=[0, 0]), "optimizer"),
        (lambda told: told.update(sums=[0, 0, None, 0]), "sums"),
        (lambda told: told.update(sums=7), "training state"),
        (lambda told: told.update(scalars=[1.0]), "optimizer"),
        (lambda told: told.update(scalars=["one"]), "no number"),
        (lambda told: told.update(record=[]), "optimizer"),
        (lambda told: told.update(data=7), "7"),
    ],
)
def test_a_training_state_that_was_changed_is_refused(make_trained, change, named):
    parts = describe(make_trained(), training=True)
    change(parts["training"])
    with pytest.raises(ModelFileError) as refused:
        interpret(parts)
    assert named in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize("value", [[], "yes", 3, True])
def test_a_training_state_that_is_none_is_refused(make_trained, value):
    with pytest.raises(ModelFileError, match="training state"):
        interpret(describe(make_trained(), training=True) | {"training": value})


@given(value=st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
                          lambda inner: st.lists(inner, max_size=5), max_leaves=8),
       name=st.sampled_from([field.name for field in dataclasses.fields(Progression)]))  # fmt: skip
def test_any_value_in_it_gives_a_state_or_a_refusal(value, name):
    parts = progression().to_json() | {name: value}
    try:
        found = Progression.from_json(parts)
        found.check(OPTIMIZERS["adam"]())
    except (ConfigError, TypeError, KeyError, OverflowError):
        return
    assert len(found.record) == len(FIGURES)


def _rewritten(path, change) -> io.BytesIO:
    """Return the file with other tensors, as safetensors."""
    with safetensors.safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    tensors = change(safetensors.numpy.load_file(path))
    return io.BytesIO(safetensors.numpy.save(tensors, metadata=metadata))


def _without(name):
    return lambda tensors: {each: array for each, array in tensors.items() if not each.startswith(name)}


def _with(name, change):
    return lambda tensors: tensors | {name: change(tensors)}


BIAS = "optimizer.m.layers.0.bias"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_without("optimizer.v.layers.1.bias"), "missing"),
        (_without("optimizer"), "missing"),
        (_with("optimizer.w.layers.0.bias", lambda tensors: tensors[BIAS]), "belongs to no layer"),
        (_with(BIAS, lambda tensors: tensors["layers.1.bias"]), "shape"),
        (_with(BIAS, lambda tensors: tensors[BIAS] * np.nan), "finite"),
        (_with(BIAS, lambda tensors: tensors[BIAS].astype(np.float64)), "float32"),
    ],
)
def test_a_memory_that_does_not_fit_is_refused_by_name(make_trained, tmp_path, change, named):
    made = _rewritten(save_model(make_trained(), tmp_path / "m.safetensors"), change)
    with pytest.raises(ModelFileError, match=named):
        FORMATS["safetensors"].load(made, len(made.getvalue()))


def test_tensors_of_a_memory_without_a_description_are_refused(make_model, make_trained, tmp_path):
    model = make_model()
    made = io.BytesIO(
        safetensors.numpy.save(
            safetensors.numpy.load_file(save_model(make_trained(), tmp_path / "m.safetensors")),
            metadata={"nodeglow": write_document(model)},
        )
    )
    with pytest.raises(ModelFileError, match="belongs to no layer"):
        FORMATS["safetensors"].load(made, len(made.getvalue()))


def test_a_memory_of_another_shape_or_number_format_makes_no_model(make_trained):
    model = make_trained()
    for memory in (model.training.memory[:1], model.training.memory.astype(np.float64)):
        with pytest.raises(ConfigError, match="memory"):
            dataclasses.replace(model, training=TrainingState(memory, model.training.progression))


def test_a_memory_that_is_not_finite_is_not_written(make_trained, tmp_path):
    model = make_trained()
    state = TrainingState(model.training.memory * np.float32(np.inf), model.training.progression)
    with pytest.raises(ExportError, match="not finite"):
        save_model(dataclasses.replace(model, training=state), tmp_path / "m.npz")
    assert not [*tmp_path.iterdir()]


def test_predictions_do_not_depend_on_it(make_trained, make_table):
    model, table = make_trained(), make_table(20)
    alone = dataclasses.replace(model, training=None)
    assert model.predict(table).equals(alone.predict(table))


def test_it_is_readable_text_in_a_json_file(make_trained, tmp_path):
    value = json.loads(save_model(make_trained(), tmp_path / "m.json").read_text())
    assert value["training"]["updates"] == 1234
    assert value["training"]["record"][1:4] == ["inf", 0.5, None]
    assert "optimizer.m.layers.0.weight" in value["tensors"]


def test_a_newer_file_says_so(make_trained):
    with pytest.raises(ModelFileError, match="newer"):
        interpret(describe(make_trained(), training=True) | {"version": 3})


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", OURS)
def test_a_file_of_which_bytes_were_changed_gives_a_model_or_is_refused(make_trained, name, data):
    content = bytearray(FORMATS[name].save(make_trained(), ExportOptions()))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        found = FORMATS[name].load(io.BytesIO(bytes(content)), len(content))
    except ModelFileError:
        return
    assert found.training is None or np.isfinite(found.training.memory).all()
