"""Machine code in files: where it lies, whether it is whole and fits this machine, and how it gets there.

Numba keeps what it compiled, but does not notice an edit in another file that a function calls, nor a file that was cut
short. So every folder is named after all that the code follows from, and a list beside it says what belongs into it.

    kernels-<hash>/blas-float32.json    the folder that holds, with the SHA-256 of its files; replaced in one step
    kernels-<hash>/blas-float32-<…>/    what Numba wrote, by one process alone
    kernels-<hash>/blas-float32.lock    held by the process that compiles; another one that wants the same waits
"""

import contextlib
import dataclasses
import hashlib
import importlib
import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

_DAY = 24 * 3600.0
_LOCK_TURNS = 30  # of ten seconds, where waiting is cut into turns
_numba_settings = threading.Lock()


class NoPlaceError(Exception):
    """No folder can be written to."""


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A function that is compiled, and for which arguments.

    Attributes
    ----------
    module, function
        Where the plain Python function stands.
    signature
        In Numba's notation, with ``{T}`` for the run's number format.
    """

    module: str
    function: str
    signature: str


def place() -> Path:
    """Return the folder for the machine code of these sources on this machine, which exists and can be written to.

    Raises
    ------
    NoPlaceError
        When there is no such folder.
    """
    try:
        folder = cache() / f"kernels-{fingerprint()}"
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, RuntimeError) as error:  # a user without a home is the latter
        raise NoPlaceError(str(error)) from error
    return folder


def cache() -> Path:
    """Return the folder for what can be made again: in the user's cache, or where ``NUMBA_CACHE_DIR`` says.

    Raises
    ------
    RuntimeError
        When the user has no home.
    """
    import platformdirs

    chosen = os.environ.get("NUMBA_CACHE_DIR")
    root = Path(chosen, "nodeglow") if chosen else platformdirs.user_cache_path("nodeglow", appauthor=False)
    return root.absolute()


def fingerprint(simulator: Path = Path(__file__).parents[1]) -> str:
    """Return a hash of everything that the machine code follows from.

    Those are the sources and where they stand (Numba asks for that), the compiler, Python, the processor and Numba's
    own settings.
    """
    import llvmlite
    import llvmlite.binding
    import numba

    features = llvmlite.binding.get_host_cpu_features().flatten()
    settings = sorted(item for item in os.environ.items() if item[0].startswith("NUMBA_"))
    about = (
        (str(simulator), sys.version, sys.platform, numba.__version__, llvmlite.__version__),
        (llvmlite.binding.get_process_triple(), llvmlite.binding.get_host_cpu_name(), features, settings),
    )
    found = hashlib.sha256(repr(about).encode())
    for part in ("nn", "engines"):
        for source in sorted((simulator / part).rglob("*.py")):
            found.update(f"\0{source.relative_to(simulator).as_posix()}\0".encode())
            found.update(source.read_bytes())
    return found.hexdigest()[:16]


def compiled(kernels: Mapping[str, Kernel], dtype: str, folder: Path | None = None) -> dict[str, Any]:
    """Return the kernels as functions, compiled now or taken from the folder, where what is compiled is kept."""
    import numba

    made: dict[str, Any] = {}
    for name, kernel in kernels.items():
        function = getattr(importlib.import_module(kernel.module), kernel.function)
        with _kept_in(folder):
            made[name] = numba.njit(function, nogil=True, error_model="numpy", cache=folder is not None)
        made[name].compile(kernel.signature.replace("{T}", dtype))
        made[name].disable_compile()  # an array of another kind is a mistake, and not worth seven seconds
    return made


@contextlib.contextmanager
def _kept_in(folder: Path | None) -> Generator[None]:
    """Let Numba keep the functions that are decorated inside the block in a folder; others are not concerned."""
    settings: Any = importlib.import_module("numba").config
    with _numba_settings:
        before, settings.CACHE_DIR = settings.CACHE_DIR, "" if folder is None else str(folder)
        try:
            yield
        finally:
            settings.CACHE_DIR = before


def make(name: str, kernels: Mapping[str, Kernel], dtype: str, place: Path) -> dict[str, Any]:
    """Compile the kernels into a new folder, write its list under that name when it is whole, and return them.

    Raises
    ------
    OSError
        When Numba kept nothing there.
    """
    folder = place / f"{name}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        made = compiled(kernels, dtype, folder)
        files = {file.relative_to(folder).as_posix(): _sha256(file) for file in folder.rglob("*.nb?")}
        if len(files) < 2 * len(kernels):  # an index and the code of each
            raise OSError(f"Numba kept {len(files)} files of {len(kernels)} kernels in {folder}")  # noqa: TRY301
        write_json(place / f"{name}.json", {"folder": folder.name, "files": files})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return made


@contextlib.contextmanager
def alone(name: str, place: Path) -> Generator[None]:
    """Hold what only one process makes at a time: what two of them compile takes each of them twice as long.

    The system lets go of it when the process ends, however that is. Where it knows no such locks, nobody waits.
    """
    with (place / f"{name}.lock").open("ab") as file:
        with contextlib.suppress(OSError):
            _hold(file.fileno())
        yield


def _hold(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        for _ in range(_LOCK_TURNS):
            with contextlib.suppress(OSError):  # after ten seconds of waiting
                msvcrt.locking(file, msvcrt.LK_LOCK, 1)
                return
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


def find(name: str, place: Path) -> Path | None:
    """Return the folder that holds the machine code of that name, whole as it was written; None without one."""
    try:
        listed = json.loads((place / f"{name}.json").read_bytes())
        folder = place / listed["folder"]
        if not all(_sha256(folder / file) == there for file, there in listed["files"].items()):
            return None
        with contextlib.suppress(OSError):
            os.utime(place)  # it is in use
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return folder


def tidy(place: Path) -> None:
    """Remove the machine code of other versions that nobody used for 30 days, and what is on no list after a day."""
    for other in place.parent.glob("kernels-*"):
        if other != place:
            _remove(other, 30 * _DAY)
    lists = [path.read_text(encoding="utf-8") for path in place.glob("*.json")]
    for folder in place.iterdir():
        if folder.is_dir() and not any(folder.name in content for content in lists):
            _remove(folder, _DAY)


def _remove(folder: Path, age: float) -> None:
    with contextlib.suppress(OSError):
        if time.time() - folder.stat().st_mtime > age:
            shutil.rmtree(folder, ignore_errors=True)


def write_json(path: Path, content: Any) -> None:
    """Write a value whole or not at all; of two programs that made the same, the later one's holds."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with new.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
