import pytest

from simulator.data import RecipeChoices
from simulator.data.choices import ColumnChoice, Derived, choose
from simulator.errors import Offer
from ui.dialogs.dataset.answers import Answers


@pytest.fixture
def answers(qapp) -> Answers:
    return Answers()


def told(answers) -> list:
    count = []
    answers.changed.connect(lambda: count.append(answers.choices()))
    return count


def test_what_is_decided_are_choices_and_none_takes_it_back(answers):
    count = told(answers)
    answers.give("scale", "robust")
    answers.give("scale", "log", "mass")
    assert answers.choices() == {"scale": "robust", "columns": (ColumnChoice("mass", scale="log"),)}
    assert choose(answers.choices()).column("mass").scale == "log"
    answers.give("scale", None, "mass")
    answers.give("scale", None)
    assert not answers
    answers.give("scale", None)
    assert len(count) == 4  # the last changed nothing


def test_features_as_guessed_are_no_decision(answers):
    answers.note_guess(frozenset({"a", "b"}))
    answers.decide_features(("a",))
    assert answers.role_is_decided("b", is_feature=False)
    assert not answers.role_is_decided("a", is_feature=True)
    answers.note_guess(frozenset({"a"}))  # what follows from a decision is no guess
    answers.decide_features(("a", "b"))
    assert answers.choices() == {}


def test_a_walk_through_the_targets_keeps_what_was_said_about_columns(answers):
    answers.decide_features(("a", "b"))
    for name in ("a", "b"):
        answers.give("target", name)
    assert answers.choices()["features"] == ("a",)
    answers.give("target", None)
    assert answers.choices() == {"features": ("a", "b")}


def test_another_target_is_another_task(answers):
    answers.give("task", "regression")
    answers.give("target_log", True)
    answers.give("target", "b")
    assert answers.choices() == {"target": "b"}


def test_lists_of_an_offer_are_added_and_the_rest_takes_its_place(answers):
    answers.give("ignore", ("a",))
    answers.decide_features(("b", "c"))
    answers.give("encoding", "ordinal", "c")
    answers.take(Offer("so", {"ignore": ("b",), "missing": "mean", "columns": (ColumnChoice("c", kind="text"),)}))
    assert answers.choices() == {
        "ignore": ("a", "b"),
        "features": ("c",),
        "missing": "mean",
        "columns": (ColumnChoice("c", kind="text", encoding="ordinal"),),
    }


def test_an_offer_of_another_sheet_forgets_what_was_said_about_columns(answers):
    answers.decide_features(("a",))
    answers.take(Offer("Read b.csv", {"sheet": "b.csv"}))
    assert answers.choices() == {"sheet": "b.csv"}


def test_a_whole_recipe_is_taken_over_without_what_is_usual(answers):
    choices = RecipeChoices(
        target="y", scale="log", columns=(ColumnChoice("a", scale="none"),), derived=(Derived("b", "a * 2"),)
    )
    answers.give("seed", 5)
    answers.use(choices)
    assert answers.given == {"target": "y", "scale": "log", "derived": (Derived("b", "a * 2"),)}
    assert choose(answers.choices()) == choices


def test_a_derived_column_that_goes_takes_what_was_said_about_it_along(answers):
    answers.derive([Derived("b", "a * 2")], None)
    answers.give("scale", "none", "b")
    answers.derive([], None)
    assert not answers


def test_what_is_refused_counts_until_something_else_is_said(answers):
    answers.refuse("seed", "The seed cannot be 'x'.")
    assert answers
    assert answers.choices() == {}
    answers.give("seed", 4)
    assert answers.refused == {}
