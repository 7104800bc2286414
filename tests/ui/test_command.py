"""The console script as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import PIL.Image
import pytest

from ui.command import PACKAGES, explain, means_window

TOP = Path(__file__).resolve().parents[2]


def command(*given, **environment):
    """Run the command without a display, and with what is said of the environment (None takes a variable away)."""
    gone = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    own = {key: value for key, value in os.environ.items() if key not in gone}
    own |= {"PYTHONPATH": str(TOP)} | environment
    return subprocess.run(
        [sys.executable, "-m", "ui.command", *map(str, given)], env=own, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip


def test_without_a_display_it_says_so_and_names_the_headless_command():
    run = command()
    assert run.returncode == 2
    assert run.stdout == ""
    first, second = run.stderr.splitlines()
    assert "no display" in first
    assert "nodeglow train" in second


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11")
def test_with_a_display_that_is_not_there_it_says_so():
    run = command(DISPLAY=":987")
    assert run.returncode == 2
    assert "':987' cannot be opened" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_missing_system_library_is_named_with_its_package(tmp_path):
    broken = tmp_path / "PySide6"
    broken.mkdir()
    error = "libEGL.so.1: cannot open shared object file: No such file or directory"
    (broken / "__init__.py").write_text(f"raise ImportError({error!r})\n")
    for given in ((), ("render", tmp_path / "x.png")):
        run = command(*given, PYTHONPATH=f"{tmp_path}{os.pathsep}{TOP}", QT_QPA_PLATFORM="offscreen")
        assert run.returncode == 2
        assert "libEGL.so.1 is missing" in run.stderr
        assert "apt install libegl1" in run.stderr
        assert "Traceback" not in run.stderr


@pytest.mark.parametrize("library", PACKAGES)
def test_every_known_library_is_explained(library):
    message, hint = explain(f"{library}: cannot open shared object file: No such file or directory")
    assert library in message
    assert PACKAGES[library] in hint


def test_a_library_that_nobody_knows_is_named_all_the_same():
    message, hint = explain("libfoo-2.so.7: cannot open shared object file")
    assert "libfoo-2.so.7" in message
    assert "package manager" in hint


def test_a_missing_qt_is_explained():
    assert "pip install" in explain("No module named 'PySide6'")[1]


def test_headless_commands_do_not_import_qt(tmp_path):
    (tmp_path / "PySide6.py").write_text("raise AssertionError('Qt was imported')\n")
    run = command("datasets", "--json", PYTHONPATH=f"{tmp_path}{os.pathsep}{TOP}")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1])


def test_render_draws_without_a_display_and_says_nothing_but_the_file(tmp_path):
    out = tmp_path / "picture.png"
    run = command("render", out, "--epochs", 2, "--view", "network", "--size", "800x500", "--theme", "light")
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == str(out)
    assert run.stderr == ""
    assert out.stat().st_size > 10_000


@pytest.mark.slow
def test_render_makes_a_film_and_says_nothing_but_the_file(tmp_path):
    out = tmp_path / "film.gif"
    about = ("--epochs", 3, "--view", "network", "--size", "400x300", "--fps", 10, "--once")
    run = command("render", out, *about)
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, str(out), "")
    with PIL.Image.open(out) as film:
        assert (film.n_frames, film.size, film.info["duration"]) == (4, (400, 300), 100)
        assert "loop" not in film.info


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_a_film_and_leaves_nothing(tmp_path):
    line = [sys.executable, "-m", "ui.command", "render", tmp_path / "film.gif", "--epochs", "5000", "--step", "1"]
    run = subprocess.Popen(
        [*map(str, line), "--view", "network"], cwd=TOP, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    while not list(tmp_path.iterdir()):
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    said = run.communicate(timeout=60)[1]
    assert run.returncode == 130
    assert "interrupted" in said
    assert list(tmp_path.iterdir()) == []


def test_a_refused_option_of_render_is_two_lines(tmp_path):
    run = command("render", tmp_path / "picture.bmp")
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 2


def test_a_file_that_does_not_exist_is_refused(tmp_path):
    run = command(tmp_path / "nowhere.csv", QT_QPA_PLATFORM="offscreen")
    assert run.returncode == 2
    assert "there is no file" in run.stderr


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([], True),
        (["data.csv"], True),
        (["./penguins"], True),
        (["train", "iris"], False),
        (["--help"], False),
        (["trian"], False),
        (["window", "a.csv"], False),
    ],
    ids=str,
)
def test_a_command_line_without_a_command_means_the_window(given, meant):
    assert means_window(given) == meant


def test_a_file_without_a_suffix_is_opened_too_unless_it_is_called_like_a_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("birds", "datasets"):
        (tmp_path / name).write_text("a,b\n1,x\n2,y\n")
    assert "no display" in command("birds").stderr
    assert "penguins" in command("datasets").stdout


FIRST_FRAME = """
import os, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from ui.app import create_window
from ui.preferences import Preferences
window = create_window(Preferences(Path(sys.argv[1])), None)
window.stage.painted.connect(lambda: print(*sys.modules, flush=True) or os._exit(0))
window.show()
app.exec()
"""
"""Prints the modules that are there when the window has painted its first frame."""

LATER = {"PIL", "av", "google.protobuf", "h5py", "numba", "onnx", "pandas", "pyarrow", "pyqtgraph", "safetensors"}


def test_the_window_does_not_wait_for_pandas_or_a_file_format(tmp_path):
    offscreen = os.environ | {"PYTHONPATH": str(TOP), "QT_QPA_PLATFORM": "offscreen"}
    found = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME, tmp_path / "p.ini"], env=offscreen, capture_output=True, text=True,
        check=True, timeout=60,
    ).stdout.split()  # fmt: skip
    assert "ui.main_window" in found
    assert LATER.isdisjoint(found)
    assert not [name for name in found if name.startswith("simulator.interchange")]


@pytest.mark.parametrize("name", ["window", "render"])
def test_each_command_has_help(name):
    run = command(name, "--help")
    assert run.returncode == 0
    assert "Usage" in run.stdout
