"""Compiles the CUDA program for this processor, once for all processes that run the tests."""

import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from simulator.engines.cuda.source import kernel_names

FOLDER = pathlib.Path(__file__).parent
OPTIONS = (
    "-std=c++17", "-O2", "-fPIC", "-w", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
    "-fno-strict-aliasing", "-U_FORTIFY_SOURCE", "-fsanitize=alignment,null", "-fno-sanitize-recover=all",
)  # fmt: skip
"""A device stops at an address that is not a multiple of what is taken from it; a processor has to be told to."""

_WEEK = 7 * 24 * 3600.0


def compiler() -> str | None:
    """Return the C++ compiler, or None where there is none that can do this."""
    return shutil.which("g++") if sys.platform == "linux" else None


RACES = ("-fsanitize=thread", "-DON_HOST_RACES", "-g1", "-Wno-tsan")
"""What lets races.cpp see every access to memory; the addresses of code that it names are for addr2line."""


def on_host(text: str) -> str:
    """Return a CUDA program as a C++ program."""
    calls = "\n".join(f"ON_HOST_KERNEL({name})" for name in kernel_names(text))
    return f'#include "cuda_on_host.h"\n#line 1 "kernels"\n{text}\n{calls}\n'


@functools.cache
def compiled(text: str, *, races: bool = False) -> pathlib.Path:
    """Return the library that a CUDA program becomes; with `races` one that stops where threads race."""
    headers = "".join(path.read_text("utf-8") for path in sorted([*FOLDER.glob("*.h"), *FOLDER.glob("*.cpp")]))
    program, options = on_host(text), [*OPTIONS, *(RACES if races else ())]
    key = hashlib.sha256("\0".join([program, headers, *options]).encode()).hexdigest()[:24]
    cache = pathlib.Path(tempfile.gettempdir()) / f"nodeglow-cuda-on-host-{os.getuid()}"
    cache.mkdir(mode=0o700, exist_ok=True)
    _forget_old(cache)
    library = cache / f"{key}.so"
    with (cache / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not library.exists():
            written = cache / f"{key}.cpp"
            written.write_text(program, "utf-8")
            made = library.with_suffix(".part")
            object_file = library.with_suffix(".o")
            _run(*options, f"-I{FOLDER}", "-c", "-o", object_file, written)
            # Without the sanitizers' own libraries: grid.h and races.cpp say what happens where they find something.
            search = ["-O2", "-fPIC", FOLDER / "races.cpp"] if races else []
            _run("-shared", "-o", made, object_file, *search)
            object_file.unlink()
            made.replace(library)
    return library


def _forget_old(cache: pathlib.Path) -> None:
    for path in cache.iterdir():
        with contextlib.suppress(OSError):  # another process was faster
            if path.stat().st_mtime < time.time() - _WEEK:
                path.unlink()


def _run(*arguments: object) -> None:
    command = [compiler() or "g++", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the CUDA program does not compile for the processor:\n{done.stderr[:8000]}")
