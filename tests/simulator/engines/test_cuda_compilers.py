"""The compilers for devices take the program, where there is one; no device is needed for that."""

import ctypes
import importlib.util
import pathlib
import re
import shutil
import subprocess

import pytest

from simulator.engines.cuda import compiling, tiling
from simulator.engines.cuda.source import kernel_names, source

TRIAL = (pathlib.Path(__file__).parents[2] / "cuda_on_host" / "trial.cuh").read_text("utf-8")
both = pytest.mark.parametrize("dtype", ["float32", "float64"])


def test_every_kernel_has_a_name_that_a_machine_can_ask_for():
    for dtype in ("float32", "float64"):
        text = source(dtype)
        assert len(kernel_names(text)) == text.count("__global__")
        assert len(set(kernel_names(text))) == len(kernel_names(text))


def test_a_float32_program_has_no_number_of_float64_where_numbers_are_computed():
    text = source("float32")
    for name in ("activate", "update", "head"):
        begin = re.search(rf"__device__ inline \w+ {name}\(", text)
        assert begin, name
        body = text[begin.end() :]
        body = body[: body.index("\n}\n")].replace("Number(0.5)", "")
        assert "double t" not in body
        assert not re.search(r"(?<![\w.])\d+\.\d+(e[-+]?\d+)?(?![\w.])", body), name


@both
@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["sm_75", "sm_90"])
def test_nvcc_takes_the_program(tmp_path, dtype, architecture):
    compiler = shutil.which("nvcc")
    if compiler is None:
        pytest.skip("needs nvcc")
    program = tmp_path / "program.cu"
    program.write_text(source(dtype) + TRIAL, "utf-8")
    command = [compiler, f"-arch={architecture}", "-cubin", "-Werror=all-warnings", "-Xptxas=-v"]
    done = subprocess.run(
        [*command, "-o", tmp_path / "program.cubin", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[:4000]
    # Where registers do not suffice, numbers go through the device's memory; a few do no harm.
    spills = [int(size) for size in re.findall(r"(\d+) bytes spill stores", done.stderr)]
    assert spills
    assert max(spills) <= 256, done.stderr
    for kernel in ("small_items", "small_rows"):  # `tiling` leaves them no more
        of_kernel = done.stderr[done.stderr.index(f"'{kernel}'") :]
        used = re.search(r"Used \d+ registers.*", of_kernel)
        assert used
        assert sum(int(size) for size in re.findall(r"(\d+) bytes smem", used[0])) <= tiling.RESERVED


def nvrtc() -> ctypes.CDLL | None:
    """Return the compiler that a program carries with it, if the system or some package brought it."""
    names = [f"libnvrtc.so.{version}" for version in (13, 12)]
    spec = importlib.util.find_spec("nvidia")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        names += [str(path) for path in pathlib.Path(folder).glob("*/lib/libnvrtc.so.??")]
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


@both
@pytest.mark.slow
def test_the_compiler_of_the_cuda_toolkit_for_running_programs_takes_the_program(dtype):
    library = nvrtc()
    if library is None:
        pytest.skip("needs NVRTC")
    program = ctypes.c_void_p()
    text = (source(dtype) + TRIAL).encode()
    assert library.nvrtcCreateProgram(ctypes.byref(program), text, b"program.cu", 0, None, None) == 0
    options = ["--gpu-architecture=sm_75", *compiling.OPTIONS]
    places = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    wrong = library.nvrtcCompileProgram(program, len(options), places)
    size = ctypes.c_size_t()
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    assert wrong == 0, log.value.decode()
    assert b"warning" not in log.value, log.value.decode()
