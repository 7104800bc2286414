// Kernels that show one word each to the tests.

extern "C" __global__ void try_activations(long long code, long long count, const Number *Z, Number *A, Number *S) {
  for (long long i = threadIdx.x; i < count / 2; i += blockDim.x) {
    Number z[2] = {Z[2 * i], Z[2 * i + 1]}, a[2], s[2];
    activate((int)code, z, a, s);
    for (int j = 0; j < 2; ++j) {
      A[2 * i + j] = a[j];
      S[2 * i + j] = s[j];
    }
  }
}

extern "C" __global__ void try_heads(long long code, long long rows, long long K, const Number *Z, const Number *Y,
                                     Number *D, double scale, const double *settings, long long hits, long long lanes,
                                     Number *losses, unsigned char *hit) {
  int lane = threadIdx.x % lanes;
  for (long long row = threadIdx.x / lanes; row < rows; row += blockDim.x / lanes) {
    Found found = head((int)code, (int)K, Z + row * K, Y + row * K, D ? D + row * K : D, (Number)scale, settings,
                       hits != 0, lane, (int)lanes);
    // Every lane must know the same.
    if (lane == lanes - 1) {
      losses[row] = found.loss;
      hit[row] = found.hit;
    }
  }
}

extern "C" __global__ void try_coefficients(long long code, double step, double rate, const double *settings,
                                            double *scalars, double *out) {
  coefficients((int)code, step, rate, settings, scalars, out);
}

extern "C" __global__ void try_updates(long long code, long long count, const double *all, Number *W, const Number *G,
                                       Number *M, long long stride) {
  Number c[MOST_COEFFICIENTS];
  for (int i = 0; i < MOST_COEFFICIENTS; ++i)
    c[i] = (Number)all[i];
  for (long long i = threadIdx.x; i < count; i += blockDim.x)
    update((int)code, c, W[i], G[i], M + i, stride);
}

extern "C" __global__ void try_factors(long long code, long long count, const double *now, double length,
                                       const double *settings, double *out) {
  for (long long i = threadIdx.x; i < count; i += blockDim.x)
    out[i] = factor((int)code, now[i], length, settings);
}

extern "C" __global__ void try_philox(long long count, const unsigned *given, unsigned *out) {
  for (long long i = threadIdx.x; i < count; i += blockDim.x) {
    const unsigned *c = given + 6 * i;
    Words found = philox(c[0], c[1], c[2], c[3], c[4], c[5]);
    for (int j = 0; j < 4; ++j)
      out[4 * i + j] = found.word[j];
  }
}

extern "C" __global__ void try_dropout(long long seed, long long epoch, long long first, long long rows,
                                       long long layer, long long units, double rate, unsigned char *kept) {
  unsigned limit = dropout_limit(rate), low = (unsigned)seed, high = (unsigned)((unsigned long long)seed >> 32);
  for (long long i = threadIdx.x; i < rows * units; i += blockDim.x)
    kept[i] = stays(low, high, (unsigned)epoch, (unsigned)(first + i / units), (unsigned)layer, (unsigned)(i % units),
                    limit);
}

extern "C" __global__ void try_numbers(long long count, const Number *A, const Number *B, Number *out) {
  for (long long i = threadIdx.x; i < count; i += blockDim.x) {
    out[i] = larger(A[i], B[i]);
    out[count + i] = smaller(A[i], B[i]);
    out[2 * count + i] = sign_of(A[i]);
    out[3 * count + i] = is_finite(A[i]);
  }
}

extern "C" __global__ void try_sums(const Number *X, double *out, long long lanes) {
  out[threadIdx.x] = sum_of_block((double)X[threadIdx.x]) + sum_of_block(1.0);
  out[blockDim.x + threadIdx.x] = sum_of_lanes(X[threadIdx.x], (int)lanes);
  out[2 * blockDim.x + threadIdx.x] = largest_of_lanes(X[threadIdx.x], (int)lanes);
}

extern "C" __global__ void try_meeting(unsigned long long *counter, long long *cells, long long rounds, int *wrong) {
  SHARED_MEMORY(long long, mine);
  __shared__ long long also_mine;
  for (long long k = 0; k < rounds; ++k) {
    if (threadIdx.x == 0) {
      cells[blockIdx.x] = mine[0] = also_mine = k * (blockIdx.x + 1);
    }
    meet(counter, gridDim.x);
    for (unsigned other = threadIdx.x; other < gridDim.x; other += blockDim.x)
      if (cells[other] != k * (other + 1))
        atomicAdd(wrong, 1);
    if (mine[0] != k * (blockIdx.x + 1) || also_mine != mine[0])
      atomicAdd(wrong, 1);
    meet(counter, gridDim.x);
  }
}

extern "C" __global__ void try_leaving() {
  if (threadIdx.x == 7)
    return;
  __syncthreads();
}

// Without the barrier that is missing here a thread may or may not see what its neighbour wrote.
extern "C" __global__ void try_racing(int *out) {
  SHARED_MEMORY(int, cells);
  cells[threadIdx.x] = (int)threadIdx.x;
  out[threadIdx.x] = cells[(threadIdx.x + 1) % blockDim.x];
}

// As that, between blocks: a barrier of each is none of both.
extern "C" __global__ void try_racing_blocks(long long *cells) {
  if (threadIdx.x == 0)
    cells[blockIdx.x] = blockIdx.x;
  __syncthreads();
  if (threadIdx.x == 1)
    cells[gridDim.x + blockIdx.x] = cells[0] + cells[gridDim.x - 1];
}

extern "C" __global__ void try_lanes(unsigned *out) {
  unsigned lane = threadIdx.x & 31u;
  out[threadIdx.x] = __ballot_sync(0xffffffffu, lane & 1);
  if (lane < 8)
    out[threadIdx.x] += __shfl_down_sync(0xffu, lane, 1, 8) + __shfl_up_sync(0xffu, lane, 2, 4);
  else
    out[threadIdx.x] += __shfl_sync(0xffffff00u, lane, 9);
  __syncwarp();
}

extern "C" __global__ void try_writing_beside(Number *out, long long place) { out[place] = 0; }

extern "C" __global__ void try_taking_four(float *from, long long place, float *out) {
  float4 found = *reinterpret_cast<float4 *>(from + place);
  *out = found.x + found.y + found.z + found.w;
}
