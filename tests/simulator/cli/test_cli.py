"""The commands as a person types them: arguments in; exit status, two streams and files out."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.cli.program import COMMANDS, application, run
from simulator.data import BUNDLED, open_dataset
from simulator.engines import preparing
from simulator.interchange import FORMATS, ExportOptions, load_model
from simulator.progress import Progress


def last_json(text: str) -> dict:
    return json.loads(text.splitlines()[-1])


def assert_refused(result: tuple[int, str, str], *words: str) -> None:
    status, out, err = result
    assert status == 2
    assert out == ""
    assert len(err.splitlines()) == 2, err
    assert err.startswith("nodeglow: ")
    for word in words:
        assert word in err


def test_the_main_job_trains_saves_and_prints_one_json_object(nodeglow, tmp_path):
    path = tmp_path / "p.safetensors"
    status, out, err = nodeglow("train", "penguins", "--epochs", 100, "--seed", 0, "--save", path, "--json")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 1
    result = last_json(out)
    assert result["epochs"] == 100
    assert result["test_accuracy"] > 0.95
    assert result["train_accuracy"] > 0.95
    assert 0 < result["train_loss"] < 0.2
    assert 0 < result["test_loss"] < 0.3
    assert result["parameters"] == 139
    assert result["samples_per_second"] == pytest.approx(100 * 274 / result["seconds"])
    assert (result["engine"], result["device"]) == ("compiled", "cpu")
    assert load_model(path).epoch == 100


@pytest.mark.parametrize("seed", range(10))
def test_the_penguins_are_learnt_with_every_seed(nodeglow, seed):
    _, out, _ = nodeglow("train", "penguins", "--epochs", 100, "--seed", seed, "--json")
    assert last_json(out)["test_accuracy"] > 0.95


def test_the_same_seed_gives_the_same_file_and_another_one_another(nodeglow, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        nodeglow("train", "iris", "--epochs", 5, "--seed", seed, "--save", tmp_path / f"{name}.safetensors")
    a, b, c = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_without_json_the_report_says_what_was_done(nodeglow):
    status, out, _ = nodeglow("train", "penguins", "--epochs", 3)
    assert status == 0
    for said in ("2 of 344 rows were dropped", "line 5", "139 parameters", "After 3 epochs", "training", "test"):
        assert said in out


def test_a_value_is_scored_with_r2_and_an_error_in_real_units(nodeglow):
    _, out, _ = nodeglow("train", "auto_mpg", "--epochs", 60, "--json")
    result = last_json(out)
    assert 0.7 < result["r2"] < 1
    assert 1 < result["rmse"] < 5, "miles per gallon"
    assert "test_accuracy" not in result


def test_every_option_reaches_the_training(nodeglow, tmp_path):
    path = tmp_path / "m.json"
    status, _out, err = nodeglow(
        "train", "iris", "--target", "species", "--hidden", "7,5", "--activation", "gelu", "--dropout", 0.1,
        "--initializer", "he_normal", "--loss", "huber:threshold=0.5", "--optimizer", "sgd:momentum=0.9,nesterov=yes",
        "--learning-rate", 0.05, "--schedule", "cosine:epochs=9,warmup_epochs=2", "--batch-size", 9, "--l1", 1e-4,
        "--l2", 1e-3, "--clip-norm", 2, "--epochs", 9, "--seed", 11, "--test-fraction", 0.3, "--missing", "mean",
        "--scale", "none", "--device", "cpu", "--engine", "reference", "--dtype", "float64", "--tf32",
        "--save", path, "--json",
    )  # fmt: skip
    assert (status, len(err.splitlines())) == (0, 1)
    assert "TF32 products change nothing here" in err
    model = load_model(path)
    assert model.network.to_json() == {
        "inputs": 4,
        "hidden": [{"units": units, "activation": "gelu", "dropout": 0.1} for units in (7, 5)],
        "outputs": 3,
        "link": "softmax",
        "initializer": "he_normal",
    }
    assert model.config.to_json() == {
        "loss": {"name": "huber", "threshold": 0.5},
        "optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": True, "learning_rate": 0.05},
        "schedule": {"name": "cosine", "epochs": 9.0, "warmup_epochs": 2.0},
        "batch_size": 9,
        "l1": 1e-4,
        "l2": 1e-3,
        "clip_norm": 2.0,
        "seed": 11,
        "dtype": "float64",
        "tf32": True,
    }
    dataset = open_dataset("iris", test_fraction=0.3, missing="mean", scale="none", seed=11)
    assert np.array_equal(model.recipe.transform(dataset.table), dataset.recipe.transform(dataset.table))
    assert model.recipe == dataset.recipe


def test_no_hidden_layer_and_no_test_rows_are_possible(nodeglow):
    _, out, _ = nodeglow("train", "iris", "--hidden", "none", "--test-fraction", 0, "--epochs", 5, "--json")
    result = last_json(out)
    assert result["parameters"] == 15
    assert result["test_loss"] is None
    assert result["test_accuracy"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pengiuns"], ["pengiuns", "Did you mean"]),
        (["penguins", "--activation", "tan"], ["'tan'", "tanh"]),
        (["penguins", "--optimizer", "adm"], ["'adm'", "adam"]),
        (["penguins", "--optimizer", "adam:beta=1"], ["'beta'", "beta1"]),
        (["penguins", "--optimizer", "adam:beta1"], ["'beta1'", "name=value"]),
        (["penguins", "--optimizer", "adam:beta1=2"], ["2"]),
        (["penguins", "--schedule", "linear"], ["'linear'"]),
        (["penguins", "--loss", "crossentropy"], ["'crossentropy'", "cross_entropy"]),
        (["auto_mpg", "--loss", "cross_entropy"], ["cross_entropy", "mpg is a value", "mse"]),
        (["penguins", "--hidden", "8;8"], ["'8;8'"]),
        (["penguins", "--hidden", "8,-1"], ["-1"]),
        (["penguins", "--learning-rate", "fast"], ["--learning-rate"]),
        (["penguins", "--learning-rate", "-1"], ["-1"]),
        (["penguins", "--learning-rate", "nan"], ["nan"]),
        (["penguins", "--batch-size", "0"], ["0"]),
        (["penguins", "--epochs", "0"], ["0"]),
        (["penguins", "--seed", "-1"], ["-1"]),
        (["penguins", "--test-fraction", "1.5"], ["1.5"]),
        (["penguins", "--target", "speices"], ["speices", "species"]),
        (["penguins", "--dtype", "float16"], ["float16", "float32"]),
        (["penguins", "--device", "tpu"], ["tpu"]),
        (["penguins", "--engine", "fast"], ["fast", "reference"]),
        (["penguins", "--no-such-option"], ["--no-such-option", "--help"]),
        ([], ["data"]),
    ],
)
def test_what_cannot_be_trained_is_refused_in_two_lines(nodeglow, arguments, words):
    assert_refused(nodeglow("train", *arguments), *words)


def test_cuda_without_cupy_says_why(nodeglow, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert_refused(nodeglow("train", "penguins", "--device", "cuda"), "CuPy", "pip install")


@pytest.mark.parametrize("name", ["m.xyz", "m", "no/such/folder/m.json", "."])
def test_a_model_that_could_not_be_written_is_refused_before_the_training(nodeglow, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert_refused(nodeglow("train", "penguins", "--epochs", 10**7, "--save", name))
    assert list(tmp_path.iterdir()) == []


def test_divergence_is_an_error_that_keeps_the_last_finite_state(nodeglow, tmp_path):
    path = tmp_path / "m.npz"
    steep = ("--activation", "relu", "--optimizer", "sgd", "--learning-rate", 1e6)
    status, out, err = nodeglow("train", "auto_mpg", *steep, "--save", path, "--json")
    assert status == 2
    assert "diverged" in err
    assert len(err.splitlines()) == 2
    assert last_json(out)["saved"] == [str(path)]
    assert np.isfinite(load_model(path).parameters).all()


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("models") / "p.safetensors"
    assert run(application(COMMANDS), ["train", "penguins", "--epochs", "60", "--save", str(path)]) == 0
    return path


def test_predict_writes_a_prediction_and_the_probabilities_of_every_row(nodeglow, trained, tmp_path):
    out = tmp_path / "answers.csv"
    status, said, err = nodeglow("predict", trained, "penguins", "--out", out)
    assert status == 0
    assert "344 predictions" in said
    assert "2 of 344 rows are left empty" in err
    answers = pd.read_csv(out)
    assert list(answers) == ["prediction", "probability_Adelie", "probability_Gentoo", "probability_Chinstrap"]
    species = open_dataset("penguins").table["species"]
    known = answers["prediction"].notna()
    assert known.sum() == 342
    assert (answers["prediction"] == species)[known].mean() > 0.95
    assert np.allclose(answers[known].iloc[:, 1:].sum(axis=1), 1)


def test_predict_takes_raw_columns_in_any_order_without_the_target(nodeglow, trained, tmp_path):
    rows = tmp_path / "birds.csv"
    rows.write_text(
        "body_mass_g;name;flipper_length_mm;bill_depth_mm;bill_length_mm\n3000;the lesson's;192;16,8;37,3\n"
    )
    status, out, err = nodeglow("predict", trained, rows)
    assert (status, err) == (0, "")
    header, bird = out.splitlines()
    assert header.startswith("prediction,")
    assert bird.startswith("Adelie,")


def test_predict_refuses_a_table_without_a_column_that_the_model_needs(nodeglow, trained, tmp_path):
    rows = tmp_path / "birds.csv"
    rows.write_text("bill_length_mm,bill_depth_mm\n37.3,16.8\n40,17\n")
    assert_refused(nodeglow("predict", trained, rows), "flipper_length_mm")


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.load is not None])
def test_convert_writes_every_format_and_predictions_stay_the_same(nodeglow, trained, tmp_path, name):
    out = tmp_path / f"model{FORMATS[name].suffix}"
    status, said, _ = nodeglow("convert", trained, out, "--format", name, "--json")
    assert status == 0
    limits = list(FORMATS[name].limits(load_model(trained), ExportOptions()))
    assert last_json(said) == {"out": str(out), "parameters": 139, "limits": limits, "notes": []}
    assert nodeglow("predict", out, "penguins") == nodeglow("predict", trained, "penguins")


def test_convert_refuses_what_is_no_model_and_what_is_no_format(nodeglow, trained, tmp_path):
    (tmp_path / "not.safetensors").write_text("hello")
    assert_refused(nodeglow("convert", tmp_path / "not.safetensors", tmp_path / "out.npz"))
    assert_refused(nodeglow("convert", trained, tmp_path / "out.xyz"), ".xyz")
    assert_refused(nodeglow("convert", trained, tmp_path / "out.npz", "--format", "nzp"), "npz")
    assert [path.name for path in tmp_path.iterdir()] == ["not.safetensors"]


def test_datasets_lists_every_bundled_set_with_rows_columns_target_source_and_licence(nodeglow):
    _, out, _ = nodeglow("datasets", "--json")
    listed = {row["name"]: row for row in last_json(out)["datasets"]}
    assert set(listed) == set(BUNDLED)
    assert listed["penguins"]["rows"] == 344
    assert listed["penguins"]["columns"] == 8
    assert listed["penguins"]["target"] == "species"
    assert all(row["source"] and row["licence"] for row in listed.values())
    _, text, _ = nodeglow("datasets")
    assert all(any(line.startswith(name + "\t") for line in text.splitlines()) for name in BUNDLED)


def test_help_is_there_for_every_command(nodeglow):
    status, out, _ = nodeglow("--help")
    assert status == 0
    for name in COMMANDS:
        assert name in out
        status, text, _ = nodeglow(name, "--help")
        assert status == 0
        assert "--json" in text


def test_without_a_command_the_help_is_shown(nodeglow):
    assert nodeglow() == nodeglow("--help")


def test_an_unknown_command_is_refused_in_two_lines(nodeglow):
    assert_refused(nodeglow("trian", "penguins"), "trian")


PROCESS = [sys.executable, "-c", "from simulator.cli.program import main; main()"]


def started(*arguments: object, **options) -> subprocess.Popen:
    command = [*PROCESS, *map(str, arguments)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_the_training_and_keeps_what_was_learnt(tmp_path):
    path = tmp_path / "kept.safetensors"
    preparing.wait("compiled", "float32", Progress())  # so that the other process only has to load the kernels
    process = started("train", "penguins", "--epochs", 10**8, "--save", path)
    try:
        # The report about the data set stands before the training: from there on, Ctrl-C means this training.
        while "Training:" not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(3.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err.startswith("nodeglow: interrupted after ")
    assert "Traceback" not in err
    assert f"Saved {path}" in out
    model = load_model(path)
    assert 0 < model.epoch < 10**8
    assert np.isfinite(model.parameters).all()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_the_wait_for_the_kernels_too(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    process = started("train", "penguins", "--epochs", 5)
    try:
        while "Training:" not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(1.0)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert time.monotonic() - began < 3.0
    assert process.returncode == 130
    assert err == "nodeglow: interrupted after 0 of 5 epochs\n"


def test_ctrl_c_between_two_jobs_is_no_traceback(capsys):
    def interrupted() -> int:
        raise KeyboardInterrupt

    assert run(application({"first": interrupted, "second": interrupted}), ["first"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_piped_output_has_no_progress_bar_and_no_colour():
    process = started("train", "penguins", "--epochs", 5)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "\x1b" not in out


def test_a_reader_who_stops_reading_is_no_reason_for_a_traceback(trained):
    process = started("predict", trained, "penguins")
    with process.stdout, process.stderr:
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
        process.wait(60)


def test_help_begins_with_examples_that_parse_and_shows_options_under_headings(nodeglow):
    for name in ("train", "predict", "convert"):
        text = nodeglow(name, "--help")[1]
        examples = re.findall(rf"^  nodeglow {name} .*$", text, re.MULTILINE)
        assert examples
        for example in examples:
            for option in re.findall(r"--[\w-]+", example):
                assert f"\n  {option} " in text
    headings = re.findall(r"^(\S.*):$", nodeglow("train", "--help")[1], re.MULTILINE)
    assert headings[:2] == ["Examples", "Arguments"]
    assert headings[-1] == "Options"
    assert "The network" in headings


def test_the_list_of_commands_says_whole_sentences(nodeglow):
    listed = nodeglow("--help")[1].partition("Commands:")[2]
    assert "..." not in listed


@pytest.mark.parametrize("other", ["--save", "--curves"])
def test_a_file_that_would_be_written_twice_is_refused_before_training(nodeglow, tmp_path, other):
    path = tmp_path / "model.csv"
    assert_refused(nodeglow("train", "penguins", "--save", path, other, path), "twice")
    assert list(tmp_path.iterdir()) == []


def test_of_several_files_it_is_said_which_one_holds_less(nodeglow, tmp_path):
    saved = [tmp_path / "a.onnx", tmp_path / "b.keras", tmp_path / "c.npz"]
    arguments = [word for path in saved for word in ("--save", path)]
    status, _, said = nodeglow("train", "penguins", "--epochs", 1, "--engine", "reference", *arguments)
    assert status == 0
    for path in saved[:2]:
        assert f"{path}: The optimizer's memory is not in it" in said
    assert str(saved[2]) not in said


def test_no_name_steers_the_terminal(nodeglow, trained, tmp_path):
    out = tmp_path / "a\x1b[31m\u202eb.npz"
    status, said, _ = nodeglow("convert", trained, out)
    assert status == 0
    assert out.exists()
    assert "a\\x1b[31m\\u202eb.npz" in said
    status, _, said = nodeglow("predict", out, tmp_path / "none\x1b[2J.csv")
    assert (status, "\x1b" in said) == (2, False)


def test_ctrl_c_outside_a_job_is_told(capsys):
    def interrupted() -> int:
        raise KeyboardInterrupt

    assert run(application({"first": interrupted, "second": interrupted}), ["first"]) == 130
    assert capsys.readouterr().err == "nodeglow: interrupted\n"


def test_a_function_that_does_not_exist_is_refused_whatever_the_file_says(nodeglow, trained):
    assert_refused(nodeglow("predict", trained, "penguins", "--link", "softmx"), "softmax")


def test_only_formats_that_can_be_opened_are_named_where_one_cannot_be(nodeglow, tmp_path):
    (tmp_path / "a.txt").write_text("no model")
    status, _, said = nodeglow("predict", tmp_path / "a.txt", "penguins")
    assert status == 2
    assert ".npz" in said
    assert ".py" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk that Linux has")
def test_output_that_cannot_be_written_is_two_lines():
    for arguments in (["formats"], ["train", "--help"]):
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run([*PROCESS, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert ended.returncode == 2
        assert len(ended.stderr.splitlines()) == 2
        assert "no space left" in ended.stderr


def test_a_closed_output_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert run(application(COMMANDS), ["formats"]) == 0
    sys.stdout.close()  # what stands in for it until the program ends


def test_too_little_memory_is_two_lines(capsys):
    def greedy() -> int:
        raise MemoryError

    assert run(application({"first": greedy, "second": greedy}), ["first"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
