import numpy as np
import pytest


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_kernel_computes(host_gpu, dtype):
    machine = host_gpu.open(0)
    z = np.linspace(-3, 3, 1000).astype(dtype)
    block = machine.allocate(2 * z.nbytes)
    machine.write(block.address, z)
    machine.launch("activate_all", dtype, 2, 64, [10, z.size, block.address, block.address + z.nbytes])
    found = machine.read(block.address + z.nbytes, dtype, z.shape).get()
    assert np.allclose(found, np.tanh(z), rtol=1e-6)
    del block
    machine.finish()
    assert machine.memory().held == 0
