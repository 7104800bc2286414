"""open_dataset: what comes out of files, bundled sets and tables."""

import shutil

import numpy as np
import pandas as pd
import pytest

from simulator.data import BUNDLED, Dataset, open_dataset, read_table
from simulator.data import dataset as dataset_module
from simulator.errors import ConfigError, DatasetError
from simulator.progress import Cancelled, Progress

MEASUREMENTS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


def test_the_penguins_are_as_everybody_knows_them():
    data = open_dataset("penguins")
    assert isinstance(data, Dataset)
    assert data.name == "penguins"
    assert data.feature_names == MEASUREMENTS
    assert data.class_names == ("Adelie", "Gentoo", "Chinstrap")
    assert data.task == "classification"
    assert data.recipe.target == "species"
    assert len(data.table) == 344
    assert len(data.X_train) + len(data.X_test) == 342
    assert [(each.line, each.columns) for each in data.report.dropped] == [(5, MEASUREMENTS), (273, MEASUREMENTS)]
    assert "2 of 344 rows were dropped for missing values: line 5" in str(data.report)


def test_the_raw_penguins_have_the_same_measurements_and_split():
    clean, raw = open_dataset("penguins"), open_dataset("penguins_raw")
    assert raw.feature_names == (*("Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"),)
    assert raw.class_names == (
        "Adelie Penguin (Pygoscelis adeliae)",
        "Gentoo penguin (Pygoscelis papua)",
        "Chinstrap penguin (Pygoscelis antarctica)",
    )
    assert [each.line for each in raw.report.dropped] == [5, 273]
    np.testing.assert_array_equal(clean.X_train, raw.X_train)
    np.testing.assert_array_equal(clean.Y_test, raw.Y_test)


@pytest.mark.parametrize("name", ["penguins-raw", "Penguins Raw"])
def test_a_bundled_name_may_be_spelt_freely(name):
    assert open_dataset(name).name == "penguins_raw"


@pytest.mark.parametrize("name", list(BUNDLED))
def test_a_bundled_set_gives_what_its_row_says(name):
    data = open_dataset(name)
    row = BUNDLED[name]
    assert data.task == row.task
    assert data.recipe.target == row.target
    assert np.isfinite(data.X_train).all()
    assert np.isfinite(data.Y_test).all()
    assert len(data.X_train) + len(data.X_test) + data.report.dropped_count == row.rows


@pytest.mark.parametrize("name", [name for name, row in BUNDLED.items() if row.header])
def test_a_copy_of_a_bundled_file_gives_the_same_data_set(name, tmp_path):
    copy = tmp_path / "whatever.csv"
    shutil.copy(BUNDLED[name].path, copy)
    bundled, copied = open_dataset(name), open_dataset(copy)
    assert copied.name == "whatever"
    assert copied.recipe == bundled.recipe
    np.testing.assert_array_equal(copied.X_train, bundled.X_train)


def test_what_is_asked_for_goes_before_the_bundled_recipe():
    data = open_dataset("penguins", target="body_mass_g", test_fraction=0.5)
    assert data.task == "regression"
    assert data.feature_names == MEASUREMENTS[:3]
    assert len(data.X_test) == 171
    assert open_dataset("iris", ignore=["sepal_width_cm"]).recipe.inputs == 3
    assert open_dataset("penguins", features=["island", "year"]).recipe.inputs == 4


def test_arrays_are_read_only_and_follow_from_the_recipe():
    data = open_dataset("auto_mpg")
    for array in (data.X_train, data.Y_train, data.X_test, data.Y_test, data.train_rows, data.test_rows):
        assert not array.flags.writeable
    np.testing.assert_array_equal(data.X_test, data.recipe.transform(data.table.iloc[data.test_rows]))
    np.testing.assert_array_equal(data.Y_train, data.recipe.targets(data.table.iloc[data.train_rows]))
    real = data.recipe.value(data.Y_train)[:, 0]
    np.testing.assert_allclose(real, data.table["mpg"].to_numpy()[data.train_rows], rtol=1e-14)
    assert abs(data.Y_train.mean()) < 1e-13
    assert abs(data.Y_train.std() - 1) < 1e-13
    assert sorted([*data.train_rows, *data.test_rows]) == list(range(392))


def test_the_same_seed_gives_the_same_split_and_another_one_another():
    first, again, other = open_dataset("iris"), open_dataset("iris"), open_dataset("iris", seed=1)
    np.testing.assert_array_equal(first.test_rows, again.test_rows)
    assert (first.test_rows != other.test_rows).any()


def test_without_test_rows_the_test_arrays_are_empty():
    data = open_dataset("iris", test_fraction=0)
    assert data.X_test.shape == (0, 4)
    assert data.Y_test.shape == (0, 3)


def test_large_inputs_are_kept_in_float32(monkeypatch):
    monkeypatch.setattr(dataset_module, "LARGE", 100)
    data = open_dataset("iris")
    assert data.X_train.dtype == data.Y_train.dtype == np.float32


def test_what_a_row_without_a_value_alone_holds_refuses_no_data_set():
    frame = pd.DataFrame({"x": np.arange(40.0) % 7, "kind": ["a", "b"] * 20, "y": ["u", "v", "v", "u"] * 10})
    frame.loc[39, ["x", "kind"]] = [np.nan, "seen nowhere else"]
    data = open_dataset(frame, target="y", missing="drop", unknown="refuse")
    assert 39 not in {*data.train_rows, *data.test_rows}
    assert data.feature_names == ("x", "kind=a", "kind=b")


def test_a_test_row_with_a_category_that_training_has_not_seen_is_named_by_its_row(monkeypatch):
    monkeypatch.setattr(dataset_module, "_BLOCK", 3)
    frame = pd.DataFrame({"x": np.arange(40.0) % 7, "kind": ["a", "b"] * 20, "y": ["u", "v", "v", "u"] * 10})
    frame.loc[37, "kind"] = "late"
    with pytest.raises(DatasetError, match="row 38 of 'kind' is the unknown category 'late'"):
        open_dataset(frame, target="y", split="order", unknown="refuse")


def test_a_table_from_memory_is_a_source_too():
    frame = pd.DataFrame(
        {
            "x": np.arange(20) * 0.5,
            "flag": [True, False] * 10,
            "kind": pd.Categorical(["a", "b"] * 10),
            7: range(20, 40),
        },
        index=range(100, 120),
    )
    data = open_dataset(frame, target="kind")
    assert data.path is None
    assert data.feature_names == ("x", "flag=True", "flag=False", "7")
    np.testing.assert_array_equal(data.recipe.transform(frame)[data.train_rows], data.X_train)


def test_numbers_in_a_table_of_objects_are_numbers():
    frame = pd.DataFrame(
        {"x": ["1", 2.5, None, "NA", 4, 5.0] * 4, "y": pd.array([1, 2, None, 3, 4, 1] * 4, dtype="Int64")}
    )
    data = open_dataset(frame, target="y", task="regression")
    assert data.recipe.used == ("x",)
    assert data.report.dropped_count == 8
    assert data.report.dropped[0].line is None


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": [1, 2]}),
        pd.DataFrame({"a": [1], "b": [2]}),
        pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["a", "a", "b"]),
    ],
    ids=["empty", "one column", "one row", "one name twice"],
)
def test_a_poor_table_from_memory_is_refused(frame):
    with pytest.raises(DatasetError):
        open_dataset(frame)


def test_an_unknown_choice_is_refused_with_the_one_that_was_meant():
    with pytest.raises(ConfigError, match="'tagret'") as caught:
        open_dataset("iris", tagret="species")
    assert "Did you mean 'target'?" in caught.value.hint


def test_an_unknown_column_is_refused_with_the_one_that_was_meant():
    with pytest.raises(ConfigError, match="'Specie'") as caught:
        open_dataset("iris", target="Specie")
    assert "Did you mean 'species'?" in caught.value.hint


@pytest.mark.parametrize("name", ["pengiuns", "pengiuns.csv", "no/such/penguin.csv"])
def test_a_missing_file_is_refused_with_the_nearest_bundled_name(name):
    with pytest.raises(DatasetError, match="no such file") as caught:
        open_dataset(name)
    assert "Did you mean 'penguins'?" in caught.value.hint


def test_a_cancelled_job_stops(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("a,b,c\n" + "1.5,2,x\n2.5,1,y\n" * 100_000)
    progress = Progress()
    heard = []

    def listen(fraction, text):
        heard.append(fraction)
        if len(heard) == 3:
            progress.cancel()

    progress._on_report = listen
    with pytest.raises(Cancelled):
        open_dataset(path, progress)
    assert len(heard) == 3


def test_progress_rises_to_one_while_a_file_is_read(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("a,b,c\n" + "1.5,2,x\n2.5,1,y\n" * 100_000)
    heard = []
    read_table(path, Progress(lambda fraction, text: heard.append(fraction)))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 5


@pytest.mark.slow
def test_a_million_rows_are_read_in_bounded_memory(tmp_path):
    import subprocess
    import sys

    path = tmp_path / "big.csv"
    block = np.random.default_rng(0).normal(size=(10_000, 28))
    rows = "".join(f"{k % 2}," + ",".join(f"{x:.7g}" for x in row) + "\n" for k, row in enumerate(block))
    with path.open("w") as file:
        file.write("label," + ",".join(f"f{k}" for k in range(28)) + "\n")
        for _ in range(100):
            file.write(rows)
    code = (
        "import pathlib, sys; from simulator.data import open_dataset; d = open_dataset(sys.argv[1]);"
        # Not ru_maxrss: that begins with what the process that started this one held.
        "told = pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1]; print(len(d.table), told.split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    rows_read, peak = map(int, done.stdout.split())
    assert rows_read == 1_000_000
    assert peak < 600 * 1024
