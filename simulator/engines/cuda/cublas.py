"""Matrix products by cuBLAS, called through its C interface with a workspace and a stream of our own.

CuPy's binding offers neither a workspace nor the compute type that says whether TF32 may be used. A workspace of our
own makes the bits repeat beside other streams (cuBLAS's guide, "Results reproducibility"), and lets calls be captured
in a graph without an allocation.
"""

import ctypes
import importlib
from typing import Any

from simulator.engines.cuda.cupy_errors import CublasError

WORKSPACE_BYTES = 32 << 20
"""What NVIDIA recommends for the Hopper architecture; older ones are content with 4 MiB."""

_REAL_TYPES = {"float32": 0, "float64": 1}  # CUDA_R_32F, CUDA_R_64F
_COMPUTE = {"float32": 68, "float64": 70}  # CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_64F
_COMPUTE_TF32 = 77  # CUBLAS_COMPUTE_32F_FAST_TF32
_ALGORITHM = -1  # CUBLAS_GEMM_DEFAULT: its own choice, which follows from shapes and device alone
_AS_IS, _TURNED = 0, 1  # CUBLAS_OP_N, CUBLAS_OP_T
_NO_ATOMICS = 0  # CUBLAS_ATOMICS_NOT_ALLOWED


class Cublas:
    """A handle of cuBLAS on the current device.

    Parameters
    ----------
    stream
        The address of the stream on which it works.
    workspace, size
        Where its workspace is, and how many bytes it has; it must live as long as the handle.

    Raises
    ------
    CublasError
        When cuBLAS cannot begin.
    """

    def __init__(self, stream: int, workspace: int, size: int) -> None:
        self._library = library()
        self._handle = ctypes.c_void_p()
        self._check(self._library.cublasCreate_v2(ctypes.byref(self._handle)))
        # In this order: a new stream brings cuBLAS's own workspace back.
        self._check(self._library.cublasSetStream_v2(self._handle, ctypes.c_void_p(stream)))
        self._check(
            self._library.cublasSetWorkspace_v2(self._handle, ctypes.c_void_p(workspace), ctypes.c_size_t(size))
        )
        self._check(self._library.cublasSetAtomicsMode(self._handle, ctypes.c_int(_NO_ATOMICS)))
        numbers = {"float32": ctypes.c_float, "float64": ctypes.c_double}
        self._ones = {dtype: number(1.0) for dtype, number in numbers.items()}
        self._zeros = {dtype: number(0.0) for dtype, number in numbers.items()}

    def multiply(
        self,
        dtype: str,
        shape: tuple[int, int, int],
        A: int,
        B: int,
        C: int,
        turned: tuple[bool, bool],
        *,
        tf32: bool,
        added: bool = False,
    ) -> None:
        """Set C to A @ B, as `Machine.multiply` says.

        cuBLAS counts column by column: to it, what lies row by row is the transposed matrix, and Cᵀ = Bᵀ @ Aᵀ.

        Raises
        ------
        CublasError
            When the product cannot be given to the device.
        """
        rows, inner, columns = shape
        kind = ctypes.c_int(_REAL_TYPES[dtype])
        compute = _COMPUTE_TF32 if tf32 and dtype == "float32" else _COMPUTE[dtype]
        self._check(
            self._library.cublasGemmEx(
                self._handle,
                ctypes.c_int(_TURNED if turned[1] else _AS_IS),
                ctypes.c_int(_TURNED if turned[0] else _AS_IS),
                ctypes.c_int(columns),
                ctypes.c_int(rows),
                ctypes.c_int(inner),
                ctypes.byref(self._ones[dtype]),
                ctypes.c_void_p(B),
                kind,
                ctypes.c_int(inner if turned[1] else columns),
                ctypes.c_void_p(A),
                kind,
                ctypes.c_int(rows if turned[0] else inner),
                ctypes.byref((self._ones if added else self._zeros)[dtype]),
                ctypes.c_void_p(C),
                kind,
                ctypes.c_int(columns),
                ctypes.c_int(compute),
                ctypes.c_int(_ALGORITHM),
            )
        )

    def close(self) -> None:
        """Give the handle back."""
        if self._handle:
            self._library.cublasDestroy_v2(self._handle)
            self._handle = ctypes.c_void_p()

    def _check(self, status: int) -> None:
        if status:
            name = self._library.cublasGetStatusName(ctypes.c_int(status))
            raise CublasError(status, name.decode() if isinstance(name, bytes) else f"cuBLAS error {status}")


def library() -> Any:
    """Return the library, which CuPy's way of finding CUDA's parts finds.

    Raises
    ------
    Exception
        One of `cuda.pathfinder`, when it is not there; `cupy_errors.missing_part` knows it.
    """
    loaded = ctypes.CDLL(importlib.import_module("cuda.pathfinder").load_nvidia_dynamic_lib("cublas").abs_path)
    loaded.cublasGetStatusName.restype = ctypes.c_char_p
    return loaded
