"""What is asked of CuPy exists in the CuPy that is installed; no device is needed for that."""

import contextlib
import inspect
import operator

import numpy as np
import pytest

from simulator.engines.cuda import compiling, cublas, cupy_errors
from simulator.engines.cuda.source import kernel_names, source
from simulator.errors import DeviceError

cupy = pytest.importorskip("cupy")

NAMES = """
    __version__ get_default_memory_pool
    cuda.Device cuda.Event cuda.Module cuda.Stream cuda.alloc_pinned_memory cuda.get_elapsed_time
    cuda.runtime.getDeviceCount cuda.runtime.driverGetVersion cuda.runtime.runtimeGetVersion
    cuda.runtime.getDeviceProperties cuda.runtime.deviceGetPCIBusId cuda.runtime.deviceGetAttribute
    cuda.runtime.getDevice cuda.runtime.setDevice
    cuda.runtime.memGetInfo cuda.runtime.malloc cuda.runtime.free cuda.runtime.memcpyAsync cuda.runtime.memsetAsync
    cuda.runtime.memcpyHostToDevice cuda.runtime.memcpyDeviceToHost cuda.runtime.memcpyDeviceToDevice
    cuda.runtime.streamCaptureModeRelaxed cuda.runtime.cudaDevAttrMultiProcessorCount
    cuda.runtime.cudaDevAttrMaxSharedMemoryPerBlockOptin cuda.runtime.cudaDevAttrMaxSharedMemoryPerBlock
    cuda.runtime.cudaDevAttrMaxThreadsPerBlock cuda.runtime.cudaDevAttrCooperativeLaunch
    cuda.driver.funcSetAttribute cuda.driver.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
    cuda.driver.occupancyMaxActiveBlocksPerMultiprocessor
    cuda.nvrtc.getVersion cuda.nvrtc.getSupportedArchs cuda.nvrtc.createProgram cuda.nvrtc.compileProgram
    cuda.nvrtc.getCUBIN cuda.nvrtc.getPTX cuda.nvrtc.getProgramLog cuda.nvrtc.destroyProgram
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_name_exists(name):
    operator.attrgetter(name)(cupy)


def test_objects_have_the_methods_that_are_called():
    from cupy.cuda.graph import Graph

    pool, stream, event = cupy.cuda.MemoryPool, cupy.cuda.Stream, cupy.cuda.Event
    for kind, names in (
        (pool, ("free_bytes", "free_all_blocks")),
        (stream, ("record", "wait_event", "begin_capture", "end_capture")),
        (event, ("done", "synchronize")),
        (cupy.cuda.Module, ("load", "get_function")),
        (cupy.cuda.Function, ("ptr",)),
        (Graph, ("launch",)),
        (cupy.cuda.Device, ("__enter__", "__exit__")),
    ):
        assert [name for name in names if not hasattr(kind, name)] == []
    assert {"non_blocking"} <= set(inspect.signature(stream.__init__).parameters)
    assert {"block", "disable_timing"} <= set(inspect.signature(event.__init__).parameters)
    assert "mode" in inspect.signature(stream.begin_capture).parameters


def test_a_function_takes_a_launch_as_it_is_given():
    function = cupy.cuda.Function.__new__(cupy.cuda.Function)
    with pytest.raises(TypeError, match="nobody_knows_this"):
        function((1,), (1,), (), shared_mem=0, stream=None, enable_cooperative_groups=True, nobody_knows_this=1)
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError:  # without a driver the arguments are converted, and then it ends
        stream = type("Stream", (), {"ptr": 0})
        with pytest.raises(cupy.cuda.runtime.CUDARuntimeError):
            function((1,), (1,), (np.int64(1), np.float64(1), np.float32(1)), shared_mem=0, stream=stream)


def test_errors_carry_the_numbers_by_which_they_are_known():
    error = cupy.cuda.runtime.CUDARuntimeError(2)
    assert cupy_errors.out_of_memory(error)
    assert "cudaErrorMemoryAllocation" in str(error)
    assert cupy_errors.lost(cupy.cuda.runtime.CUDARuntimeError(700))
    assert cupy_errors.out_of_memory(cupy.cuda.memory.OutOfMemoryError(10, 10))
    with contextlib.suppress(RuntimeError):  # it asks the driver for a name
        assert cupy_errors.lost(cupy.cuda.driver.CUDADriverError(700))


@pytest.fixture
def nvrtc(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    try:
        cupy.cuda.nvrtc.getVersion()
    except Exception as error:
        missing = cupy_errors.missing_part(error)
        assert missing is not None
        assert "nvrtc" in missing.message
        pytest.skip("needs NVRTC")
    return cupy.cuda.nvrtc


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_program_is_compiled_with_all_its_kernels(nvrtc, dtype):
    code = compiling.compiled(nvrtc, source(dtype), "9.0")
    assert code.startswith(b"\x7fELF")
    assert [name for name in kernel_names(source(dtype)) if name.encode() not in code] == []
    assert compiling.compiled(nvrtc, source(dtype), "9.0") == code  # from the file
    translated = compiling.compiled(nvrtc, source(dtype), "99.0")
    assert b".target sm_" in translated


def test_a_program_that_is_wrong_is_refused_with_the_compilers_words(nvrtc):
    with pytest.raises(DeviceError, match=r"nodeglow.cu\(1\): error"):
        compiling.compiled(nvrtc, "no program", "9.0")


def test_cublas_has_what_is_called_of_it():
    try:
        library = cublas.library()
    except Exception as error:
        pytest.skip(f"needs cuBLAS: {error}")
    for name in ("Create_v2", "Destroy_v2", "SetStream_v2", "SetWorkspace_v2", "SetAtomicsMode", "GemmEx"):
        getattr(library, f"cublas{name}")
    assert library.cublasGetStatusName(3) == b"CUBLAS_STATUS_ALLOC_FAILED"
