// The functions that CUDA code finds on every device.

#pragma once

static inline void __syncthreads() { on_host::meet_block(0); }
static inline int __syncthreads_count(int yes) { return on_host::meet_block(yes != 0); }
static inline int __syncthreads_or(int yes) { return on_host::meet_block(yes != 0) != 0; }
static inline int __syncthreads_and(int yes) { return on_host::meet_block(yes != 0) == (int)blockDim.x; }
static inline void __syncwarp(unsigned mask = 0xffffffffu) { on_host::meet_lanes(mask, 0, -1); }
static inline unsigned __ballot_sync(unsigned mask, int yes) {
  return (unsigned)on_host::meet_lanes(mask, yes != 0, -1);
}
static inline int __any_sync(unsigned mask, int yes) { return __ballot_sync(mask, yes) != 0; }
static inline int __all_sync(unsigned mask, int yes) { return __ballot_sync(mask, yes) == mask; }

template <class T> static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  int lane = (int)(threadIdx.x & 31);
  return on_host::shuffle(mask, value, (lane & ~(width - 1)) + (source & (width - 1)), width);
}
template <class T> static inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  return on_host::shuffle(mask, value, (int)(threadIdx.x & 31) ^ bits, width);
}
template <class T> static inline T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
  return on_host::shuffle(mask, value, (int)((threadIdx.x & 31) + by), width);
}
template <class T> static inline T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
  return on_host::shuffle(mask, value, (int)(threadIdx.x & 31) - (int)by, width);
}

// One thread runs at a time: what it does is whole, and seen by all. What is whole races with nothing.
#define WHOLE __attribute__((no_sanitize("thread")))
template <class T, class V> WHOLE static inline T atomicAdd(T *place, V value) {
  T before = *place;
  *place = before + (T)value;
  on_host::count_meeting(sizeof(T));
  return before;
}
template <class T, class V> WHOLE static inline T atomicExch(T *place, V value) {
  T before = *place;
  *place = (T)value;
  return before;
}
template <class T, class V> WHOLE static inline T atomicMax(T *place, V value) {
  T before = *place;
  *place = before < (T)value ? (T)value : before;
  return before;
}
template <class T, class V> WHOLE static inline T atomicMin(T *place, V value) {
  T before = *place;
  *place = (T)value < before ? (T)value : before;
  return before;
}
template <class T, class V> WHOLE static inline T atomicOr(T *place, V value) {
  T before = *place;
  *place = before | (T)value;
  return before;
}
template <class T, class V, class W> WHOLE static inline T atomicCAS(T *place, V expected, W value) {
  T before = *place;
  if (before == (T)expected)
    *place = (T)value;
  return before;
}
static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}
static inline void __nanosleep(unsigned) { on_host::rest(); }
static inline void __trap() { on_host::stop_all("__trap"); }

template <class T> static inline T __ldg(const T *place) { return *place; }
template <class T> static inline T __ldcg(const T *place) { return *place; }
template <class T> static inline T __ldca(const T *place) { return *place; }
template <class T> static inline T __ldcs(const T *place) { return *place; }
template <class T> static inline T __ldcv(const T *place) { return *place; }
template <class T> static inline void __stcg(T *place, T value) { *place = value; }
template <class T> static inline void __stcs(T *place, T value) { *place = value; }
template <class T> static inline void __stwt(T *place, T value) { *place = value; }

template <class To, class From> static inline To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "as many bytes");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}
static inline float __int_as_float(int bits) { return same_bits<float>(bits); }
static inline int __float_as_int(float x) { return same_bits<int>(x); }
static inline float __uint_as_float(unsigned bits) { return same_bits<float>(bits); }
static inline unsigned __float_as_uint(float x) { return same_bits<unsigned>(x); }
static inline double __longlong_as_double(long long bits) { return same_bits<double>(bits); }
static inline long long __double_as_longlong(double x) { return same_bits<long long>(x); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }

#define ON_HOST_SMALLER_LARGER(type)                                           \
  static inline type min(type a, type b) { return b < a ? b : a; }             \
  static inline type max(type a, type b) { return a < b ? b : a; }
ON_HOST_SMALLER_LARGER(int)
ON_HOST_SMALLER_LARGER(unsigned)
ON_HOST_SMALLER_LARGER(long)
ON_HOST_SMALLER_LARGER(unsigned long)
ON_HOST_SMALLER_LARGER(long long)
ON_HOST_SMALLER_LARGER(unsigned long long)
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }
