// Whether all parameters and all of the optimizer's memory are finite numbers: `others`, 0 before, becomes 1 if not.
extern "C" __global__ void __launch_bounds__(256) look_for_others(Run *run) {
  long long count = run->parameters, all = (1 + run->names) * count;
  bool found = false;
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < all; i += (long long)gridDim.x * blockDim.x)
    found |= !is_finite(i < count ? run->weights[i] : run->memory[i - count]);
  if (found)
    run->others = 1; // whoever writes it writes the same
}
