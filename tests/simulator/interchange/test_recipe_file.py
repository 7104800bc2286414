import json

import pytest

from simulator.data import RecipeChoices, open_dataset
from simulator.errors import ConfigError
from simulator.interchange import save_model
from simulator.interchange.recipe_file import read_choices, write_choices
from simulator.training.session import Session


def test_what_was_decided_for_one_table_serves_another(tmp_path):
    decided = open_dataset(
        "penguins",
        derived={"ratio": "bill_length_mm / bill_depth_mm"},
        columns={"body_mass_g": {"scale": "log"}},
        where='island != "Dream"',
        split="order",
    )
    path = write_choices(decided.choices, tmp_path / "recipe.json")
    choices = read_choices(path)
    assert choices == decided.choices
    again = open_dataset("penguins", **{name: getattr(choices, name) for name in choices.to_json()})
    assert again.recipe == decided.recipe


def test_the_recipe_of_an_exported_model_is_read_too(tmp_path):
    session = Session(open_dataset("iris", scale="min_max"))
    save_model(session.model(), tmp_path / "iris.json")
    assert read_choices(tmp_path / "iris.json") == session.dataset.choices


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read as JSON"),
        ("[1]", "holds no choices"),
        ('{"choices": 3}', "holds no choices"),
        ('{"choices": {"scale": "mini"}}', "scaling cannot be 'mini'"),
        ('{"choices": {"sale": "none"}}', "'sale'"),
        ('{"recipe": ' * 3000 + "1" + "}" * 3000, "is no recipe"),
        (json.dumps({"choices": RecipeChoices().to_json() | {"derived": [["r", "1+"]]}}), "missing at the end"),
    ],
    ids=range(7),
)
def test_what_is_no_recipe_is_refused(tmp_path, text, said):
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_choices(path)
    assert said in error.value.message
    assert "wrong.json" in error.value.message
    assert error.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError):
        read_choices(tmp_path / "nothing.json")
