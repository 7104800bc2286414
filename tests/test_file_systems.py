"""Whatever writes a file leaves the old one and nothing else on a full disk, a read-only one and in a closed folder.

The disks are small ones in memory, mounted in a namespace of their own by a child that then tries all writers.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ODD = ["with space", "ümläut 漢字 🙂", "-leading", "new\nline", "q'u\"o`te$;|&*?", "n" * 240, "dot..", "%s{}", "a:b\\c"]

CHILD = r"""
import contextlib, io, json, os, subprocess, sys, tempfile
from pathlib import Path

KIND, FOLDER = sys.argv[1], Path(sys.argv[2])
OLD = b"the old content"
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from simulator.cli.program import COMMANDS, application, run
from simulator.data import open_dataset
from simulator.errors import ExportError
from simulator.interchange import FORMATS, save_model
from simulator.interchange.recipe_file import write_choices
from simulator.training.session import Session
from simulator.training.session_file import write_session

session = Session(open_dataset("iris"), engine="reference")
model = session.model()

def command(*arguments):
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        status = run(application(COMMANDS), [*map(str, arguments), "--force"])
    if status:
        raise ExportError(*err.getvalue().splitlines()[-2:])

def picture(path):
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QGuiApplication

    from ui.pictures import write

    global app
    app = QGuiApplication.instance() or QGuiApplication(["nodeglow"])
    write(path, QSize(20, 20), lambda painter: painter.drawLine(0, 0, 9, 9))

train = ("train", "iris", "--epochs", "1", "--engine", "reference")
WRITERS = {
    **{f"save_model {name}": (row.suffix, lambda path, name=name: save_model(model, path, name))
       for name, row in FORMATS.items()},
    "write_session": (".nodeglow", lambda path: write_session(session.record(), path)),
    "write_choices": (".json", lambda path: write_choices(session.dataset.choices, path)),
    "predict --out": (".csv", lambda path: command("predict", MODEL, "iris", "--out", path)),
    "convert": (".npz", lambda path: command("convert", MODEL, path)),
    "train --save": (".json", lambda path: command(*train, "--save", path)),
    "train --save session": (".nodeglow", lambda path: command(*train, "--save", path)),
    "train --curves": (".csv", lambda path: command(*train, "--curves", path)),
    "datasets --save-recipe": (".json", lambda path: command("datasets", "iris", "--save-recipe", path)),
    **{f"picture {suffix}": (suffix, picture) for suffix in (".png", ".svg", ".pdf")},
}
MODEL = save_model(model, Path(sys.argv[3]) / "model.safetensors")

def mount(*options):
    subprocess.run(["mount", "-t", "tmpfs", *options, "none", FOLDER], check=True)

if KIND != "closed":
    mount("-o", "size=1m")
paths = {name: FOLDER / f"old {place}{suffix}" for place, (name, (suffix, _)) in enumerate(WRITERS.items())}
for path in paths.values():
    path.write_bytes(OLD)
if KIND == "full":
    with contextlib.suppress(OSError), (FOLDER / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)
elif KIND == "read-only":
    mount("-o", "remount,ro")
else:
    FOLDER.chmod(0o555)
    if os.getuid() == 0:
        # Nobody may not even import from root's folders: everything is written once while it is still permitted.
        with tempfile.TemporaryDirectory() as elsewhere:
            for name, (suffix, write) in WRITERS.items():
                write(Path(elsewhere, f"new{suffix}"))
        Path(sys.argv[3]).chmod(0o755)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

before = sorted(each.name for each in FOLDER.iterdir())
results = {}
for name, (_, write) in WRITERS.items():
    try:
        write(paths[name])
    except ExportError as error:
        said = [error.message, error.hint]
    else:
        said = ["written", ""]
    whole = paths[name].read_bytes() == OLD
    results[name] = [*said, whole, sorted(each.name for each in FOLDER.iterdir()) == before]
print(json.dumps(results))
"""

SAID = {
    "full": ("no space left", "The disk is full"),
    "read-only": ("read-only file system", "Choose a folder"),
    "closed": ("", "Choose a folder"),
}


def _namespace() -> list[str] | None:
    """Return what gives a child the right to mount, or None where nothing does."""
    for prefix in (["unshare", "-m"], ["unshare", "-rm"]):
        probe = [*prefix, "sh", "-c", "mount -t tmpfs none /mnt"]
        if shutil.which("unshare") and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return prefix
    return None


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="mounting and rights are POSIX")
@pytest.mark.parametrize("kind", SAID)
def test_whatever_cannot_be_written_leaves_the_old_file_and_nothing_else(kind):
    prefix = [] if kind == "closed" else _namespace()
    if prefix is None:
        pytest.skip("a disk cannot be mounted here, not even in a namespace of its own")
    # The folder of pytest is closed to everybody else, and a child that gives up its rights must get in.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        disk = Path(folder, "disk")
        disk.mkdir()
        command = [*prefix, sys.executable, "-c", CHILD, kind, str(disk), folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
        disk.chmod(0o755)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout.splitlines()[-1])
    assert len(results) > 10
    message, hint = SAID[kind]
    for writer, (said, advice, whole, alone) in results.items():
        assert message in said, writer
        assert advice.startswith(hint), (writer, advice)
        assert whole, f"{writer} spoilt the old file"
        assert alone, f"{writer} left something behind"


@pytest.mark.skipif(os.name != "posix", reason="such names are POSIX")
@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_written_replaced_and_opened_by_every_command(tmp_path, monkeypatch, capsys, name):
    from simulator.cli.program import COMMANDS, application, run
    from simulator.interchange import load_model

    def call(*arguments: str) -> int:
        return run(application(COMMANDS), list(arguments))

    monkeypatch.chdir(tmp_path)
    model, other, session = (f"./{name}{suffix}" for suffix in (".json", ".npz", ".nodeglow"))
    assert call("train", "iris", "--epochs", "1", "--engine", "reference", "--save", model, "--save", session) == 0
    assert call("convert", model, other) == 0
    assert call("convert", model, other) == 2
    assert call("convert", session, other, "--force") == 0
    assert call("predict", other, "iris", "--out", f"./{name}.csv") == 0
    assert load_model(other).epoch == 1
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}{suffix}" for suffix in (".json", ".npz", ".nodeglow", ".csv")
    }
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and rights are POSIX")
def test_commands_follow_links_and_refuse_folders_pipes_and_devices(tmp_path, capsys):
    from simulator.cli.program import COMMANDS, application, run

    model = tmp_path / "m.json"
    arguments = ["train", "iris", "--epochs", "1", "--engine", "reference", "--save", str(model)]
    assert run(application(COMMANDS), arguments) == 0
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "m.npz").write_bytes(b"old")
    (tmp_path / "link.npz").symlink_to(tmp_path / "real" / "m.npz")
    (tmp_path / "folder.npz").mkdir()
    os.mkfifo(tmp_path / "pipe.npz")
    assert run(application(COMMANDS), ["convert", str(model), str(tmp_path / "link.npz")]) == 2
    assert run(application(COMMANDS), ["convert", str(model), str(tmp_path / "link.npz"), "--force"]) == 0
    assert (tmp_path / "link.npz").is_symlink()
    assert (tmp_path / "real" / "m.npz").read_bytes().startswith(b"PK")
    capsys.readouterr()
    for name, said in (("folder.npz", "folder"), ("pipe.npz", "pipe")):
        assert run(application(COMMANDS), ["convert", str(model), str(tmp_path / name), "--force"]) == 2
        assert said in capsys.readouterr().err
    assert stat.S_ISFIFO((tmp_path / "pipe.npz").stat().st_mode)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder.npz", "link.npz", "m.json", "pipe.npz", "real"]
