import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.insight.narrator import (
    RULES,
    Divergence,
    Evidence,
    Facts,
    Sentence,
    examined,
    facts_of,
    foremost,
    narrate,
)
from simulator.insight.narrator.sentence import TONES, listed, number, percent
from simulator.insight.narrator.stretches import joined, stretches, trailing
from simulator.snapshot import RECORD
from simulator.spec import NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_config, default_network
from simulator.training.session import Session

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def penguins():
    return open_dataset("penguins")


def evidence_of(session):
    moments = session.survey(60)
    last = moments[-1]
    looked = tuple(
        examined(each.epoch, each.time, each.network, each.config, each.dataset, each.layers) for each in moments
    )
    facts = facts_of(last.dataset, last.network, last.config)
    return Evidence(session.records, last.network, last.config, facts, looked)


def run(dataset, epochs, hidden=(8, 8), activation="tanh", network=None, layer=None, **config):
    made = default_network(dataset, hidden, activation)
    made = dataclasses.replace(made, hidden=tuple(dataclasses.replace(each, **(layer or {})) for each in made.hidden))
    made = dataclasses.replace(made, **(network or {}))
    session = Session(dataset, made, dataclasses.replace(default_config(dataset), **config), engine="reference")
    session.advance(epochs)
    return session


def story(*arguments, **choices):
    return {each.rule: each for each in narrate(evidence_of(run(*arguments, **choices)))}


@pytest.mark.parametrize("seed", range(10))
def test_the_default_penguins_tell_a_short_true_story(penguins, seed):
    session = Session(penguins, config=default_config(penguins, seed=seed), engine="reference")
    session.advance(100)
    evidence = evidence_of(session)
    found = narrate(evidence)
    assert [each.rule for each in found] == ["start", "first_learning", "solved", "plateau"]
    assert {each.tone for each in found} <= {"plain", "good"}
    told = {each.rule: each for each in found}
    records = session.records
    assert (records["train_loss"][: told["first_learning"].epoch] > 0.8 * records["train_loss"][0]).all()
    assert (records["test_accuracy"][told["solved"].about :] >= 0.9).all()
    assert all(each.evidence and each.how and each.text.endswith(".") for each in found)


def test_noise_is_memorised_and_the_best_epoch_is_named():
    columns = {f"x{nth}": RNG.normal(size=60) for nth in range(6)}
    noisy = open_dataset(pd.DataFrame({**columns, "y": RNG.choice(["a", "b"], 60)}))
    session = run(noisy, 60, (24, 24))
    evidence = evidence_of(session)
    told = {each.rule: each for each in narrate(evidence)}
    best = int(np.nanargmin(session.records["test_loss"]))
    assert told["memorising"].about == best
    assert f"Test loss has risen for {60 - best} epochs" in told["memorising"].text
    assert "test rows" in told["few_test_rows"].text
    # What was known earlier says what was true earlier, and nothing of what came later.
    early = {each.rule: each for each in narrate(evidence.until(told["memorising"].epoch))}
    assert f"risen for {told['memorising'].epoch - early['memorising'].about} epochs" in early["memorising"].text
    assert "memorising" not in {each.rule for each in narrate(evidence.until(told["memorising"].epoch - 1))}


def test_a_rate_that_is_too_small_is_told_and_one_that_is_too_large(penguins):
    assert "likely too small" in story(penguins, 12, optimizer=Rule("sgd", learning_rate=1e-5))["slow"].text
    wild = story(penguins, 40, optimizer=Rule("adam", learning_rate=1.0))
    assert "likely too large" in wild["oscillation"].text
    assert "tanh neurons of hidden 1 are saturated" in wild["saturated_1"].text


def test_silent_neurons_are_counted_with_the_epoch_since_when(penguins):
    session = run(penguins, 25, activation="relu", optimizer=Rule("adam", learning_rate=0.3))
    evidence = evidence_of(session)
    told = {each.rule: each for each in narrate(evidence)}
    sentence = told["silent_2"]
    assert f"{len(sentence.neurons)} of 8 relu neurons of hidden 2 are silent for every training row" in sentence.text
    since = next(moment for moment in evidence.moments if moment.epoch == sentence.about)
    after = [moment for moment in evidence.moments if moment.time > since.time]
    assert all(set(sentence.neurons) <= set(moment.health.units("silent")) for moment in after)
    before = [moment for moment in evidence.moments if moment.epoch < sentence.about]
    assert not before or not set(sentence.neurons) <= set(before[-1].health.units("silent"))


def test_start_weights_that_are_equal_explain_why_nothing_is_learned(penguins):
    told = story(penguins, 12, network={"initializer": "zeros"})
    assert told["twins"].neurons == tuple((layer, unit) for layer in (1, 2) for unit in range(8))
    assert "likely too small" not in told["slow"].text
    assert "says Adelie for every training row" in told["one_class"].text


def test_deep_sigmoids_let_the_gradient_vanish(penguins):
    told = story(penguins, 3, hidden=(6,) * 8, activation="sigmoid", optimizer=Rule("sgd", learning_rate=0.1))
    assert "vanishes" in told["gradients"].text


def test_inputs_that_are_not_scaled_are_named():
    told = story(open_dataset("penguins", unscaled=True), 2)
    assert "body_mass_g reaches 6,050" in told["unscaled_inputs"].text
    assert told["unscaled_inputs"].neurons == ((0, 3),)
    assert "8 of 8 tanh neurons of hidden 1 are saturated" in told["saturated_1"].text


def test_a_majority_that_is_always_said_is_told():
    values = {"a": RNG.normal(size=200), "b": RNG.normal(size=200), "y": np.where(RNG.random(200) < 0.85, "no", "yes")}
    told = story(open_dataset(pd.DataFrame(values)), 20, (3,))
    assert "always saying no gets" in told["majority"].text
    assert "no for every training row" in told["one_class"].text
    assert told["one_class"].rows


def test_dropout_penalties_and_schedules_are_explained(penguins):
    dropout = story(penguins, 20, layer={"dropout": 0.5})
    assert "because dropout" in dropout["dropout"].text
    assert "oscillation" not in dropout
    assert "penalty keeps the weights" in story(penguins, 15, l2=1.0)["penalty"].text
    decayed = story(penguins, 20, schedule=Rule("exponential", gamma=0.7))["decayed"]
    assert decayed.epoch == 14


def test_a_changed_setting_is_told_at_its_epoch(penguins):
    session = Session(penguins, engine="reference")
    session.advance(6)
    slower = session.config.optimizer.having(learning_rate=0.001)
    session.configure(config=dataclasses.replace(session.config, optimizer=slower))
    session.advance(4)
    told = {each.rule: each for each in narrate(evidence_of(session))}
    assert told["settings"].text == "Changed at epoch 6: learning rate: 0.01 → 0.001."


def test_figures_of_other_data_are_not_compared_with_those_of_now(penguins):
    session = Session(penguins, engine="reference")
    session.advance(8)
    session.change_data(open_dataset("penguins", unscaled=True))
    session.advance(8)
    evidence = evidence_of(session)
    assert evidence.data_since == 8
    first = facts_of(penguins, session.network, session.config)
    told = {each.rule: each for each in narrate(dataclasses.replace(evidence, start_facts=first))}
    assert told["settings"].text == "Changed at epoch 8: the training data."
    assert told["unscaled_inputs"].epoch == 8
    assert told["solved"].text.startswith("Before the data changed: solved: since epoch 1")
    assert "oscillation" not in told
    assert "memorising" not in told


def test_two_classes_with_one_output_are_told_of():
    session = run(
        open_dataset("breast_cancer"), 6, loss=Rule("binary_cross_entropy"), network={"outputs": 1, "link": "sigmoid"}
    )
    told = {each.rule: each for each in narrate(evidence_of(session))}
    assert "test loss 0." in told["start"].text
    assert told["start"].evidence[0][1] != "not a number"


def test_a_value_is_told_by_the_variance_that_is_explained():
    x = np.linspace(-1, 1, 150)
    told = story(open_dataset(pd.DataFrame({"x": x, "y": 3 * x})), 60, (4,), optimizer=Rule("adam", learning_rate=0.01))
    assert "of the variance of the test rows (R²)" in told["solved"].text


# -- by hand -------------------------------------------------------------------------------------------------------


FACTS = Facts("made", ("a", "b"), 100, 40, (60, 40), 0.6, 0.67, 0.67, (("x", 1.0, 3.0),))


def _records(train, test=None, accuracy=0.5, rate=0.01):
    rows = np.zeros(len(train), RECORD)
    rows["epoch"] = np.arange(len(train))
    rows["train_loss"], rows["test_loss"] = train, train if test is None else test
    rows["train_accuracy"] = rows["test_accuracy"] = accuracy
    rows["learning_rate"] = rate
    return rows


def _told(records, facts=FACTS, **more):
    return narrate(Evidence(records, NetworkSpec(1, (), 2), TrainingConfig(), facts, **more))


def test_a_plateau_ends_and_is_told_in_the_past_then():
    train = np.concatenate([np.linspace(0.7, 0.55, 10), np.full(50, 0.55), np.linspace(0.55, 0.05, 60)])
    found = [each for each in _told(_records(train)) if each.rule == "plateau"]
    assert len(found) == 1
    assert found[0].text.startswith("Stuck: from epoch 9 to ")
    assert found[0].about == 9


def test_two_stretches_are_two_sentences_and_no_flicker_makes_more():
    test = np.full(80, 0.2)
    test[10:30] = np.linspace(0.2, 0.5, 20)
    test[45:80] = np.linspace(0.2, 0.6, 35)
    wobble = 0.002 * (-1.0) ** np.arange(80)
    train = np.linspace(0.7, 0.1, 80)
    found = [each for each in _told(_records(train, test + wobble)) if each.rule == "memorising"]
    assert len(found) == 2
    assert found[0].text.startswith("From epoch ")
    assert found[1].text.startswith("Test loss has risen for ")


def test_a_divergence_says_how_far_off_the_rate_was_and_what_to_try():
    tried = ((1.5, 1.0, np.inf), (0.15, 1.0, 0.5))
    found = Divergence(7, 5, 3.0, 0.15, 0.1, tried, 4, clipped=True)
    told = {each.rule: each for each in _told(_records([1.0] * 7), divergence=found)}["divergence"]
    assert told.text == (
        "Diverged: the loss exploded in epoch 7: learning rate 3 is about 20 times too high for this network."
    )
    assert told.advice == "Set the learning rate to 0.1, or clip the gradient at 1."
    assert told.about == 5
    assert dict(told.evidence)["rate 1.5"] == "diverged"


def test_a_gradient_that_jumps_is_told_only_with_its_consequence():
    rows = _records(np.linspace(0.7, 0.1, 30))
    rows["gradient_norm"] = np.geomspace(1.0, 1e-3, 30) * np.where(np.arange(30) % 7 == 3, 30.0, 1.0)
    rows["gradient_norm"][12] = 250.0
    assert "gradient_norm" not in {each.rule for each in _told(rows)}  # no loss has felt it
    rows["train_loss"][13:] += 2.0
    told = {each.rule: each for each in _told(rows)}["gradient_norm"]
    assert told.text == (
        "The gradient jumps in epoch 12: its norm is 250, in the 11 epochs before at most 14.7; in epoch 13 the "
        "training loss is 2.43, before at most 0.679."
    )
    assert (told.about, told.epoch, told.holds) == (12, 13, True)
    assert "gradient_norm" not in {each.rule for each in _told(rows[:13])}
    rows["train_loss"][20:] = 0.1
    assert not {each.rule: each for each in _told(rows)}["gradient_norm"].holds


def test_a_new_least_test_loss_ends_what_was_memorised():
    test = np.concatenate([np.linspace(0.7, 0.2, 20), np.linspace(0.2, 0.5, 20), [0.1], np.full(6, 0.45)])
    told = [each for each in _told(_records(np.linspace(0.7, 0.1, 47), test)) if each.rule == "memorising"]
    assert [each.about for each in told] == [20]
    assert told[0].text.startswith("From epoch 20 to 39 test loss rose from 0.2 to 0.5, while train loss fell from ")
    assert not told[0].holds


def test_a_loss_that_jumps_has_not_settled():
    train = np.concatenate([[1.0, 0.2], np.where(np.arange(40) % 2, 0.3, 0.5)])
    told = {each.rule: each for each in _told(_records(train))}["plateau"]
    assert told.text.startswith("No progress: since epoch 1 no training loss is below 0.2 (epoch 1)")


ANY = st.one_of(st.floats(), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.0]))


@given(st.lists(st.tuples(ANY, ANY, ANY, ANY), max_size=60), st.booleans(), st.integers(0, 70))
def test_any_records_can_be_told_of(rows, classes, epoch):
    columns = np.array(rows, np.float64).reshape(-1, 4).T
    records = _records(columns[0], columns[1], columns[2], columns[3])
    facts = FACTS if classes else dataclasses.replace(FACTS, classes=(), train_counts=(), class_rows=())
    evidence = Evidence(records, NetworkSpec(1, (), 2), TrainingConfig(), facts)
    for found in (narrate(evidence), narrate(evidence.until(epoch))):
        epochs = [each.epoch for each in found]
        assert epochs == sorted(epochs)
        for each in found:
            assert each.tone in TONES
            assert 0 <= each.about <= max(0, len(rows) - 1)
            assert each.epoch <= max(0, len(rows) - 1)
            assert "nan" not in each.text.lower()
        keys = [(each.rule, each.epoch) for each in found]
        assert len(set(keys)) == len(keys)


@given(st.lists(st.floats(0.01, 2.0), min_size=2, max_size=80), st.integers(1, 79))
def test_what_was_known_at_a_moment_does_not_depend_on_what_came_later(losses, cut):
    cut = min(cut, len(losses) - 1)
    whole = Evidence(_records(losses), NetworkSpec(1, (), 2), TrainingConfig(), FACTS)
    early = Evidence(_records(losses[: cut + 1]), NetworkSpec(1, (), 2), TrainingConfig(), FACTS)
    assert narrate(whole.until(cut)) == narrate(early)
    # and what became known up to then is still told, though perhaps in the past tense
    known = {(each.rule, each.epoch) for each in narrate(early)}
    assert {key for key in known if key[0] != "memorising"} <= {(each.rule, each.epoch) for each in narrate(whole)}


@given(st.lists(st.booleans(), max_size=40), st.lists(st.booleans(), max_size=40))
def test_stretches_begin_and_end_where_they_should(begins, ends):
    n = min(len(begins), len(ends))
    found = stretches(begins[:n], ends[:n])
    expected, running = [], None
    for place in range(n):
        if running is not None and ends[place]:
            expected.append((running, place - 1))
            running = None
        if running is None and begins[place] and not ends[place]:
            running = place
    if running is not None:
        expected.append((running, n - 1))
    assert found == expected


def test_stretches_with_a_short_pause_are_one():
    assert joined([(5, 9), (12, 20), (40, 50), (60, 61)], 3, 0.25) == [(5, 20, 2), (40, 61, 2)]
    assert joined([], 3, 0.25) == []


def test_trouble_that_goes_on_comes_before_what_is_newer():
    silent = Sentence("silent_1", 14, "Silent.", "bad", holds=True)
    noisy = Sentence("oscillation", 20, "It jumps.", "warning", holds=True)
    over = Sentence("memorising", 30, "It memorised.", "warning")
    settled = Sentence("plateau", 42, "It has settled.")
    assert foremost((silent, noisy, over, settled)) is silent
    assert foremost((noisy, over, settled)) is noisy
    assert foremost((over, settled)) is settled
    assert foremost(()) is None


def test_since_when_is_exact_where_every_epoch_was_looked_at(penguins):
    session = run(penguins, 25, activation="relu", optimizer=Rule("adam", learning_rate=0.3))
    evidence = evidence_of(session)
    sparse = dataclasses.replace(evidence, moments=evidence.moments[:1] + evidence.moments[-1:])
    told = {each.rule: each for each in narrate(sparse)}["silent_2"]
    assert told.unsure == (0, 25)
    assert told.text.endswith("since epoch 25 at the latest.")


def test_trailing_means_are_means():
    values = RNG.normal(size=30)
    assert trailing(values, 4) == pytest.approx([values[max(0, nth - 3) : nth + 1].mean() for nth in range(30)])


def test_numbers_are_written_for_people():
    assert [number(each) for each in (0.41734, 5250.0, 1.2e-5, 1e7, -3.0, np.nan)] == [
        "0.417", "5,250", "1.2e−5", "1e7", "−3", "not a number",
    ]  # fmt: skip
    assert [percent(each) for each in (0.22, 0.996, 1.0, 0.955)] == ["22 %", "99.6 %", "100 %", "95.5 %"]
    assert listed(("a", "b")) == "a and b"
    assert listed(tuple("abcdefg")) == "a, b, c and 4 others"


def test_every_rule_says_its_thresholds():
    for rule in RULES.values():
        assert len(rule.__doc__ or "") > 30
