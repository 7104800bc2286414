"""Which CUDA devices there are, or exactly why there is none, on stand-ins for CuPy."""

import ctypes
import sys
import types

import numpy as np
import pytest
from cupy_on_host import Stand

from simulator.engines.cuda import cublas, cupy_driver, system_driver
from simulator.engines.cuda.cublas import Cublas
from simulator.engines.cuda.cupy_driver import CupyDriver
from simulator.engines.cuda.cupy_errors import CublasError
from simulator.errors import DeviceError, DeviceMemoryError


@pytest.fixture(autouse=True)
def no_driver_of_its_own(monkeypatch):
    """Let the computer that runs the tests have no driver: what is said depends on it."""
    monkeypatch.setattr(system_driver, "known_cuda", lambda: None)


@pytest.fixture
def stand(monkeypatch) -> Stand:
    made = Stand(count=2)
    monkeypatch.setitem(sys.modules, "cupy", made.module)
    return made


def test_devices_are_listed_with_what_they_are(stand):
    first, second = CupyDriver().devices()
    assert (first.name, first.title, first.total, first.free) == ("cuda:0", "Stand-in 0", 1 << 30, 1 << 30)
    assert (second.name, second.driver, second.capability) == ("cuda:1", "13.0", "9.0")


def test_free_memory_is_asked_of_the_management_library_where_it_means_the_same_device(stand, monkeypatch):
    monkeypatch.setattr(cupy_driver, "_free_without_a_context", lambda bus, total: int(bus[5:7], 16) + 7)
    assert [each.free for each in CupyDriver().devices()] == [7, 8]


@pytest.mark.parametrize(("told", "found"), [((1 << 30, 555), 555), ((4 << 30, 555), None)])
def test_a_part_of_a_device_is_not_the_device(monkeypatch, told, found):
    def fill(handle, memory):
        memory._obj.total, memory._obj.free = told
        return 0

    library = types.SimpleNamespace(
        nvmlInit_v2=lambda: 0,
        nvmlShutdown=lambda: 0,
        nvmlDeviceGetHandleByPciBusId_v2=lambda bus, handle: 0 if bus == b"0000:01:00.0" else 6,
        nvmlDeviceGetMemoryInfo=fill,
    )
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert cupy_driver._free_without_a_context("0000:01:00.0", 1 << 30) == found
    assert cupy_driver._free_without_a_context("0000:02:00.0", 1 << 30) is None


def refused(driver: CupyDriver) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        driver.devices()
    assert "--device cpu" in caught.value.hint
    return caught.value


def test_without_cupy_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    error = refused(CupyDriver())
    assert "not installed" in error.message
    assert 'pip install "nodeglow[cuda13]"' in error.hint


@pytest.mark.parametrize(
    ("error", "says", "helps"),
    [
        (ImportError("libcudart.so.13: cannot open shared object file"), "cannot be imported: libcudart", "--force"),
        (ModuleNotFoundError("No module named 'fastrlock'", name="fastrlock"), "fastrlock", "--force"),
        (ImportError('Failure finding "libnvrtc.so.13": No such file'), "toolkit is missing: libnvrtc.so.13", "cuda13"),
    ],
)
def test_a_package_that_cannot_be_imported_says_why(monkeypatch, error, says, helps):
    def fail(name):
        raise error

    monkeypatch.setattr(cupy_driver.importlib, "import_module", fail)
    found = refused(CupyDriver())
    assert says in found.message
    assert helps in found.hint


def test_no_device_is_told(stand, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    stand.count = 0
    assert "no CUDA device" in refused(CupyDriver()).message
    stand.failing["getDeviceCount"] = 100
    assert "no CUDA device" in refused(CupyDriver()).message


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (0, "there is no NVIDIA driver, which CuPy 14.2.0 needs"),
        (12020, "the NVIDIA driver knows CUDA 12.2, and CuPy 14.2.0 needs CUDA 13.0"),
    ],
)
def test_a_driver_that_is_missing_or_too_old_is_told_with_both_versions(stand, known, says):
    stand.module.cuda.runtime.driverGetVersion = lambda: known
    stand.failing["getDeviceCount"] = 35
    error = refused(CupyDriver())
    assert error.message == says
    assert known == 0 or "cuda12" in error.hint


def test_a_device_that_somebody_else_has_alone_is_told(stand, monkeypatch):
    monkeypatch.setattr(cupy_driver, "_device", lambda cupy, number: 1 / 0)
    assert "division" in refused(CupyDriver()).message


def test_a_device_that_is_taken_shows_when_it_is_first_used(stand):
    driver = CupyDriver()
    assert driver.devices()
    stand.failing["context"] = 46
    with pytest.raises(DeviceError, match="taken by another program alone") as caught:
        driver.open(0)
    assert "Close that program" in caught.value.hint
    assert driver.open(0).multiprocessors == 132  # and later perhaps not any more


def test_devices_that_are_hidden_from_this_program_are_said_to_be_so(stand, monkeypatch):
    stand.count = 0
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    error = refused(CupyDriver())
    assert error.message.endswith("may see: CUDA_VISIBLE_DEVICES is ''")
    assert "Unset" in error.hint


def test_a_device_that_is_not_there_is_not_opened(stand):
    with pytest.raises(DeviceError, match="no CUDA device 2"):
        CupyDriver().open(2)


def test_a_missing_part_of_the_toolkit_is_told_when_it_is_needed(stand, monkeypatch):
    def missing():
        raise RuntimeError('Failure finding "libcublas.so.13 or libcublas.so.12": No such file')

    monkeypatch.setattr(cublas, "library", missing)
    machine = CupyDriver().open(0)
    with pytest.raises(DeviceError, match=r"toolkit is missing: libcublas.so.13 or libcublas.so.12") as caught:
        machine.multiply("float32", (1, 1, 1), 0, 0, 0)
    assert 'pip install "nodeglow[cuda13]"' in caught.value.hint


class ColumnByColumn:
    """cuBLAS as its guide describes it: matrices lie column by column, C ← α·op(A) @ op(B) + β·C."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails = 0

    def __getattr__(self, name):
        def call(*told):
            self.calls.append(name)
            return self.fails

        others = {"cublasGemmEx": self.multiply, "cublasGetStatusName": lambda status: b"CUBLAS_STATUS_ALLOC_FAILED"}
        return others.get(name, call)

    def multiply(self, handle, turn_a, turn_b, m, n, k, alpha, A, a_kind, lda, B, b_kind, ldb, beta, C, c_kind,
                 ldc, compute, algorithm):  # fmt: skip
        self.compute = compute.value
        dtype = {0: np.float32, 1: np.float64}[c_kind.value]
        assert a_kind.value == b_kind.value == c_kind.value
        assert alpha._obj.value == 1.0
        assert ctypes.sizeof(alpha._obj) == np.dtype(dtype).itemsize

        def matrix(place, rows, columns, leading):
            size = leading * columns * np.dtype(dtype).itemsize
            whole = np.frombuffer((ctypes.c_char * size).from_address(place.value), dtype)
            return whole.reshape(leading, columns, order="F")[:rows]

        m, n, k = m.value, n.value, k.value
        a = matrix(A, k, m, lda.value).T if turn_a.value else matrix(A, m, k, lda.value)
        b = matrix(B, n, k, ldb.value).T if turn_b.value else matrix(B, k, n, ldb.value)
        c = matrix(C, m, n, ldc.value)
        c[...] = a @ b + (beta._obj.value * c if beta._obj.value else 0)
        return 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turned", [(a, b) for a in (False, True) for b in (False, True)])
def test_a_product_of_matrices_row_by_row_is_one_of_matrices_column_by_column(monkeypatch, dtype, turned):
    library = ColumnByColumn()
    monkeypatch.setattr(cublas, "library", lambda: library)
    rng = np.random.default_rng(0)
    A, B, C = rng.normal(size=(3, 5)), rng.normal(size=(5, 4)), np.zeros((3, 4), dtype)
    a, b = (
        np.ascontiguousarray(each.T if turn else each, dtype=dtype) for each, turn in zip((A, B), turned, strict=True)
    )
    blas = Cublas(1, 2, 3)
    blas.multiply(dtype, (3, 5, 4), a.ctypes.data, b.ctypes.data, C.ctypes.data, turned, tf32=False)
    np.testing.assert_allclose(C, A @ B, rtol=1e-5 if dtype == "float32" else 1e-14)
    assert library.compute == {"float32": 68, "float64": 70}[dtype]
    blas.multiply(dtype, (3, 5, 4), a.ctypes.data, b.ctypes.data, C.ctypes.data, turned, tf32=True)
    assert library.compute == {"float32": 77, "float64": 70}[dtype]
    blas.multiply(dtype, (3, 5, 4), a.ctypes.data, b.ctypes.data, C.ctypes.data, turned, tf32=False, added=True)
    np.testing.assert_allclose(C, 2 * (A @ B), rtol=1e-5 if dtype == "float32" else 1e-14)
    assert library.calls.index("cublasSetStream_v2") < library.calls.index("cublasSetWorkspace_v2")


def test_cublas_without_memory_is_a_device_without_memory(stand, monkeypatch):
    library = ColumnByColumn()
    library.fails = 3
    monkeypatch.setattr(cublas, "library", lambda: library)
    machine = CupyDriver().open(0)
    with pytest.raises(DeviceMemoryError, match="CUBLAS_STATUS_ALLOC_FAILED"):
        machine.multiply("float32", (1, 1, 1), 0, 0, 0)
    with pytest.raises(CublasError):
        Cublas(1, 2, 3)
