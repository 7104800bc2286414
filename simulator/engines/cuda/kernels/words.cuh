// The words of the kernels: random numbers, sums in a fixed order, meetings. `Number` is the run's number format.
//
// One text for three compilers: NVRTC and nvcc, for any architecture that they know, and g++, with a header that does
// on a processor what a device does (threads, shared memory, meetings), for tests. So: nothing from the standard
// library, and nothing that only some devices know unless it is asked for here. Blocks are whole warps in a row.
//
// Roundings. Kernels are compiled with CUDA's own settings: division, root and the functions of the mathematics library
// in full precision, numbers below the normal range kept, but a * b + c contracted to one instruction with one rounding
// (-fmad=true), as the vector code for the CPU is. A device's numbers therefore differ from NumPy's by roundings alone;
// the same program gives the same bits at every run.

#ifndef SHARED_MEMORY
// The shared memory that a launch asks for, as an array of a type.
#define SHARED_MEMORY(type, name)                                              \
  extern __shared__ __align__(16) unsigned char shared_memory[];               \
  type *name = reinterpret_cast<type *>(shared_memory)
// What a thread does while it waits for another block.
#if __CUDA_ARCH__ >= 700
#define REST() __nanosleep(20)
#else
#define REST()
#endif
#endif

#define EVERY_LANE 0xffffffffu

// ---- numbers

__device__ inline float infinity_of(float) { return __int_as_float(0x7f800000); }
__device__ inline double infinity_of(double) { return __longlong_as_double(0x7ff0000000000000LL); }
__device__ inline float not_a_number(float) { return __int_as_float(0x7fc00000); }
__device__ inline double not_a_number(double) { return __longlong_as_double(0x7ff8000000000000LL); }

__device__ inline bool is_finite(float x) { return fabsf(x) < infinity_of(x); }
__device__ inline bool is_finite(double x) { return fabs(x) < infinity_of(x); }

// The larger and the smaller of two; if one of them is no number, that one, as in NumPy (fmax would take the other).
template <class T> __device__ inline T larger(T a, T b) {
  T found = a <= b ? b : a;
  return b != b ? b : found;
}
template <class T> __device__ inline T smaller(T a, T b) {
  T found = a >= b ? b : a;
  return b != b ? b : found;
}

// −1, 0 or 1; what is no number stays so.
template <class T> __device__ inline T sign_of(T x) {
  return x > T(0) ? T(1) : x < T(0) ? T(-1) : x == T(0) ? T(0) : x;
}

// ---- random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011), as in simulator/nn/random.py

struct Words {
  unsigned word[4];
};

__device__ inline Words philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned k0, unsigned k1) {
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    unsigned high0 = __umulhi(c0, 0xD2511F53u), low0 = c0 * 0xD2511F53u;
    unsigned high1 = __umulhi(c2, 0xCD9E8D57u), low1 = c2 * 0xCD9E8D57u;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

// The words that decide over the neurons 4 · quarter … 4 · quarter + 3 of a hidden layer, for the row at a place of an
// epoch (from 1): such a neuron stays if its word is not below `dropout_limit`.
__device__ inline Words dropout_words(unsigned seed_low, unsigned seed_high, unsigned epoch, unsigned place,
                                      unsigned layer, unsigned quarter) {
  return philox(place, epoch, quarter, DROPOUT_STREAM + 256u * layer, seed_low, seed_high);
}

__device__ inline unsigned dropout_limit(double rate) { return (unsigned)(rate * 4294967296.0); }

// Whether one neuron stays; who asks for four neighbours does better with `dropout_words`.
__device__ inline bool stays(unsigned seed_low, unsigned seed_high, unsigned epoch, unsigned place, unsigned layer,
                             unsigned unit, unsigned limit) {
  Words four = dropout_words(seed_low, seed_high, epoch, place, layer, unit >> 2);
  unsigned even = unit & 2 ? four.word[2] : four.word[0], odd = unit & 2 ? four.word[3] : four.word[1];
  return (unit & 1 ? odd : even) >= limit;
}

// ---- sums in a fixed order

// Which lanes of the warp belong to the same group of so many (a power of two up to 32) neighbours.
__device__ inline unsigned group_of(int lanes) {
  unsigned first = threadIdx.x & 31u & ~(unsigned)(lanes - 1);
  return (lanes == 32 ? EVERY_LANE : (1u << lanes) - 1u) << first;
}

// The sum over a group of lanes, the same bits in all of them: neighbours first, then pairs of pairs …
template <class T> __device__ inline T sum_of_lanes(T value, int lanes) {
  unsigned group = group_of(lanes);
  for (int apart = 1; apart < lanes; apart *= 2)
    value += __shfl_xor_sync(group, value, apart);
  return value;
}

template <class T> __device__ inline T largest_of_lanes(T value, int lanes) {
  unsigned group = group_of(lanes);
  for (int apart = 1; apart < lanes; apart *= 2)
    value = larger(value, __shfl_xor_sync(group, value, apart));
  return value;
}

// The sum over a block, which all its threads get; they must all be here, whole warps of them.
__device__ inline double sum_of_block(double value) {
  __shared__ double parts[32];
  unsigned warp = threadIdx.x >> 5, lane = threadIdx.x & 31u;
  value = sum_of_lanes(value, 32);
  __syncthreads(); // the parts of an earlier sum may still be being read
  if (lane == 0)
    parts[warp] = value;
  __syncthreads();
  return sum_of_lanes(lane < blockDim.x >> 5 ? parts[lane] : 0.0, 32);
}

// ---- meetings

// All threads of all blocks wait for each other, and see what the others wrote before. Only for a launch whose blocks
// all run at the same time, in one row. The counter is 0 when the kernel that uses it first begins, and never set back:
// its upper half counts the meetings, and block 0 adds to the lower half what the others leave to the next of these. So
// launches of different numbers of blocks may use it one after the other. What another block has written must not be
// read through __ldg or a pointer that is declared const and __restrict__.
//
// The fences of thread 0 hold for its whole block: what the others wrote before the first __syncthreads is before the
// first fence, and what they read after the last one is after the second, which also empties the multiprocessor's L1.
__device__ inline void meet(unsigned long long *counter, unsigned blocks) {
  __syncthreads();
  if (blocks > 1 && threadIdx.x == 0) {
    __threadfence();
    unsigned long long part = blockIdx.x == 0 ? (1ULL << 32) - (blocks - 1) : 1ULL;
    unsigned meeting = (unsigned)(atomicAdd(counter, part) >> 32);
    while ((unsigned)(*(volatile unsigned long long *)counter >> 32) == meeting)
      REST();
    __threadfence();
  }
  __syncthreads();
}
