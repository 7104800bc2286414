// What CUDA code asks of a device, done by one thread of a processor: every thread of a grid is a fiber, which gives
// way where it has to wait for others. Enough of CUDA for our own kernels, and strict where a device is silent.
//
// Threads run one after the other up to their next meeting, in ascending order or, where a launch says so, in descending
// order: kernels whose numbers depend on that lack a __syncthreads.

#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#define ON_HOST 1
#define __global__
#define __device__ static
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(bytes) __attribute__((aligned(bytes)))
// All of a block's own variables lie in one section, which is put aside when another block's turn comes.
#define __shared__ static __attribute__((section("on_host_shared")))
#define SHARED_MEMORY(type, name) type *name = reinterpret_cast<type *>(on_host::shared)
#define REST() on_host::rest()

struct uint3 {
  unsigned x, y, z;
};
typedef uint3 dim3;
static uint3 threadIdx, blockIdx;
static dim3 blockDim, gridDim;
static const int warpSize = 32;

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) double2 { double x, y; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static inline double2 make_double2(double x, double y) { return {x, y}; }
static inline int2 make_int2(int x, int y) { return {x, y}; }
static inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
static inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

extern "C" char __start_on_host_shared[] __attribute__((visibility("hidden")));
extern "C" char __stop_on_host_shared[] __attribute__((visibility("hidden")));

#include "fibers.h"
#ifdef ON_HOST_RACES
#include "races.h"
#endif

// Code that is known to use addresses well.
#define OWN_CODE __attribute__((no_sanitize("alignment", "null")))

namespace on_host {

__shared__ volatile char a_section_is_never_empty __attribute__((used));
static void *shared;

enum State { READY, AT_BARRIER, AT_WARP, DONE };

struct Thread {
  Fiber fiber;
  State state;
  int source;               // the lane whose value it wants; -1 for a vote of all lanes
  unsigned long long value; // what it shows the others, and then what it got
};

struct Group { // lanes of a warp that wait for each other
  unsigned mask, here;
};

struct Warp {
  Group groups[32]; // no more than there are lanes to wait
};

struct Block {
  uint3 index;
  int number;
  int first, waiting; // the first of its threads; how many are at a barrier
  int votes, voted;   // of the barrier that is being waited at, and of the last one
  unsigned synced, met; // how often its threads met, and how often it came to a meeting of blocks
  std::vector<char> dynamic, own;
};

struct Launch { // as the host gives it
  unsigned grid_x, grid_y, threads, shared_bytes, together, backwards;
};

static std::mutex one_at_a_time;
static std::vector<Thread> threads;
static std::vector<Warp> warps;
static std::vector<Block> blocks;
static Block *block;
static int current; // of the threads
static bool moved;  // whether something happened that somebody may wait for
static bool failed;
static char message[300];
static void (*run_thread)(void *);
static void *run_argument;

static inline int thread_in_block() { return current - block->first; }

// Tell the search for races who runs, and since when.
OWN_CODE static void tell_now() {
#ifdef ON_HOST_RACES
  std::size_t own = (std::size_t)(__stop_on_host_shared - __start_on_host_shared);
  on_host_now = {block->number, thread_in_block(), block->synced, block->met, (std::uintptr_t)block->dynamic.data(),
                 (std::uintptr_t)__start_on_host_shared, block->dynamic.size(), own};
#endif
}

// A block comes to a meeting of blocks by adding to a number of 64 bits, which nothing else does.
OWN_CODE static void count_meeting(std::size_t bytes) {
  if (bytes == 8)
    ++block->met;
  tell_now();
}

// Let others run.
__attribute__((noinline)) static void give_way() { leave(threads[current].fiber); }

[[noreturn]] __attribute__((noinline)) static void stop_all(const char *why) {
  if (!failed)
    snprintf(message, sizeof message, "%s: thread %d of block %u, %u", why, thread_in_block(), blockIdx.x, blockIdx.y);
  failed = true;
  for (;;)
    give_way();
}

static void rest() { give_way(); }

static void begin_thread() {
  run_thread(run_argument);
  threads[current].state = DONE;
  moved = true;
  give_way();
}

OWN_CODE static int meet_block(int vote) {
  block->votes += vote;
  if (++block->waiting == (int)blockDim.x) {
    block->voted = block->votes;
    block->waiting = block->votes = 0;
    ++block->synced;
    tell_now();
    moved = true;
    for (int i = block->first; i < block->first + (int)blockDim.x; ++i)
      threads[i].state = READY;
  } else {
    threads[current].state = AT_BARRIER;
    give_way();
  }
  return block->voted;
}

// Give all lanes of a warp that have come what they want, and let them go on.
OWN_CODE static void serve(Thread *warp, unsigned mask) {
  unsigned long long shown[32];
  unsigned ballot = 0;
  for (unsigned rest = mask; rest; rest &= rest - 1) {
    int lane = __builtin_ctz(rest);
    shown[lane] = warp[lane].value;
    ballot |= (unsigned)(shown[lane] != 0) << lane;
  }
  for (unsigned rest = mask; rest; rest &= rest - 1) {
    Thread &thread = warp[__builtin_ctz(rest)];
    if (thread.source >= 0 && !(mask >> thread.source & 1u))
      stop_all("a lane wants the value of one that is not in the mask");
    thread.value = thread.source < 0 ? ballot : shown[thread.source];
    thread.state = READY;
  }
}

OWN_CODE static Group &waiting_for(unsigned mask, Warp &warp) {
  Group *free = nullptr;
  for (Group &group : warp.groups) {
    if (group.here && group.mask == mask)
      return group;
    if (!group.here && !free)
      free = &group;
  }
  return *free;
}

OWN_CODE static unsigned long long meet_lanes(unsigned mask, unsigned long long value, int source) {
  int self = thread_in_block(), lane = self & 31;
  if (!(mask >> lane & 1u))
    stop_all("a lane is not in its own mask");
  if (self - lane + 31 - __builtin_clz(mask) >= (int)blockDim.x)
    stop_all("a mask names lanes that the block does not have");
  Group &group = waiting_for(mask, warps[(current - lane) / 32]);
  threads[current].value = value;
  threads[current].source = source;
  group.mask = mask;
  group.here |= 1u << lane;
  if (group.here == mask) {
    group.here = 0;
    moved = true;
    serve(&threads[current - lane], mask);
  } else {
    threads[current].state = AT_WARP;
    give_way();
  }
  return threads[current].value;
}

template <class T> static T shuffle(unsigned mask, T value, int source, int width) {
  static_assert(sizeof(T) <= 8, "a lane shows at most 8 bytes");
  int lane = thread_in_block() & 31, first = lane & ~(width - 1);
  // Who would look beyond the group keeps its own value.
  if (source < first || source >= first + width)
    source = lane;
  unsigned long long bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = meet_lanes(mask, bits, source);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

} // namespace on_host

#ifdef ON_HOST_RACES
extern "C" void on_host_stop(const char *why) { on_host::stop_all(why); }
#endif

#include "grid.h"
#include "words_on_host.h"
