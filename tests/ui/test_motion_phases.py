"""The phases of an update: what they say and show comes from the network, and ends where the engine ends."""

import dataclasses
import itertools

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.explain import figure
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_loss, default_network
from simulator.training.session import Session
from ui.asking import account_of
from ui.canvas.act import GRADIENT, Act
from ui.canvas.picture import compose, value_text
from ui.motion.phases import GRAINS, phases_of
from ui.selection import describe, places

SHARES = (0.0, 0.2, 0.45, 0.7, 0.95, 1.0)
HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]
CASES = list(zip(itertools.cycle(HEADS), OPTIMIZERS, strict=False)) + list(zip(HEADS, itertools.cycle(OPTIMIZERS)))


@pytest.fixture(scope="module")
def data():
    """Data sets, each opened once."""
    opened = {}

    def find(name):
        if name not in opened:
            opened[name] = open_dataset(name)
        return opened[name]

    return find


class Told:
    """A session somewhere in a run, and the phases of its next update with some row."""

    def __init__(self, dataset, network=None, row=None, batches=2, grain="layer", inputs=None, **settings):
        loss = Rule(default_loss(dataset))
        config = TrainingConfig(**({"dtype": "float64", "loss": loss} | settings))
        network = network or default_network(dataset, (5, 4))
        self.dataset, self.session = dataset, Session(dataset, network, config, "reference")
        if batches:
            self.session.advance(batches, "batch")
        self.moment = self.session.moment()
        shown = int(dataset.train_rows[self.moment.rows[0]]) if row is None else row
        self.chosen = describe(dataset, places(dataset), shown)
        if inputs is not None:
            self.chosen = dataclasses.replace(self.chosen, split="changed", inputs=inputs, actual=None, truth=None)
        self.account = account_of(self.moment, None, dataset, self.chosen)
        self.row = None if self.account.row is None else self.account.row.explanation
        self.batch = self.account.batch.explanation
        self.phases = phases_of(self.account, grain, self.session.records)

    def __getitem__(self, key):
        return next(phase for phase in self.phases if phase.key == key)

    def of_step(self, step):
        return [phase for phase in self.phases if phase.step == step]

    @property
    def text(self):
        return " ".join(phase.text for phase in self.phases)

    @property
    def picture(self):
        return compose(
            self.moment.network,
            self.moment.layers,
            self.chosen.inputs,
            feature_names=self.dataset.feature_names,
            class_names=self.dataset.class_names,
        )


def a_test_row(dataset):
    return int(dataset.test_rows[0])


def an_unused_row(dataset):
    return int(np.flatnonzero(places(dataset) == 0)[0])


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("name", ["penguins", "auto_mpg", "breast_cancer"])
def test_the_seven_steps_follow_each_other_and_the_canvas_can_draw_every_instant(data, name, grain):
    told = Told(data(name), grain=grain)
    steps = [phase.step for phase in told.phases]
    assert steps == sorted(steps)
    assert set(steps) == set(range(1, 8))
    assert len({phase.key for phase in told.phases}) == len(told.phases)
    for phase, share in itertools.product(told.phases, SHARES):
        act = phase.act(share)
        assert dataclasses.replace(told.picture, act=act).now is act
        assert phase.title
        assert phase.text.endswith(".")
        assert phase.seconds > 0
        assert "NaN" not in phase.text


@pytest.mark.parametrize("grain", GRAINS)
def test_every_number_that_a_phase_hands_to_the_inspector_exists(data, grain):
    told = Told(data("penguins"), grain=grain)
    for phase in told.phases:
        if phase.number is not None:
            ancestry = told.account.row if phase.number.row >= 0 else told.account.batch
            assert ancestry.value(phase.number) is not None
    assert sum(phase.number is not None for phase in told.phases) > 8


@pytest.mark.parametrize(("head", "optimizer"), CASES)
def test_the_new_weights_of_step_6_are_those_of_the_engine(data, head, optimizer):
    loss, link = head
    network = NetworkSpec(4, (LayerSpec(4, "tanh"),), 3, link)
    told = Told(data("penguins"), network, loss=Rule(loss), optimizer=Rule(optimizer))
    before = told.moment.layers
    changes, new = told["update step"].act(1.0), told["update new"].act(1.0)
    told.session.advance(1, "batch")
    for old, layer, change, shown in zip(
        before, told.session.snapshot().layers, changes.edge_values, new.edge_values, strict=True
    ):
        np.testing.assert_allclose(shown, layer.weight, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(change, layer.weight - old.weight, rtol=1e-6, atol=1e-12)
    assert type(told.batch.update.workings).__name__ == "Workings"
    assert figure(told.batch.update.rate) in told["update step"].text


@pytest.mark.parametrize(("loss", "link"), HEADS)
def test_the_table_of_the_loss_adds_up_to_the_loss_of_the_row(data, loss, link):
    told = Told(data("penguins"), NetworkSpec(4, (LayerSpec(4),), 3, link), loss=Rule(loss))
    table = told["loss row"].act(1.0).loss
    said, wanted, apart, terms = (
        np.array(column) for column in zip(*(figures for _, figures in table.rows), strict=True)
    )
    assert [name for name, _ in table.rows] == list(told.dataset.class_names)
    np.testing.assert_allclose(said, told.picture.activations[-1], rtol=1e-12)
    assert wanted.tolist() == told.dataset.Y_train[told.moment.rows[0]].tolist()
    np.testing.assert_allclose(apart, np.abs(said - wanted), rtol=1e-12)
    assert float(table.total.rpartition("= ")[2].replace("−", "-")) == pytest.approx(terms.sum(), rel=1e-3)
    assert told["loss row"].act(0.0).loss.share == 0.0


def test_the_losses_of_the_batch_are_summed_up_and_averaged(data):
    told = Told(data("penguins"))
    table = told["loss batch"].act(1.0).loss
    losses = [value for _, (value,) in table.rows]
    assert sum(losses) == pytest.approx(told.batch.loss.rows.sum(), rel=1e-12)
    assert losses[:-1] == sorted(losses[:-1], reverse=True)
    text = told["loss batch"].text
    assert f"16 rows sum up to {figure(told.batch.loss.total)}" in text
    assert f"mean is {figure(told.batch.loss.mean)}" in text


def test_a_penalty_stands_beside_the_mean(data):
    told = Told(data("penguins"), l2=0.1)
    assert figure(told.batch.loss.penalty) in told["loss batch"].text
    assert told["loss batch"].number.kind == "objective"
    assert "penalty" in told["backward mean"].text


def test_signals_and_sums_are_those_of_the_network(data):
    told = Told(data("penguins"), grain="neuron")
    for layer, (logits, weights) in enumerate(zip(told.row.forward.logits, told.moment.layers, strict=True)):
        for unit in range(logits.shape[1]):
            phase = told[f"forward {layer}.{unit}"]
            act = phase.act(0.6)
            assert act.flow.unit == unit
            z = float(logits[0, unit])
            assert act.flow.values[:, unit].sum() + weights.bias[unit] == pytest.approx(z, rel=1e-9, abs=1e-12)
            (filling,) = act.fillings
            assert sum(term.value for term in filling.terms) == pytest.approx(z, rel=1e-9, abs=1e-12)
            assert filling.result is None
            (whole,) = phase.act(1.0).fillings
            if layer < 2:
                assert whole.result == pytest.approx(float(told.picture.activations[layer + 1][unit]), rel=1e-12)
            else:
                assert (whole.function, whole.result) == ("", None), "the outputs' link is told in step 3"


def test_numbers_appear_only_where_the_signals_have_arrived(data):
    told = Told(data("penguins"))
    sizes = told.moment.network.sizes
    assert told["rows"].act(1.0).revealed == (0, 0, 0, 0)
    assert told["forward inputs"].act(1.0).revealed == (4, 0, 0, 0)
    assert told["forward 0"].act(0.3).revealed == (4, 0, 0, 0)
    assert told["forward 0"].act(1.0).revealed == (4, sizes[1], 0, 0)
    assert not told["forward 2"].act(1.0).outcome
    assert told["output"].act(1.0).outcome


def test_gradients_flow_back_in_their_own_colours(data):
    told = Told(data("penguins"))
    for layer in (2, 1, 0):
        act = told[f"backward {layer}"].act(0.5)
        assert act.flow.backward
        assert act.flow.layer == layer
        assert act.edge_scale.ramp == act.node_scale.ramp == GRADIENT
        assert act.edges_from == 3 - layer
        np.testing.assert_allclose(
            act.flow.values, told.moment.layers[layer].weight * told.row.backward.deltas[layer][0], rtol=1e-12
        )
        np.testing.assert_allclose(act.edge_values[layer], told.row.backward.layers[layer].weight, rtol=1e-9)
    mean = told["backward mean"].act(1.0)
    for shown, layer in zip(mean.edge_values, told.batch.backward.layers, strict=True):
        np.testing.assert_allclose(shown, layer.weight, rtol=1e-12)


def test_a_layer_of_many_neurons_goes_at_once_however_fine_the_grain(data):
    told = Told(data("penguins"), default_network(data("penguins"), (60, 3)), grain="neuron")
    keys = [phase.key for phase in told.phases]
    assert "forward 0" in keys
    assert "forward 0.0" not in keys
    assert "forward 1.2" in keys
    assert "backward 0" in keys


def test_many_inputs_fill_a_sum_in_few_terms_that_still_add_up(data):
    told = Told(data("digits"), grain="neuron")
    (filling,) = told["forward 0.1"].act(1.0).fillings
    assert len(filling.terms) < 30
    assert filling.terms[-1].name == "bias"
    assert sum(term.value for term in filling.terms) == pytest.approx(float(told.row.forward.logits[0][0, 1]), rel=1e-9)


# -- words --------------------------------------------------------------------------------------------------------


def test_at_the_start_the_weights_are_said_to_be_random_and_later_to_have_changed(data):
    start = Told(data("penguins"), batches=0, seed=7)
    assert "drawn at random: glorot_uniform, seed 7" in start["forward 0"].text
    later = Told(data("penguins"), batches=20)
    assert "come through 20 updates" in later["forward 0"].text


def test_weights_that_were_opened_are_not_said_to_be_random(data):
    dataset = data("penguins")
    network = default_network(dataset, (3,))
    session = Session(dataset, network, TrainingConfig(), "reference", start=np.full(network.parameter_count, 0.1))
    account = account_of(session.moment(), None, dataset, describe(dataset, places(dataset), 0))
    text = " ".join(phase.text for phase in phases_of(account, "layer"))
    assert "random" not in text
    assert "opened with" in text


def test_step_1_counts_the_rows(data):
    told = Told(data("penguins"))
    text = told["rows"].text
    for part in ("274 rows of 344", "68 rows are kept to test it", "2 cannot be used", "batch 3 of 18 in epoch 1"):
        assert part in text


def test_the_row_is_said_in_real_units_and_standardised_only_where_it_is(data):
    assert "mm" in Told(data("penguins"))["forward inputs"].text
    assert "Standardised" in Told(data("penguins"))["forward inputs"].text
    assert "categories become 0 and 1" in Told(data("auto_mpg"))["forward inputs"].text
    assert "tandardised" not in Told(open_dataset("penguins", scale="none"))["forward inputs"].text


def test_the_answer_is_a_vector_of_probabilities(data):
    text = Told(data("penguins"))["output"].text
    assert "ŷ = [P(Adelie), P(Gentoo), P(Chinstrap)] = [" in text


def test_one_output_with_two_classes_says_both_probabilities(data):
    dataset = data("breast_cancer")
    told = Told(dataset, default_network(dataset, (3,), loss="binary_cross_entropy"), loss=Rule("binary_cross_entropy"))
    first, second = dataset.class_names
    assert f"ŷ = P({second}) = " in told["output"].text
    assert f"P({first}) = " in told["output"].text
    ((name, _),) = told["loss row"].act(1.0).loss.rows
    assert name == second


def test_a_value_is_said_in_its_unit(data):
    told = Told(data("auto_mpg"))
    value = float(told.dataset.recipe.value(told.row.forward.outputs[0])[0])
    assert "standardised units" in told["output"].text
    assert told["output"].text.endswith(f"that is mpg {value_text(value)}.")
    assert "In truth mpg is" in told["loss row"].text


def test_a_row_outside_the_batch_is_shown_but_the_update_follows_from_the_batch(data):
    told = Told(data("penguins"), row=a_test_row(data("penguins")))
    assert f"Row {told.chosen.row + 1} is not in this batch" in told["rows"].text
    inside = Told(data("penguins"))
    assert "not in this batch" not in inside.text


def test_what_if_has_no_loss_and_the_batch_flows_back_instead(data):
    told = Told(data("penguins"), inputs=np.array([0.5, -1.0, 2.0, 0.1]))
    assert "What if" in told["loss row"].text
    assert told["loss row"].act(1.0).loss is None
    act = told["backward 1"].act(1.0)
    np.testing.assert_allclose(act.edge_values[1], told.batch.backward.layers[1].weight)
    assert all(np.isfinite(values).all() for values in act.edge_values)
    assert "mean of its 16 rows" in told["backward 1"].text


def test_an_unused_row_goes_nowhere_but_the_batch_does(data):
    told = Told(data("penguins"), row=an_unused_row(data("penguins")))
    assert {phase.step for phase in told.phases} == set(range(1, 8))
    assert "lacks a value" in told["forward inputs"].text
    assert told["output"].act(1.0).revealed == (0, 0, 0, 0)
    assert np.isfinite(told["backward mean"].act(1.0).edge_values[0]).all()


def test_dropout_is_said_because_the_shown_row_goes_without_it(data):
    network = NetworkSpec(4, (LayerSpec(5, "tanh", 0.4),), 3)
    told = Told(data("penguins"), network)
    assert "without dropout" in told["forward 0"].text
    assert "with dropout" in told["loss batch"].text
    assert "dropout" not in Told(data("penguins")).text


def test_clipping_and_decay_are_said(data):
    told = Told(data("penguins"), clip_norm=0.01, optimizer=Rule("sgd", weight_decay=0.02))
    assert "SGD, learning rate" in told["update step"].text
    assert "weight decay 0.02" in told["update step"].text
    assert f"clipped to {figure(told.batch.update.clip)}" in told["update step"].text


def test_frozen_parameters_stay_and_are_counted(data):
    told = Told(data("penguins"))
    frozen = np.zeros(told.moment.network.parameter_count, dtype=bool)
    frozen[:20] = True
    moment = dataclasses.replace(told.moment, frozen=frozen)
    phases = {p.key: p for p in phases_of(account_of(moment, None, told.dataset, told.chosen), "layer")}
    assert "20 frozen parameters" in phases["update step"].text
    assert not phases["update step"].act(1.0).edge_values[0].any()


def test_the_run_is_told_from_the_first_epoch_to_now(data):
    told = Told(data("penguins"), batches=40)
    records = told.session.records
    assert f"from {figure(float(records['train_loss'][0]))} to" in told["again"].text
    assert "batch 5 of 18 in epoch 3, batch 6 is next" in told["again"].text


def test_weights_that_are_no_numbers_any_more_are_said_and_drawn(data):
    told = Told(data("penguins"))
    values = told.moment.parameters.copy()
    values[3] = np.nan
    moment = dataclasses.replace(told.moment, parameters=values)
    for grain in GRAINS:
        phases = phases_of(account_of(moment, None, told.dataset, told.chosen), grain)
        assert any("Reset begins again" in phase.text for phase in phases)
        for phase, share in itertools.product(phases, SHARES):
            assert isinstance(phase.act(share), Act)


def test_colours_keep_their_scale_while_the_numbers_are_not_far_off(data):
    told, clamps = Told(data("penguins")), {}
    phases_of(told.account, "layer", None, clamps)
    first = dict(clamps)
    assert set(first) >= {"Δw"}
    told.session.advance(1, "batch")
    account = account_of(told.session.moment(), None, told.dataset, told.chosen)
    phases_of(account, "layer", None, clamps)
    assert clamps["Δw"] == first["Δw"]
