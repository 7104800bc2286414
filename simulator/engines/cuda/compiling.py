"""CUDA source made into machine code by NVRTC, once a machine: in the background, and kept in files.

NVRTC is called through CuPy's binding and not through `cupy.RawModule`, which rounds small numbers to 0 (-ftz=true); so
the bits of the tables' definitions stay what the compiler's defaults (IEEE divisions and roots) make of them. It needs
no device, only its compute capability.
"""

import atexit
import contextlib
import hashlib
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from simulator.engines import kernel_files
from simulator.engines.cuda import cupy_errors
from simulator.errors import DeviceError

_log = logging.getLogger(__name__)

OPTIONS = (
    "--std=c++17", "--fmad=true", "--ftz=false", "--prec-div=true", "--prec-sqrt=true",
    "--device-as-default-execution-space",
)  # fmt: skip
"""The last one lets a lambda with a parameter of any type be device code, as nvcc does and NVRTC else refuses."""

_MONTH = 30 * 24 * 3600.0
_DIGEST_BYTES = 32
_FAREWELL_SECONDS = 20.0


def target(capability: str, supported: Sequence[int]) -> tuple[str, bool]:
    """Return what NVRTC compiles for on a device, and whether that is machine code.

    Machine code runs on all later devices of the same generation; a generation that NVRTC does not know yet gets code
    that the driver translates.

    Parameters
    ----------
    capability
        The device's, as "9.0".
    supported
        The capabilities that NVRTC knows, as 90.

    Raises
    ------
    DeviceError
        When the device is older than all of them.
    """
    major, minor = (int(part) for part in capability.split("."))
    number = 10 * major + minor
    fitting = [known for known in supported if known <= number]
    if not fitting:
        oldest = min(supported)
        raise DeviceError(
            f"the device's compute capability is {capability}, and this CUDA begins at {oldest // 10}.{oldest % 10}",
            "Install the extra cuda12, which knows older devices, or use --device cpu.",
        )
    best = max(fitting)
    return (f"sm_{best}", True) if best // 10 == major else (f"compute_{best}", False)


def compiled(nvrtc: Any, source: str, capability: str) -> bytes:
    """Return what a device of this capability runs of a source: taken from a file, or compiled and kept in one.

    Parameters
    ----------
    nvrtc
        CuPy's binding.

    Raises
    ------
    DeviceError
        When it cannot be compiled, with the compiler's words; or the device is too old.
    """
    architecture, machine_code = target(capability, nvrtc.getSupportedArchs())
    options = (f"--gpu-architecture={architecture}", *OPTIONS)
    about = repr((nvrtc.getVersion(), options, source))
    name = f"{architecture}-{hashlib.sha256(about.encode()).hexdigest()[:24]}"
    try:
        folder = kernel_files.cache() / "cuda"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # a user without a home is the latter
        _log.warning("compiled CUDA kernels cannot be kept: %s", error)
        return _compiled(nvrtc, source, options, machine_code=machine_code)
    kept = _kept(folder / name)
    if kept is None:
        kept = _compiled(nvrtc, source, options, machine_code=machine_code)
        _keep(folder / name, kept)
    return kept


def _compiled(nvrtc: Any, source: str, options: Sequence[str], *, machine_code: bool) -> bytes:
    program = nvrtc.createProgram(source, "nodeglow.cu", (), ())
    try:
        nvrtc.compileProgram(program, tuple(options))
        return nvrtc.getCUBIN(program) if machine_code else nvrtc.getPTX(program)
    except Exception as error:
        words = str(nvrtc.getProgramLog(program)).strip()
        _log.error("NVRTC says: %s", words)
        first = words.partition("\n")[0] or str(error)
        raise DeviceError(
            f"the CUDA kernels cannot be compiled: {first}",
            "This is a defect of the program, or of the installed CUDA; please report it with the log, and use "
            "--device cpu.",
        ) from error
    finally:
        nvrtc.destroyProgram(program)


def _kept(path: Path) -> bytes | None:
    """Return what a file holds, unless it is damaged or not there."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    code = content[_DIGEST_BYTES:]
    if not code or hashlib.sha256(code).digest() != content[:_DIGEST_BYTES]:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # it is in use
    return code


def _keep(path: Path, code: bytes) -> None:
    """Write a file whole or not at all, and remove those that nobody used for a month."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        new.write_bytes(hashlib.sha256(code).digest() + code)
        new.replace(path)
    except OSError as error:
        _log.warning("compiled CUDA kernels cannot be kept: %s", error)
    for other in path.parent.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - other.stat().st_mtime > _MONTH:
                other.unlink()


class Compilation:
    """The machine code of one number format on its way, in a thread of its own that begins at once.

    Parameters
    ----------
    source
        Returns the source; called in that thread.
    nvrtc
        CuPy's binding.
    capability
        Of the device.

    Attributes
    ----------
    done
        Set when it is there, or cannot be.
    """

    def __init__(self, source: Callable[[], str], nvrtc: Any, capability: str) -> None:
        self._source, self._nvrtc, self._capability = source, nvrtc, capability
        self._code = b""
        self._error: DeviceError | None = None
        self.done = threading.Event()
        atexit.register(self.done.wait, _FAREWELL_SECONDS)  # the interpreter must not go away below a compiler
        threading.Thread(target=self._main, name="nodeglow-nvrtc", daemon=True).start()

    def code(self) -> bytes:
        """Wait for the machine code, and return it.

        Raises
        ------
        DeviceError
            When there is none.
        """
        self.done.wait()
        if self._error is not None:
            raise self._error
        return self._code

    def _main(self) -> None:
        try:
            self._code = compiled(self._nvrtc, self._source(), self._capability)
        except Exception as error:  # it is told to whoever waits
            _log.exception("the CUDA kernels cannot be compiled")
            self._error = cupy_errors.translated(error, "CUDA")
        finally:
            self.done.set()
            atexit.unregister(self.done.wait)
