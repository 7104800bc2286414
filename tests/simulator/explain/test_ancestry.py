import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

from simulator.data import Dataset, open_dataset
from simulator.errors import ConfigError
from simulator.explain import KINDS, Ancestry, Number, explain, moment_of, place_of
from simulator.explain.kinds.backward import LINK_DELTAS
from simulator.explain.kinds.forward import LINK_ACCOUNTS
from simulator.explain.kinds.loss import LOSS_TEXTS
from simulator.nn import choices
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.session import Session

ENDLESS = 10**9
MOST = 8
"""So many numbers of a kind are calculated again."""

# The formula of selu shows its constants with five digits.
ROUNDED = {"selu": 1e-4}


def walked(ancestry: Ancestry, *starts: Number) -> list[Number]:
    """Return everything that some numbers come from, down to where nothing is calculated."""
    found = dict.fromkeys(starts)
    waiting = list(starts)
    while waiting:
        for _, parent in ancestry.parents(waiting.pop()):
            if parent not in found:
                found[parent] = None
                waiting.append(parent)
    return list(found)


def assert_evaluates(ancestry: Ancestry, number: Number, evaluated, tolerance: float) -> None:
    value = ancestry.value(number)
    for most in (3, ENDLESS):
        formula = ancestry.formula(number, 17, most)
        if ancestry.rule(number) and isinstance(value, float) and np.isfinite(value):
            for stretch in evaluated(formula):
                assert stretch == pytest.approx(value, rel=tolerance, abs=1e-12), formula


def assert_all_evaluate(ancestry: Ancestry, evaluated, *starts: Number, tolerance: float = 1e-9) -> set[str]:
    numbers = walked(ancestry, *starts)
    seen: dict[str, int] = {}
    for number in numbers:
        seen[number.kind] = seen.get(number.kind, 0) + 1
        if seen[number.kind] > MOST:
            continue
        assert_evaluates(ancestry, number, evaluated, tolerance)
        linked = {piece.number for piece in ancestry.pieces(number, 4, ENDLESS) if piece.number is not None}
        assert linked <= {parent for _, parent in ancestry.parents(number)}
        assert ancestry.label(number)
        assert "{" not in ancestry.label(number) + ancestry.symbol(number) + ancestry.formula(number)
    return {number.kind for number in numbers}


def starts(moment) -> list[Number]:
    """Return numbers from which every other one is reached."""
    layer = len(moment.network.hidden)
    parts = ["memory_part", "penalty_part", "decay_part", "new"]
    return [
        Number("objective"),
        Number("error", unit=0, row=1),
        Number("answer", unit=0, row=1),
        Number("input_pull", unit=1, row=0),
        Number("row_part", 0, 1, row=2, source=1),
        *(Number(kind, layer, 0, source=source) for kind in parts for source in (0, None)),
    ]


OPTIMIZER_RULES = [
    *(Rule(name) for name in OPTIMIZERS),
    Rule("sgd", momentum=0.9, nesterov=True, weight_decay=0.02),
    Rule("rmsprop", momentum=0.7, weight_decay=0.02),
    Rule("adam", weight_decay=0.1),
    Rule("nadam", weight_decay=0.1),
]


@pytest.mark.parametrize("rule", OPTIMIZER_RULES, ids=str)
def test_every_formula_of_an_update_evaluates_to_its_number(started, evaluated, rule):
    run = started(
        rows=10,
        batch_size=3,
        optimizer=rule,
        l1=0.01,
        l2=0.1,
        clip_norm=0.2,
        schedule=Rule("cosine", warmup_epochs=4.0),
    )
    assert_all_evaluate(Ancestry(explain(run.moment())), evaluated, *starts(run.moment()))


@pytest.mark.parametrize(("loss", "link"), [(name, link) for name, row in LOSSES.items() for link in row.links])
def test_every_formula_of_a_loss_evaluates_to_its_number(started, evaluated, loss, link):
    run = started(NetworkSpec(3, (LayerSpec(4),), 3, link), rows=10, batch_size=3, loss=Rule(loss))
    assert_all_evaluate(Ancestry(explain(run.moment())), evaluated, *starts(run.moment()))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_formula_of_an_activation_evaluates_to_its_number(started, evaluated, activation):
    moment = started(NetworkSpec(3, (LayerSpec(5, activation),), 2), batch_size=4).moment()
    ancestry = Ancestry(explain(moment))
    tolerance = ROUNDED.get(activation, 1e-9)
    for row, unit, kind in itertools.product(range(4), range(5), ("a", "slope")):
        assert_evaluates(ancestry, Number(kind, 0, unit, row), evaluated, tolerance)


def test_every_kind_of_number_is_reached_and_true(started, evaluated, penguins):
    network = NetworkSpec(3, (LayerSpec(9, dropout=0.4), LayerSpec(4, "silu")), 3)
    held = np.full(3 + 9 + 4, np.nan)
    held[[2, 4, 13]] = 0.5, 0.0, -0.2
    run = started(network, held=held, optimizer=Rule("nadam"), l2=0.1, clip_norm=0.1, loss=Rule("mse"))
    kinds = assert_all_evaluate(Ancestry(explain(run.moment())), evaluated, *starts(run.moment()))
    filled, place = with_an_empty_cell(penguins)
    moment = Session(filled, engine="reference").moment()
    moment = moment.showing(
        filled.X_train[place : place + 3], filled.Y_train[place : place + 3], range(place, place + 3)
    )
    kinds |= assert_all_evaluate(Ancestry(explain(moment), filled), evaluated, *starts(moment))
    mileage = open_dataset("auto_mpg")
    exact = dataclasses.replace(Session(mileage, engine="reference").config, dtype="float64")
    moment = Session(mileage, config=exact, engine="reference").moment()
    kinds |= assert_all_evaluate(Ancestry(explain(moment), mileage), evaluated, *starts(moment))
    for data in (kitchen(), kitchen(target="b", features=("a", "c"), target_log=True, label_noise=0.5)):
        exact = dataclasses.replace(Session(data, engine="reference").config, dtype="float64")
        moment = Session(data, config=exact, engine="reference").moment()
        inputs = (Number("input", unit=unit, row=row) for unit in range(data.recipe.inputs) for row in range(6))
        kinds |= assert_all_evaluate(Ancestry(explain(moment), data), evaluated, *starts(moment), *inputs)
    assert set(KINDS) - kinds == set()


def kitchen(**choices) -> Dataset:
    """Return a data set with every kind of step, and every fault that can be injected."""
    k = np.arange(40)
    frame = pd.DataFrame(
        {
            "a": np.where(k % 6 == 1, np.nan, k * 7 % 23 + 0.5),
            "b": (k * 5 % 17) * 10.0 ** (k % 4),
            "c": (k * 11 % 19) - 9.0,
            "size": np.array(["small", "large", "middle"])[k % 3],
            "day": [f"2007-{place % 12 + 1:02}-{place % 27 + 1:02}" for place in k],
            "note": ["seen twice " * (place % 4 + 1) for place in k],
            "kind": np.array(["x", "y", "z"])[k * k % 5 % 3],
        }
    )
    decided = {
        "target": "kind",
        "features": ("a", "b", "c", "size", "day", "note", "ratio"),
        "derived": {"ratio": "b / (1 + a)"},
        "missing": "median",
        "flag_missing": True,
        "columns": {
            "a": {"scale": "min_max"},
            "b": {"scale": "log"},
            "c": {"scale": "robust"},
            "size": {"encoding": "ordinal", "order": ("small", "middle", "large")},
            "note": {"kind": "text"},
        },
        "label_noise": 0.3,
        "duplicates": 0.3,
        "leakage": True,
    }
    return open_dataset(frame, **(decided | choices))


def with_an_empty_cell(penguins):
    """Return the penguins with filled cells, and the place among the training rows of a bird that was not weighed."""
    names = ("island", "bill_length_mm", "body_mass_g", "sex")
    filled = open_dataset(penguins.table, target="species", features=names, missing="mean", test_fraction=0.0)
    return filled, int(np.flatnonzero(filled.table["body_mass_g"].isna())[0])


def session_config(dataset):
    return Session(dataset, engine="reference").config


def test_the_texts_stand_for_every_row_of_the_tables():
    assert list(LOSS_TEXTS) == list(LOSSES)
    assert list(LINK_ACCOUNTS) == list(LINKS)
    assert list(LINK_DELTAS) == list(LINKS)


@pytest.fixture(scope="module")
def trained(penguins):
    session = Session(penguins, engine="reference")
    session.advance(3)
    session.advance(5, "batch")
    return session


@pytest.fixture
def walker(trained, penguins):
    return Ancestry(explain(trained.moment()), penguins)


def test_a_probability_leads_down_to_the_row_and_column_of_the_file(walker, trained, penguins):
    number = Number("output", unit=1, row=2)
    trail = [number]
    while walker.parents(number):
        number = walker.parents(number)[0][1]
        trail.append(number)
    assert [each.kind for each in trail] == ["output", "power", "z", "a", "z", "a", "z", "input", "cell"]
    row = int(penguins.train_rows[trained.moment().rows[2]])
    assert walker.label(trail[0]) == f"P(Gentoo), row {row + 1}"
    assert walker.label(trail[2]) == f"z of output Gentoo, row {row + 1}"
    assert walker.label(trail[3]).startswith("a of hidden 2, neuron ")
    column = trail[-1].name
    assert column in penguins.feature_names
    assert walker.value(trail[-1]) == penguins.table[column].iloc[row]
    assert walker.label(trail[-1]) == f"{column} in row {row + 1} of penguins.csv"


def test_a_standardised_input_shows_its_cell_and_the_recipes_mean(walker, penguins):
    step = penguins.recipe.columns[3]
    number = Number("input", unit=3, row=2)
    cell = walker.figure(Number("cell", row=2, name="body_mass_g"))
    wanted = f"x = ({cell} − {walker.figure(Number('mean', name='body_mass_g'))})/{step.scaling.scale:.4g} = "
    assert walker.formula(number).startswith(wanted)
    assert [parent.kind for _, parent in walker.parents(number)] == ["cell", "mean", "scale"]
    assert walker.value(Number("mean", name="body_mass_g")) == step.scaling.centre


def test_a_class_is_the_reason_for_its_target(walker, trained, penguins):
    moment = trained.moment()
    known = penguins.table["species"].iloc[penguins.train_rows[moment.rows[0]]]
    for unit, name in enumerate(penguins.class_names):
        number = Number("target", unit=unit, row=0)
        reason = known if name == known else f"{known}, not {name}"
        assert walker.formula(number) == f"y = {int(name == known)} (species is {reason})"
        assert [parent.kind for _, parent in walker.parents(number)] == ["cell"]
    assert walker.value(Number("cell", row=0, name="species")) == known


def test_the_strongest_input_of_a_sum_comes_first(walker):
    number = Number("z", 1, 4, 0)
    first = walker.parents(number)[:2]
    products, _ = explained_of(walker).forward.terms(1, 4, 0)
    strongest = int(np.abs(products).argmax())
    assert [parent for _, parent in first] == [
        Number("a", 0, strongest, 0),
        Number("parameter", 1, 4, source=strongest),
    ]


def explained_of(walker):
    return walker._scene.explanation


def test_a_long_sum_is_shortened_and_its_line_adds_up(walker, evaluated):
    number = Number("z", 1, 4, 0)
    short, whole = walker.formula(number, most=3), walker.formula(number, most=ENDLESS)
    assert "… (5 smaller: " in short
    assert short.count("·") == 3
    assert whole.count("·") == 8
    stretches = evaluated(walker.formula(number, 17, 3))
    assert stretches[0] == pytest.approx(stretches[1], rel=1e-12)


def test_pieces_are_the_formula_and_figures_know_where_they_come_from(walker):
    number = Number("a", 0, 2, 1)
    pieces = walker.pieces(number)
    assert "".join(piece.text for piece in pieces) == walker.formula(number)
    (z,) = [piece for piece in pieces if piece.number is not None]
    assert z.number == Number("z", 0, 2, 1)
    assert z.text == walker.figure(z.number)
    assert walker.rule(number) == "a = tanh(z)"


def test_the_way_forward_is_written_as_in_a_textbook(walker):
    z = Number("z", 0, 2, 1)
    x = [walker.figure(Number("input", unit=unit, row=1)) for unit in range(4)]
    formula = walker.formula(z)
    assert formula.startswith("z = ")
    assert all(figure.strip("−") in formula for figure in x)
    assert formula.endswith(f" = {walker.figure(z)}")
    assert walker.rule(z) == "z = Σᵢ xᵢ·wᵢ + b"


def test_who_moved_a_weight_is_told_with_the_largest_share_first(walker):
    weight = Number("parameter", 1, 4, source=2)
    movers = walker.movers(weight)
    sizes = [abs(mover.value) for mover in movers]
    assert sizes == sorted(sizes, reverse=True)
    names = [mover.name for mover in movers]
    assert "the optimizer's memory" in names
    assert sum(name.startswith("row ") for name in names) == 16
    assert all(walker.value(mover.number) == mover.value for mover in movers)
    step = walker.value(Number("step", 1, 4, source=2))
    assert sum(mover.value for mover in movers) == pytest.approx(step, rel=1e-12)


def test_the_step_of_a_weight_leads_to_the_optimizers_results(walker, trained):
    step = Number("step", 0, 2, source=3)
    assert walker.rule(step) == "Δw = −η·m̂/(√v̂ + ε)"
    kinds = [parent.name for _, parent in walker.parents(step) if parent.kind == "result"]
    assert kinds == ["m̂", "v̂"]
    place = place_of(trained.network, 0, 3, 2)
    assert walker.value(step) == explained_of(walker).update.step[place]
    assert walker.symbol(Number("step", 0, 2)) == "Δb"


def test_a_setting_goes_by_its_letter_and_its_name(walker):
    number = Number("setting", name="optimizer.beta1")
    assert (walker.symbol(number), walker.label(number), walker.value(number)) == ("β₁", "β₁", 0.9)


@pytest.mark.parametrize(
    "name", ["optimizer.nothing", "nobody.l1", "run.dtype", "l1", "run.clip_norm", "optimizer.rule"]
)
def test_a_setting_that_is_no_number_is_refused(walker, name):
    with pytest.raises(ConfigError, match="setting"):
        walker.value(Number("setting", name=name))


@pytest.mark.parametrize(
    "number",
    [
        Number("nonsense"),
        Number("z"),
        Number("z", 3, 0, 0),
        Number("z", 0, 8, 0),
        Number("z", 0, 0, 16),
        Number("z", 0, -1, 0),
        Number("a", 2, 0, 0),
        Number("output", unit=3, row=0),
        Number("input", unit=4, row=0),
        Number("parameter", 0, 0, source=4),
        Number("parameter", 0, 8),
        Number("result", 0, 0, source=0),
        Number("result", 0, 0, source=0, name="q"),
        Number("memory", 0, 0, source=0, name="velocity"),
        Number("shared_memory", name="momentum_product"),
        Number("cell", row=0),
        Number("cell", row=0, name="nothing"),
        Number("mean", name="nothing"),
        Number("mean", name="species"),
        Number("fill", name="body_mass_g"),
    ],
    ids=str,
)
def test_an_address_that_points_at_nothing_is_refused(walker, number):
    with pytest.raises(ConfigError):
        walker.value(number)
    with pytest.raises(ConfigError):
        walker.formula(number)


def test_without_a_data_set_the_way_back_ends_at_the_inputs(started):
    ancestry = Ancestry(explain(started().moment()))
    number = Number("input", unit=1, row=2)
    assert ancestry.parents(number) == []
    assert ancestry.label(number) == "input 2, row 3 of the batch"
    assert ancestry.label(Number("output", unit=1, row=0)) == "P(output 2), row 1 of the batch"


def test_a_row_that_is_typed_in_shows_its_real_values(trained, penguins):
    cells = {"bill_length_mm": [37.3], "bill_depth_mm": [16.8], "flipper_length_mm": [192], "body_mass_g": [3000]}
    x = penguins.recipe.transform(pd.DataFrame(cells))
    ancestry = Ancestry(explain(trained.moment().showing(x)), penguins)
    step = penguins.recipe.columns[0]
    formula = ancestry.formula(Number("input", unit=0, row=0))
    assert formula.startswith(f"x = (37.3 − {step.scaling.centre:.4g})/{step.scaling.scale:.4g} = ")
    assert [p.kind for _, p in ancestry.parents(Number("input", unit=0, row=0))] == ["mean", "scale"]
    assert ancestry.label(Number("output", unit=0, row=0)) == "P(Adelie), the given row"
    renamed = Ancestry(ancestry.explanation, penguins, given="the changed row")
    assert renamed.label(Number("output", unit=0, row=0)) == "P(Adelie), the changed row"
    with pytest.raises(ConfigError, match="in no table"):
        ancestry.value(Number("cell", row=0, name="bill_length_mm"))


def test_a_test_row_leads_to_its_own_place_in_the_file(trained, penguins):
    shown = trained.moment().showing(penguins.X_test[[5]], penguins.Y_test[[5]], [5], split="test")
    ancestry = Ancestry(explain(shown), penguins)
    row = penguins.test_rows[5]
    assert ancestry.value(Number("cell", row=0, name="body_mass_g")) == penguins.table["body_mass_g"].iloc[row]
    assert ancestry.label(Number("output", unit=0, row=0)) == f"P(Adelie), row {row + 1}"


def test_an_empty_cell_leads_to_what_stands_in_for_it(penguins):
    filled, place = with_an_empty_cell(penguins)
    moment = Session(filled, engine="reference").moment()
    ancestry = Ancestry(explain(moment.showing(filled.X_train[[place]], filled.Y_train[[place]], [place])), filled)
    number = Number("input", unit=filled.feature_names.index("body_mass_g"), row=0)
    assert "the cell is empty" in ancestry.formula(number)
    assert [parent.kind for _, parent in ancestry.parents(number)] == ["fill", "mean", "scale", "cell"]
    assert ancestry.figure(Number("cell", row=0, name="body_mass_g")) == "missing"
    category = next(unit for unit, name in enumerate(filled.feature_names) if name.startswith("sex="))
    assert [parent.kind for _, parent in ancestry.parents(Number("input", unit=category, row=0))] == ["fill", "cell"]


def test_a_category_is_the_reason_for_its_input(penguins):
    islands = open_dataset(penguins.table, target="species", features=("island", "year"))
    moment = Session(islands, engine="reference").moment()
    ancestry = Ancestry(explain(moment), islands)
    known = ancestry.value(Number("cell", row=0, name="island"))
    for unit, name in enumerate(islands.feature_names[:3]):
        formula = ancestry.formula(Number("input", unit=unit, row=0))
        category = name.removeprefix("island=")
        reason = known if category == known else f"{known}, not {category}"
        assert formula == f"x = {int(category == known)} (island is {reason})"


def test_a_predicted_value_is_told_in_the_unit_of_the_file(evaluated):
    mileage = open_dataset("auto_mpg")
    session = Session(mileage, engine="reference")
    session.advance(5)
    ancestry = Ancestry(explain(session.moment()), mileage)
    number = Number("answer", unit=0, row=3)
    predicted = session.model().predict(mileage.table.iloc[[mileage.train_rows[session.moment().rows[3]]]])
    assert ancestry.value(number) == pytest.approx(predicted["prediction"].iloc[0], rel=1e-6)
    assert ancestry.rule(number) == "mpg = ŷ·standard deviation + mean"
    assert [parent.kind for _, parent in ancestry.parents(number)] == ["output", "scale", "mean"]
    assert ancestry.label(number).startswith("prediction of mpg, row ")


def test_one_output_is_the_probability_of_the_second_class(penguins):
    two = open_dataset(penguins.table[penguins.table["species"] != "Chinstrap"], target="species")
    config = dataclasses.replace(session_config(two), loss=Rule("binary_cross_entropy"))
    network = NetworkSpec(len(two.feature_names), (LayerSpec(4),), 1, "sigmoid")
    ancestry = Ancestry(explain(Session(two, network, config, engine="reference").moment()), two)
    assert ancestry.label(Number("output", unit=0, row=0)).startswith("P(Gentoo), row ")
    known = ancestry.value(Number("cell", row=0, name="species"))
    assert ancestry.value(Number("target", unit=0, row=0)) == float(known == "Gentoo")


def test_a_change_by_dropout_or_by_hand_is_told(started):
    network = NetworkSpec(3, (LayerSpec(9, dropout=0.5),), 2)
    held = np.full(12, np.nan)
    held[[0, 5]] = 0.0, 1.5
    moment = started(network, held=held).moment()
    ancestry = Ancestry(explain(moment))
    assert ancestry.formula(Number("seen", 0, 0, 0)) == "x = 0 (the unit is muted)"
    assert ancestry.formula(Number("seen", 1, 2, 0)) == "x = 1.5 (the unit is held at this value)"
    kept = moment.kept[0][0]
    free = [unit for unit in range(9) if unit != 2]
    out, stays = next(unit for unit in free if not kept[unit]), next(unit for unit in free if kept[unit])
    assert ancestry.formula(Number("seen", 1, out, 0)) == "x = 0 (dropout leaves the neuron out of this row)"
    assert "/(1 − 0.5) = " in ancestry.formula(Number("seen", 1, stays, 0))
    assert "dropout" in ancestry.formula(Number("delta", 0, out, 0))
    assert "held" in ancestry.formula(Number("delta", 0, 2, 0))


def test_a_frozen_parameter_says_so(started):
    frozen = np.zeros(53, dtype=bool)
    frozen[0] = True
    moment = started(frozen=frozen).moment()
    ancestry = Ancestry(explain(moment))
    assert ancestry.formula(Number("gradient", 0, 0, source=0)) == "g = 0 (the parameter is frozen)"
    assert ancestry.formula(Number("step", 0, 0, source=0)) == "Δw = 0 (the parameter is frozen)"
    assert ancestry.value(Number("new", 0, 0, source=0)) == moment.parameters[0]


def test_a_number_that_is_another_one_as_it_is_is_said_once(started):
    ancestry = Ancestry(explain(started(NetworkSpec(3, (), 2, "linear"), loss=Rule("mse")).moment()))
    output, z = Number("output", unit=1, row=0), Number("z", 0, 1, 0)
    assert ancestry.formula(output) == f"ŷ = {ancestry.figure(z)}"
    assert ancestry.pieces(output)[-1].number == z


def test_a_loss_beyond_the_digits_of_its_probability_is_told_apart(started):
    network = NetworkSpec(1, (), 2)
    moment = dataclasses.replace(started(network).moment(), parameters=np.array([2000.0, 0.0, 0.0, 0.0]))
    ancestry = Ancestry(explain(moment.showing([[1.0]], [[0.0, 1.0]])))
    assert ancestry.formula(Number("loss_term", unit=1, row=0)) == (
        "l = −1·log(0) = 2000 (calculated from the logits: ŷ is too near 0 to be told from it)"
    )
    assert ancestry.formula(Number("loss_term", unit=0, row=0)) == "l = −0·log(1) = 0"


def test_an_account_of_a_large_network_is_short_and_quick(started):
    network = NetworkSpec(784, (LayerSpec(100), LayerSpec(50)), 10)
    ancestry = Ancestry(explain(started(network, rows=64, batch_size=32, batches=1).moment()))
    formula = ancestry.formula(Number("z", 0, 3, 5))
    assert len(formula) < 200
    assert "… (778 smaller: " in formula
    assert len(ancestry.parents(Number("z", 0, 3, 5))) == 2 * 784 + 1


def test_the_optimizers_coefficients_are_linked_by_name(started):
    run = started(optimizer=Rule("nadam"))
    ancestry = Ancestry(explain(run.moment()))
    optimizer = choices.optimizer(run.config)
    assert ancestry.value(Number("setting", name="optimizer.momentum_decay")) == optimizer.momentum_decay
    assert ancestry.value(Number("shared_memory", name="momentum_product")) == run.engine.state().scalars[0]
    assert ancestry.symbol(Number("shared_memory", name="momentum_product")) == "Πₜ₋₁"
    assert moment_of(run.network, run.config, run.engine.state(), run.data).updates == 4


@pytest.mark.parametrize("source", [None, 1])
def test_the_share_of_the_only_row_is_no_mean(trained, penguins, source):
    alone = Ancestry(explain(trained.moment().showing_row(penguins, 0)), penguins)
    share = Number("share", 0, 2, 0, source=source)
    assert "/" not in alone.formula(share)
    assert alone.rule(share) == ("δ" if source is None else "δ·x")
    whole = Ancestry(explain(trained.moment()), penguins)
    assert whole.rule(share).endswith("/n, n the rows of the batch")
    assert alone.value(share) == pytest.approx(
        alone.value(Number("delta", 0, 2, 0)) * (1.0 if source is None else alone.value(Number("input", unit=1, row=0)))
    )


def test_a_bias_is_called_b_in_symbols_and_rules(trained, penguins):
    ancestry = Ancestry(explain(trained.moment()), penguins)
    bias, weight = Number("new", 0, 2), Number("new", 0, 2, source=1)
    assert (ancestry.symbol(bias), ancestry.rule(bias)) == ("new b", "b + Δb")
    assert (ancestry.symbol(weight), ancestry.rule(weight)) == ("new w", "w + Δw")
    assert ancestry.rule(Number("data_gradient", 0, 2)).startswith("∂L/∂b = ")
    assert "wᵢ" in ancestry.rule(Number("z", 0, 2, 0))
