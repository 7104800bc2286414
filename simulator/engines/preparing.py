"""Gets the kernels compiled, once on a machine, and finds them again at every later start; only training waits for it.

Machine code takes seconds to make. A compiler beside a window makes frames of 100 ms even in a thread of its own, so a
child process makes it, and this process loads it from `kernel_files`. Where that fails it is made here, and where no
folder can be written it is made at every start. An engine's kernels are prepared together, a number format at a time.
"""

import atexit
import contextlib
import importlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.engines import kernel_files
from simulator.engines.kernel_files import Kernel
from simulator.errors import DeviceError
from simulator.progress import Progress

_log = logging.getLogger(__name__)

_ROWS = "Array({T}, 2, 'C', readonly=True)"
_ARRAYS = "int64[::1], float64[::1], {T}[::1]"

KERNELS: dict[str, dict[str, Kernel]] = {
    "compiled": {
        "advance": Kernel(
            "simulator.engines.kernels",
            "advance",
            f"void(int64[::1], float64[::1], {{T}}[::1], int64[::1], {_ROWS}, {_ROWS}, {_ROWS}, {_ROWS}, int64, int64,"
            " int64, int64, int64)",
        ),
    },
    "blas": {
        "take": Kernel(
            "simulator.engines.fused",
            "take",
            f"void({_ARRAYS}, int64[::1], {_ROWS}, int64, int64, int64, int64, int64, int64, int64, int64, int64)",
        ),
        "activate": Kernel(
            "simulator.engines.fused",
            "activate",
            f"void({_ARRAYS}, int64, int64, int64, int64, int64, int64, int64, int64)",
        ),
        "judge": Kernel(
            "simulator.engines.fused",
            "judge",
            f"void({_ARRAYS}, int64[::1], {_ROWS}, int64, int64, int64, int64, int64, float64, int64, int64)",
        ),
        "slope": Kernel(
            "simulator.engines.fused",
            "slope",
            "void(int64[::1], {T}[::1], int64, int64, int64, int64, int64, int64)",
        ),
        "close": Kernel(
            "simulator.engines.fused",
            "close",
            f"boolean({_ARRAYS}, int64[::1], {', '.join(['int64'] * 10)})",
        ),
    },
    "cuda": {
        "shuffle": Kernel(
            "simulator.engines.cuda.shuffling", "shuffle", "void(int64, int64, int64, int64[::1], int32[::1])"
        ),
    },
}
"""What every engine runs, by the name under which it asks for it; no name stands for two."""

LOADING = "loading the training kernels"
COMPILING = "compiling the training kernels – once on this machine, about ten seconds"
UNKEPT = "compiling the training kernels – at every start, as no folder can keep them"

_LOOK_SECONDS = 0.1
_CHILD_SECONDS = 600.0
_FAREWELL_SECONDS = 20.0
_CHILD = (
    "import json, sys; told = json.loads(sys.argv[1]); sys.path[:] = told.pop('path');"
    " from simulator.engines import preparing; preparing.obey(**told)"
)


class _LeavingError(Exception):
    """The interpreter is about to end."""


class Preparation:
    """The kernels of an engine on their way, in a thread of their own that begins at once.

    Parameters
    ----------
    engine
        Whose they are.
    dtype
        "float32" or "float64".
    kernels
        What is prepared.

    Attributes
    ----------
    text
        What is being done, in words for a status bar; empty when it is done.
    done
        Set when it is done, well or not.
    """

    def __init__(self, engine: str, dtype: str, kernels: Mapping[str, Kernel]) -> None:
        self._name, self._dtype, self._wanted = f"{engine}-{dtype}", dtype, kernels
        self._made: dict[str, Any] = {}
        self._error: Exception | None = None
        self._leaving = False
        self.text, self._compiling = LOADING, COMPILING
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._main, name=f"nodeglow-kernels-{self._name}", daemon=True)
        self._thread.start()

    @property
    def usable(self) -> bool:
        """Whether `kernels` has them, once `done` is set."""
        return self._error is None

    @property
    def kernels(self) -> dict[str, Any]:
        """The compiled functions by their names, once `done` is set.

        Raises
        ------
        DeviceError
            When they cannot be compiled.
        """
        if self._error is not None:
            raise DeviceError(
                f"the training kernels cannot be compiled on this machine: {self._error}",
                "The engine called reference needs none and is slower. The log has the whole story.",
            ) from self._error
        return self._made

    def _main(self) -> None:
        try:
            importlib.import_module("numba")  # before the next line: what was registered last is called first
            atexit.register(self._leave)
            self._made = self._prepared()
        except _LeavingError as error:
            self._error = error
        except Exception as error:
            _log.exception("the kernels cannot be compiled")
            self._error = error
        finally:
            self.done.set()
            self.text = ""

    def _leave(self) -> None:
        """Let what is at work come to its end: the interpreter must not go away below a compiler."""
        self._leaving = True
        self._thread.join(_FAREWELL_SECONDS)

    def _prepared(self) -> dict[str, Any]:
        try:
            return self._tried(kernel_files.place())
        except kernel_files.NoPlaceError as error:
            _log.warning("compiled kernels cannot be kept: %s", error)
        self._compiling = UNKEPT
        try:
            with tempfile.TemporaryDirectory(prefix="nodeglow-", ignore_cleanup_errors=True) as passing:
                place = Path(passing, "kernels")  # what lies beside it is ours too, and may be tidied up
                place.mkdir()
                return self._tried(place)
        except OSError:  # not even that
            self.text = UNKEPT
            return kernel_files.compiled(self._wanted, self._dtype)

    def _tried(self, place: Path) -> dict[str, Any]:
        """Try one way after the other, and log why one failed."""
        ways = (
            (self._found, "the kept kernels cannot be used"),
            (self._made_by_a_child, "no child process could compile the kernels"),
            (self._made_here, "the kernels cannot be kept"),
        )
        for way, complaint in ways:
            try:
                made = way(place)
            except _LeavingError:
                raise
            except Exception as error:
                _log.warning("%s: %s", complaint, error)
            else:
                if made is not None:
                    return made
        return kernel_files.compiled(self._wanted, self._dtype)

    def _found(self, place: Path) -> dict[str, Any] | None:
        folder = kernel_files.find(self._name, place)
        return None if folder is None else kernel_files.compiled(self._wanted, self._dtype, folder)

    def _made_by_a_child(self, place: Path) -> dict[str, Any] | None:
        if not sys.executable or getattr(sys, "frozen", False):  # it would start the whole program again
            return None
        self.text = self._compiling
        rows = {name: [kernel.module, kernel.function, kernel.signature] for name, kernel in self._wanted.items()}
        told = {"path": sys.path, "name": self._name, "dtype": self._dtype, "place": str(place), "kernels": rows}
        told["before"] = str(kernel_files.find(self._name, place))
        self._wait_for(_child(json.dumps(told)))
        kernel_files.tidy(place)
        return self._found(place)

    def _wait_for(self, child: subprocess.Popen[str]) -> None:
        end = time.monotonic() + _CHILD_SECONDS
        while True:
            try:
                said = child.communicate(timeout=_LOOK_SECONDS)[1].strip()
                break
            except subprocess.TimeoutExpired:
                if self._leaving:  # the child goes on, and the next start has what it made
                    raise _LeavingError from None
                if time.monotonic() > end:
                    child.kill()
        if child.returncode:
            raise ChildProcessError(f"it ended with the status {child.returncode}: {said}")

    def _made_here(self, place: Path) -> dict[str, Any]:
        self.text = self._compiling
        return kernel_files.make(self._name, self._wanted, self._dtype, place)


def _child(told: str) -> subprocess.Popen[str]:
    """Start the process that compiles: of low priority, without a window, and out of the reach of a Ctrl-C."""
    flags = ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NEW_PROCESS_GROUP")  # of Windows only
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD, told],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        creationflags=sum(getattr(subprocess, flag, 0) for flag in flags),
    )


def obey(name: str, dtype: str, place: str, kernels: Mapping[str, list[str]], before: str) -> None:
    """Compile kernels into a folder, unless another process did since `before` lay there: the whole life of a child."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(5)
    with kernel_files.alone(name, Path(place)):
        if str(kernel_files.find(name, Path(place))) in ("None", before):
            kernel_files.make(name, {key: Kernel(*row) for key, row in kernels.items()}, dtype, Path(place))


_lock = threading.Lock()
_preparations: dict[tuple[str, str], Preparation] = {}


def _of(engine: str, dtype: str) -> Preparation:
    with _lock:
        if (engine, dtype) not in _preparations:
            _preparations[engine, dtype] = Preparation(engine, dtype, KERNELS[engine])
        return _preparations[engine, dtype]


def request(engine: str, dtype: str) -> None:
    """Begin to prepare an engine's kernels for a number format in the background, once; return at once."""
    _of(engine, dtype)


def ready(engine: str, dtype: str) -> bool:
    """Return whether `kernel` would answer at once."""
    found = _preparations.get((engine, dtype))
    return found is not None and found.done.is_set()


def preparing(engine: str, dtype: str) -> str:
    """Return what is being done for an engine, in words for a status bar; empty when nothing is."""
    found = _preparations.get((engine, dtype))
    return "" if found is None else found.text


def wait(engine: str, dtype: str, progress: Progress) -> None:
    """Prepare an engine's kernels, unless that was done, and report what is being done meanwhile.

    Raises
    ------
    Cancelled
        When the progress was cancelled; the preparation goes on.
    DeviceError
        When they cannot be compiled.
    """
    found = _of(engine, dtype)
    while not found.done.is_set():
        progress.report(None, found.text)
        found.done.wait(_LOOK_SECONDS)
    _ = found.kernels


def kernel(name: str, dtype: str) -> Any:
    """Return a compiled kernel by its name in `KERNELS`; wait for it if it must be prepared first.

    Raises
    ------
    DeviceError
        When it cannot be compiled.
    """
    found = _of(next(engine for engine, rows in KERNELS.items() if name in rows), dtype)
    while not found.done.wait(_LOOK_SECONDS):
        pass  # one endless wait could not be interrupted on Windows
    return found.kernels[name]
