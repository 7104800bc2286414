// The persistent kernel: matrix products in a block's shared memory.

// Four numbers that are read at once; a row of the tile begins where four begin, and so does its pitch.
struct __align__(16) Quad {
  Number number[4];
};

__device__ inline Quad quad_at(const Number *place) { return *reinterpret_cast<const Quad *>(place); }

// For every row and column run store(row, column, sums) with Σₖ A[row · a_row + k] · B[k · b_k + column · b_column] of
// HIGH neighbouring rows, of which those beyond the last are to be left out; each sum is in the order of k. `by` divides
// by the columns. A number of B is read once for HIGH rows, and of A four at once.
template <int HIGH, class Store>
__device__ inline void multiply_high(int rows, int columns, unsigned by, int inner, const Number *A, int a_row,
                                     const Number *B, int b_k, int b_column, Store store) {
  int items = (rows + HIGH - 1) / HIGH * columns;
  for (int t = threadIdx.x; t < items; t += blockDim.x) {
    int group = divided(t, by), column = t - group * columns, row = group * HIGH, k = 0;
    const Number *b = B + column * b_column;
    const Number *a[HIGH];
    Number sums[HIGH];
#pragma unroll
    for (int m = 0; m < HIGH; ++m) {
      a[m] = A + min(row + m, rows - 1) * a_row;
      sums[m] = 0;
    }
#pragma unroll 2
    for (; k + 4 <= inner; k += 4) {
      Number factors[4];
#pragma unroll
      for (int i = 0; i < 4; ++i)
        factors[i] = b[(k + i) * b_k];
#pragma unroll
      for (int m = 0; m < HIGH; ++m) {
        Quad four = quad_at(a[m] + k);
#pragma unroll
        for (int i = 0; i < 4; ++i)
          sums[m] += four.number[i] * factors[i];
      }
    }
    for (; k < inner; ++k)
#pragma unroll
      for (int m = 0; m < HIGH; ++m)
        sums[m] += a[m][k] * b[k * b_k];
    store(row, column, sums);
  }
}

// For every row and column run store(row, column, sums) with Σₖ A[row + k · a_k] · B[k · b_k + column] of four
// neighbouring rows at a time, each sum in the order of k; rows up to the next four are read too, and to be left out.
template <class Store>
__device__ inline void multiply_turned(int rows, int columns, unsigned by, int inner, const Number *A, int a_k,
                                       const Number *B, int b_k, Store store) {
  int items = (rows + 3) / 4 * columns;
  for (int t = threadIdx.x; t < items; t += blockDim.x) {
    int group = divided(t, by), column = t - group * columns;
    const Number *a = A + 4 * group, *b = B + column;
    Number sums[4] = {0, 0, 0, 0};
#pragma unroll 4
    for (int k = 0; k < inner; ++k) {
      Quad four = quad_at(a + k * a_k);
      Number factor = b[k * b_k];
#pragma unroll
      for (int m = 0; m < 4; ++m)
        sums[m] += four.number[m] * factor;
    }
    store(4 * group, column, sums);
  }
}

// As `multiply_high` where there are fewer sums than threads: 2 to the power of `split` neighbours share each, every one with each
// so many-th k, and the first of them stores it.
template <class Store>
__device__ inline void multiply_few(int rows, int columns, unsigned by, int inner, int split, const Number *A, int a_row,
                                    const Number *B, int b_k, int b_column, Store store) {
  int lanes = 1 << split, lane = threadIdx.x & (lanes - 1);
  for (int t = threadIdx.x >> split; t < rows * columns; t += blockDim.x >> split) {
    int row = divided(t, by), column = t - row * columns;
    const Number *a = A + row * a_row, *b = B + column * b_column;
    Number sums[1] = {0};
#pragma unroll 4
    for (int k = lane; k < inner; k += lanes)
      sums[0] += a[k] * b[k * b_k];
    sums[0] = sum_of_lanes(sums[0], lanes);
    if (lane == 0)
      store(row, column, sums);
  }
}

template <class Store>
__device__ inline void multiply(int rows, int columns, unsigned by, int inner, int split, const Number *A, int a_row,
                                const Number *B, int b_k, int b_column, Store store) {
  if (split > 0)
    multiply_few(rows, columns, by, inner, split, A, a_row, B, b_k, b_column, store);
  else if (rows > 2 && rows * columns > (int)blockDim.x)
    multiply_high<4>(rows, columns, by, inner, A, a_row, B, b_k, b_column, store);
  else
    multiply_high<1>(rows, columns, by, inner, A, a_row, B, b_k, b_column, store);
}
