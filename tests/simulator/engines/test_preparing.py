"""Kernels are compiled by a child process once, and found again; nearly all of it with a kernel that takes no time."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.engines import ENGINES, kernel_files, preparing
from simulator.engines.kernel_files import Kernel
from simulator.engines.preparing import Preparation
from simulator.errors import DeviceError
from simulator.progress import Cancelled, Progress

PATIENCE = 60.0
PACKAGE = Path(simulator.__file__).parent
TINY = {"double": Kernel("tiny", "double", "void({T}[::1])"), "clear": Kernel("tiny", "clear", "void({T}[::1])")}
SOURCE = """
def double(values):
    for i in range(len(values)):
        values[i] *= 2

def clear(values):
    values[:] = 0

def wrong(values):
    return values.no_such_thing
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Where this user's caches are; empty."""
    folder = tmp_path / "cache"
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, appauthor: folder / name)
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "tiny.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(modules)
    yield folder / "nodeglow"
    sys.modules.pop("tiny", None)


@pytest.fixture
def no_child(monkeypatch):
    def refused(told: str) -> None:
        raise OSError("no process may be started")

    monkeypatch.setattr(preparing, "_child", refused)


def prepared(kernels=TINY, dtype="float32") -> Preparation:
    found = Preparation("tiny", dtype, kernels)
    assert found.done.wait(PATIENCE)
    return found


def doubled(found: Preparation, dtype="float32") -> list[float]:
    values = np.array([1, 2, 3], dtype=dtype)
    found.kernels["double"](values)
    return values.tolist()


def loaded(found: Preparation) -> list[tuple[int, int]]:
    """How often each kernel was taken from a file, and how often it was compiled in this process."""
    return [(kernel.stats.cache_hits.total(), kernel.stats.cache_misses.total()) for kernel in found.kernels.values()]


def files(folder: Path) -> dict[str, int]:
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def code_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.nbc"))


# -- the usual way --------------------------------------------------------------------------------------------------


def test_a_child_compiles_and_this_process_only_loads(cache, caplog):
    found = prepared()
    assert doubled(found) == [2, 4, 6]
    assert loaded(found) == [(1, 0), (1, 0)]
    assert len(code_files(cache)) == 2
    assert caplog.text == ""


def test_the_second_start_finds_what_the_first_one_made_and_changes_nothing(cache, no_child, caplog):
    kernel_files.make("tiny-float32", TINY, "float32", kernel_files.place())
    before = files(cache)
    found = prepared()
    assert doubled(found) == [2, 4, 6]
    assert loaded(found) == [(1, 0), (1, 0)]
    assert files(cache) == before
    assert caplog.text == ""


def test_another_process_finds_it_too(cache, no_child):
    kernel_files.make("tiny-float32", TINY, "float32", kernel_files.place())
    before = files(cache)
    assert run(PREPARE, cache.parent, sys.path).stdout.split() == ["ready", "1", "0"]
    assert files(cache) == before


def test_every_number_format_has_its_own_files(cache, no_child):
    single, double = prepared(dtype="float32"), prepared(dtype="float64")
    assert doubled(single, "float32") == doubled(double, "float64") == [2, 4, 6]
    assert {path.name for path in cache.glob("*/*.json")} == {"tiny-float32.json", "tiny-float64.json"}


def test_an_array_of_another_kind_is_refused_and_not_compiled(cache, no_child):
    with pytest.raises(TypeError, match="No matching definition"):
        prepared().kernels["double"](np.zeros(3, dtype="float64"))


def test_numbas_own_settings_are_as_they_were(cache, no_child):
    import numba

    before = numba.config.CACHE_DIR
    prepared()
    assert before == numba.config.CACHE_DIR


@pytest.mark.slow
def test_two_programs_that_start_at_once_do_not_disturb_each_other(cache, caplog):
    both = [Preparation("tiny", "float32", TINY) for _ in range(2)]
    for found in both:
        assert found.done.wait(PATIENCE)
        assert doubled(found) == [2, 4, 6]
    assert len(code_files(cache)) == len(TINY)  # the second one waited for what the first one made
    assert loaded(prepared()) == [(1, 0), (1, 0)]
    assert caplog.text == ""


def test_what_is_done_is_said_in_words(cache, monkeypatch):
    said: list[str] = []
    child = preparing._child

    def slow_child(told: str) -> subprocess.Popen:
        said.append(waiting[0].text)
        return child(told)

    monkeypatch.setattr(preparing, "_child", slow_child)
    begun, waiting = threading.Event(), []
    place = kernel_files.place

    def slow_place() -> Path:
        begun.wait(PATIENCE)
        return place()

    monkeypatch.setattr(kernel_files, "place", slow_place)
    waiting.append(Preparation("tiny", "float32", TINY))
    assert waiting[0].text == preparing.LOADING
    begun.set()
    assert waiting[0].done.wait(PATIENCE)
    waiting[0]._thread.join()
    assert said == [preparing.COMPILING]
    assert waiting[0].text == ""


# -- the folder -----------------------------------------------------------------------------------------------------


def test_the_folder_is_the_users_cache_folder_and_named_by_a_hash(cache):
    place = kernel_files.place()
    assert place.parent == cache
    assert place.name == f"kernels-{kernel_files.fingerprint()}"


def test_a_folder_chosen_for_numba_is_kept_to(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "chosen"))
    assert kernel_files.place().parent == tmp_path / "chosen" / "nodeglow"


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("sources") / "simulator"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.mark.parametrize("name", ["nn/activations.py", "nn/optimizers.py", "engines/kernels.py", "engines/layout.py"])
def test_the_hash_follows_every_source_that_the_kernels_come_from(sources, name):
    before = kernel_files.fingerprint(sources)
    assert kernel_files.fingerprint(sources) == before
    with (sources / name).open("a") as file:
        file.write("\n# an edit\n")
    assert kernel_files.fingerprint(sources) != before


def test_the_hash_follows_the_place_of_the_sources_and_numbas_settings(sources, monkeypatch):
    seen = {kernel_files.fingerprint(), kernel_files.fingerprint(sources)}
    monkeypatch.setenv("NUMBA_OPT", "1")
    seen.add(kernel_files.fingerprint())
    assert len(seen) == 3


def test_old_versions_and_what_was_left_behind_are_removed_and_the_rest_stays(cache):
    place = kernel_files.place()
    kernel_files.make("tiny-float32", TINY, "float32", place)
    kept = next(place.glob("tiny-float32-*"))
    old, young = cache / "kernels-old", cache / "kernels-young"
    left, at_work, other = place / "tiny-float32-left", place / "tiny-float32-at-work", cache / "films"
    for folder, days in ((old, 31), (young, 29), (left, 2), (at_work, 0), (other, 400), (kept, 400)):
        folder.mkdir(exist_ok=True)
        then = time.time() - days * 86_400
        os.utime(folder, (then, then))
    kernel_files.tidy(place)
    assert [folder.exists() for folder in (old, young, left, at_work, other, kept)] == [
        False, True, False, True, True, True,
    ]  # fmt: skip


# -- what goes wrong ------------------------------------------------------------------------------------------------


def cut_short(place: Path) -> None:
    file = code_files(place)[0]
    file.write_bytes(file.read_bytes()[:100])


def one_bit(place: Path) -> None:
    file = code_files(place)[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def file_gone(place: Path) -> None:
    code_files(place)[0].unlink()


def list_cut_short(place: Path) -> None:
    (place / "tiny-float32.json").write_text('{"folder": "float')


def list_of_nonsense(place: Path) -> None:
    (place / "tiny-float32.json").write_text('["folder", 3]')


def whole_but_unreadable(place: Path) -> None:
    """Not Numba's, but as the list says: nobody checks that but Numba."""
    listed = json.loads((place / "tiny-float32.json").read_bytes())
    for name in listed["files"]:
        (place / listed["folder"] / name).write_bytes(b"nonsense")
        listed["files"][name] = kernel_files._sha256(place / listed["folder"] / name)
    (place / "tiny-float32.json").write_text(json.dumps(listed))


@pytest.mark.parametrize(
    "damage", [cut_short, one_bit, file_gone, list_cut_short, list_of_nonsense, whole_but_unreadable]
)
def test_a_damaged_file_is_not_loaded_but_made_again(cache, no_child, damage):
    kernel_files.make("tiny-float32", TINY, "float32", kernel_files.place())
    damage(kernel_files.place())
    found = prepared()
    assert doubled(found) == [2, 4, 6]
    assert loaded(found) == [(0, 1), (0, 1)]
    assert loaded(prepared()) == [(1, 0), (1, 0)]


@pytest.mark.parametrize(
    ("code", "said"),
    [("raise SystemExit('no luck')", "no luck"), ("import os; os._exit(3)", "status 3"), ("", "")],
    ids=["it says why", "it dies", "it does nothing"],
)
def test_a_child_that_fails_is_logged_and_this_process_compiles_and_keeps(cache, monkeypatch, caplog, code, said):
    monkeypatch.setattr(preparing, "_CHILD", code)
    found = prepared()
    assert doubled(found) == [2, 4, 6]
    assert loaded(found) == [(0, 1), (0, 1)]
    assert said in caplog.text
    assert loaded(prepared()) == [(1, 0), (1, 0)]


def test_a_child_that_never_ends_is_ended(cache, monkeypatch, caplog):
    monkeypatch.setattr(preparing, "_CHILD", "import time; time.sleep(1000)")
    monkeypatch.setattr(preparing, "_CHILD_SECONDS", 0.3)
    assert doubled(prepared()) == [2, 4, 6]
    assert "no child process could compile" in caplog.text


@pytest.mark.parametrize("kind", ["nothing to start", "a frozen program"])
def test_without_an_interpreter_to_start_this_process_compiles(cache, no_child, monkeypatch, caplog, kind):
    if kind == "a frozen program":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(sys, "executable", "")
    assert doubled(prepared()) == [2, 4, 6]
    assert caplog.text == "", "nothing was tried that could fail"
    monkeypatch.undo()


def test_without_a_folder_to_keep_them_in_kernels_are_compiled_at_every_start(cache, tmp_path, monkeypatch, caplog):
    cache.parent.write_text("a file where the folder should be")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    found = prepared()
    assert doubled(found) == [2, 4, 6]
    assert loaded(found) == [(1, 0), (1, 0)], "a child compiled, as always"
    assert "cannot be kept" in caplog.text
    assert cache.parent.is_file()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_without_any_folder_this_process_compiles(cache, no_child, monkeypatch):
    cache.parent.write_text("a file where the folder should be")

    def nowhere(*_, **__) -> None:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", nowhere)
    found = prepared()
    assert doubled(found) == [2, 4, 6]
    assert [kernel.stats.cache_path for kernel in found.kernels.values()] == [None, None]


def test_a_kernel_that_cannot_be_compiled_is_an_error_with_a_hint(cache, no_child, monkeypatch):
    monkeypatch.setattr(preparing, "_preparations", {})
    monkeypatch.setattr(preparing, "KERNELS", {"tiny": {"wrong": Kernel("tiny", "wrong", "void({T}[::1])")}})
    for ask in (lambda: preparing.wait("tiny", "float32", Progress()), lambda: preparing.kernel("wrong", "float32")):
        with pytest.raises(DeviceError, match="cannot be compiled") as caught:
            ask()
        assert "reference" in caught.value.hint
    assert preparing.ready("tiny", "float32"), "who works now is told"
    assert preparing.preparing("tiny", "float32") == ""


# -- asking ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(cache, monkeypatch):
    """Tiny kernels whose preparation begins, and goes on when the event is set."""
    go_on = threading.Event()
    place = kernel_files.place

    def waiting() -> Path:
        go_on.wait(PATIENCE)
        return place()

    kernel_files.make("tiny-float32", TINY, "float32", place())
    monkeypatch.setattr(kernel_files, "place", waiting)
    monkeypatch.setattr(preparing, "_preparations", {})
    monkeypatch.setattr(preparing, "KERNELS", {"tiny": TINY})
    yield go_on
    go_on.set()


def test_no_name_stands_for_two_kernels():
    names = [name for rows in preparing.KERNELS.values() for name in rows]
    assert len(names) == len(set(names))
    assert set(preparing.KERNELS) <= set(ENGINES)


def test_nothing_is_prepared_before_somebody_asks(held):
    assert not preparing.ready("tiny", "float32")
    assert preparing.preparing("tiny", "float32") == ""


def test_a_request_returns_at_once_and_a_second_one_begins_nothing(held):
    for _ in range(3):
        preparing.request("tiny", "float32")  # did it wait, the kernels would be there afterwards
    assert [thread.name.startswith("nodeglow-kernels-tiny") for thread in threading.enumerate()].count(True) == 1
    assert not preparing.ready("tiny", "float32")
    assert preparing.preparing("tiny", "float32") == preparing.LOADING
    held.set()
    preparing.wait("tiny", "float32", Progress())
    assert preparing.ready("tiny", "float32")
    assert preparing.kernel("double", "float32") is preparing.kernel("double", "float32")


def test_who_asks_for_a_kernel_waits_for_it(held):
    threading.Timer(0.3, held.set).start()
    values = np.ones(2, dtype="float32")
    preparing.kernel("double", "float32")(values)
    assert values.tolist() == [2, 2]


def test_waiting_reports_what_is_done_and_can_be_cancelled(held):
    said: list[str] = []

    def report(fraction: float | None, text: str) -> None:
        said.append(text)
        if len(said) == 3:
            progress.cancel()

    progress = Progress(report)
    with pytest.raises(Cancelled):
        preparing.wait("tiny", "float32", progress)
    assert said == [preparing.LOADING] * 3
    held.set()
    preparing.wait("tiny", "float32", Progress())
    assert preparing.ready("tiny", "float32"), "the preparation went on"


# -- other processes ------------------------------------------------------------------------------------------------

PREPARE = """
import logging, sys
from pathlib import Path
import platformdirs
platformdirs.user_cache_path = lambda name, appauthor: Path(sys.argv[1], name)
from simulator.engines import preparing
from simulator.engines.kernel_files import Kernel
preparing.KERNELS = {"tiny": {"double": Kernel("tiny", "double", "void({T}[::1])")}}
if len(sys.argv) > 2:
    preparing._CHILD = sys.argv[2]
    preparing.request("tiny", "float32")
    while preparing.preparing("tiny", "float32") != preparing.COMPILING:
        pass
else:
    stats = preparing.kernel("double", "float32").stats
    print("ready", stats.cache_hits.total(), stats.cache_misses.total())
"""


def run(code: str, cache: Path, path: list[str], *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new process whose user has the given cache folder."""
    found = subprocess.run(
        [sys.executable, "-c", code, str(cache), *more],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path), **environment},
    )
    assert (found.returncode, found.stderr) == (0, "")
    return found


@pytest.mark.slow
def test_a_program_that_ends_meanwhile_does_so_at_once_and_in_silence(cache):
    began = time.monotonic()
    run(PREPARE, cache.parent, sys.path, "import time; time.sleep(20)")
    assert time.monotonic() - began < 15


@pytest.mark.slow
def test_a_package_that_cannot_be_written_to_is_left_alone_and_its_kernels_are_kept(cache, tmp_path):
    installed = tmp_path / "site-packages"
    shutil.copytree(PACKAGE, installed / "simulator", ignore=shutil.ignore_patterns("__pycache__"))
    (installed / "tiny.py").write_text(SOURCE)
    everything = [installed, *installed.rglob("*")]
    for path in everything:
        path.chmod(stat.S_IREAD | (stat.S_IEXEC if path.is_dir() else 0))
    path = [str(installed), *(folder for folder in sys.path if "modules" not in folder)]
    try:
        for hits in ("1", "1"):
            out = run(PREPARE, cache.parent, path, PYTHONDONTWRITEBYTECODE="1").stdout.split()
            assert out == ["ready", hits, "0"]
        assert sorted([installed, *installed.rglob("*")]) == sorted(everything), (
            "nothing was written beside the sources"
        )
        assert len(list(cache.iterdir())) == 1
        assert len(code_files(cache)) == 1
    finally:
        for path in everything:
            path.chmod(stat.S_IRWXU)


def test_the_engines_are_imported_without_a_compiler(tmp_path):
    code = (
        "import sys, simulator.engines; print([m for m in ('numba', 'llvmlite', 'platformdirs') if m in sys.modules])"
    )
    assert run(code, tmp_path, sys.path).stdout.strip() == "[]"


# -- the real kernels -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", preparing.KERNELS)
def test_the_real_kernels_are_compiled_by_a_child_and_found_by_the_next_process(tmp_path, engine, dtype):
    code = PREPARE.split("preparing.KERNELS")[0] + (
        f"stats = [preparing.kernel(name, {dtype!r}).stats for name in preparing.KERNELS[{engine!r}]]\n"
        "print({(each.cache_hits.total(), each.cache_misses.total()) for each in stats})"
    )
    assert run(code, tmp_path, sys.path).stdout.strip() == "{(1, 0)}"
    before = files(tmp_path)
    assert run(code, tmp_path, sys.path).stdout.strip() == "{(1, 0)}"
    assert files(tmp_path) == before
    assert len(code_files(tmp_path)) == len(preparing.KERNELS[engine])
