import pickle

import pytest

from simulator import errors

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SimulatorError)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_what_happened_and_keeps_its_hint_also_through_another_process(kind):
    error = kind("the rate is -1", "Give a positive number.")
    for each in (error, pickle.loads(pickle.dumps(error))):
        assert str(each) == each.message == "the rate is -1"
        assert each.hint == "Give a positive number."


@pytest.mark.parametrize(
    ("kind", "built_in"),
    [
        (errors.ConfigError, ValueError),
        (errors.DatasetError, ValueError),
        (errors.ModelFileError, ValueError),
        (errors.ExportError, OSError),
        (errors.DeviceError, RuntimeError),
        (errors.DivergenceError, ArithmeticError),
        (errors.TrainingDivergedError, ArithmeticError),
    ],
)
def test_a_kind_of_error_is_also_the_built_in_one_that_fits(kind, built_in):
    with pytest.raises(built_in):
        raise kind("something")


def test_a_dataset_error_names_the_file_and_the_line():
    error = errors.DatasetError("3 cells where 4 belong", "Repair it.", "birds.csv", 17)
    assert str(error) == "birds.csv: line 17: 3 cells where 4 belong"
    assert str(errors.DatasetError("the file is empty", path="birds.csv")) == "birds.csv: the file is empty"


def test_a_user_is_told_of_any_error_with_a_message_a_hint_and_a_kind():
    assert errors.account(errors.ConfigError("no", "do this")) == ("no", "do this", "ConfigError")
    message, hint, kind = errors.account(ZeroDivisionError("planted"))
    assert "planted" in message
    assert "defect" in hint
    assert kind == "InternalError"
