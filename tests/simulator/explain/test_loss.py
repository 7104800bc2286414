import dataclasses

import numpy as np
import pytest

from simulator.explain import Number, explain
from simulator.explain.ancestry import Ancestry
from simulator.nn import choices, parameters
from simulator.nn.losses import LOSSES
from simulator.spec import LayerSpec, NetworkSpec, Rule

HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]


@pytest.mark.parametrize(("loss", "link"), HEADS)
def test_the_outputs_terms_add_up_to_the_loss_of_the_row(started, loss, link):
    run = started(NetworkSpec(3, (LayerSpec(4),), 2, link), loss=Rule(loss))
    moment = run.moment()
    explained = explain(moment)
    passed = explained.forward
    wanted = choices.loss(run.config).rows(passed.logits[-1], passed.outputs, moment.Y)
    assert np.allclose(explained.loss.terms.sum(axis=1), wanted, rtol=1e-13)
    assert np.array_equal(explained.loss.rows, wanted)
    assert explained.loss.total == pytest.approx(wanted.sum())
    assert explained.loss.mean == pytest.approx(wanted.mean())


def test_the_lessons_example_has_the_errors_of_the_lesson(started):
    network = NetworkSpec(1, (), 3)
    logits = np.log([0.3, 0.1, 0.6])
    moment = started(network, rows=8).moment()
    moment = dataclasses.replace(moment, parameters=np.concatenate([np.zeros(3), logits]))
    lesson = explain(moment.showing([[0.0]], [[0.0, 0.0, 1.0]]))
    assert np.allclose(lesson.forward.outputs, [[0.3, 0.1, 0.6]], rtol=1e-14)
    assert np.allclose(lesson.loss.errors, [[0.3, 0.1, 0.4]], rtol=1e-14)
    assert lesson.loss.mean == pytest.approx(-np.log(0.6))
    ancestry = Ancestry(lesson)
    assert ancestry.formula(Number("error", unit=2, row=0)) == "|ŷ − y| = |0.6 − 1| = 0.4"
    assert ancestry.formula(Number("loss_term", unit=2, row=0)) == "l = −1·log(0.6) = 0.5108"


def test_the_penalty_is_kept_apart_from_the_loss_of_the_rows(started):
    moment = started(l1=0.01, l2=0.3).moment()
    weights = moment.parameters[parameters.weight_places(moment.network)]
    found = explain(moment).loss
    assert found.l1 == pytest.approx(0.01 * np.abs(weights).sum())
    assert found.l2 == pytest.approx(0.15 * np.square(weights).sum())
    assert found.objective == pytest.approx(found.mean + found.l1 + found.l2)
    assert found.mean == pytest.approx(found.rows.mean())


def test_predicted_and_actual_classes_are_told(started):
    moment = started().moment()
    found = explain(moment)
    assert found.loss.predicted.tolist() == found.forward.outputs.argmax(axis=1).tolist()
    assert found.loss.actual.tolist() == moment.Y.argmax(axis=1).tolist()


def test_one_output_stands_for_the_second_class_from_one_half_on(started):
    network = NetworkSpec(3, (), 1, "sigmoid")
    found = explain(started(network, loss=Rule("binary_cross_entropy")).moment())
    assert found.loss.predicted.tolist() == (found.forward.outputs[:, 0] >= 0.5).astype(int).tolist()


def test_a_value_has_no_class(started):
    found = explain(started(NetworkSpec(3, (), 2, "linear"), loss=Rule("mse")).moment()).loss
    assert found.predicted is None
    assert found.actual is None
