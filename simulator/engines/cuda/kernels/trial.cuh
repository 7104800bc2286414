// A kernel that shows that a machine computes: activations of `count` numbers.

extern "C" __global__ void __launch_bounds__(256)
activate_all(long long code, long long count, const Number *Z, Number *A) {
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x)
    A[i] = activation((int)code, Z[i]);
}
