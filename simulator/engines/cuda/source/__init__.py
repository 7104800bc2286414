"""The CUDA program: the tables of `nn/` written down in C and the kernels that use them, one text a number format."""

from simulator.engines.cuda.source.assembling import PARTS, kernel_names, source

__all__ = ["PARTS", "kernel_names", "source"]
