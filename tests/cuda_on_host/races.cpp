// Who wrote and read a number since when: what g++ calls (-fsanitize=thread) before every access to memory, without the
// library that this is meant for.
//
// Two accesses of a launch to the same four bytes, one of them a write, are a race unless something says which is
// first: both are the same thread's; or a __syncthreads of their block lies between them; or, for threads of two blocks
// that run together, a meeting of the blocks. A shuffle orders no memory. What races here gives the right numbers as
// long as threads take their turns, and any numbers on a device.

#include "races.h"
#include <cstdint>
#include <cstdio>
#include <dlfcn.h>
#include <unordered_map>
#include <vector>

namespace {

struct Access {
  int block = -1, thread = 0;
  unsigned synced = 0, met = 0;
};

struct Word {
  Access writer, readers[2]; // the last two threads that read it
};

struct Range {
  std::uintptr_t begin, end;
};

std::vector<Range> watched; // of the device's memory
std::unordered_map<std::uintptr_t, Word> words;

// Whether an access is before what the present thread does now.
bool before(const Access &access) {
  if (access.block < 0)
    return true;
  if (access.block != on_host_now.block)
    return access.met < on_host_now.met;
  return access.thread == on_host_now.thread || access.synced != on_host_now.synced;
}

// The name of a word among all memories, or 0 for what is no device's.
std::uintptr_t name_of(std::uintptr_t at) {
  const OnHostNow &now = on_host_now;
  if (at - now.dynamic < now.dynamic_bytes)
    return at / 4;
  if (at - now.own < now.own_bytes) // the same place for every block
    return at / 4 | (std::uintptr_t)(now.block + 1) << 48;
  for (const Range &range : watched)
    if (range.begin <= at && at < range.end)
      return at / 4;
  return 0;
}

void report(const char *does, const char *did, const Access &other, std::uintptr_t at, void *code) {
  static char why[250];
  const OnHostNow &now = on_host_now;
  bool shared = at - now.dynamic < now.dynamic_bytes;
  Dl_info program = {};
  dladdr(code, &program);
  std::snprintf(why, sizeof why, "a race: %s what thread %d of block %d %s, %s %#zx, code %#zx", does, other.thread,
                other.block, did, shared ? "byte of shared memory" : "address",
                (std::size_t)(shared ? at - now.dynamic : at),
                (std::size_t)code - (std::size_t)program.dli_fbase);
  on_host_stop(why);
}

void look(std::uintptr_t begin, std::size_t size, bool writes, void *code) {
  const OnHostNow &now = on_host_now;
  for (std::uintptr_t at = begin & ~(std::uintptr_t)3; at < begin + size; at += 4) {
    std::uintptr_t name = name_of(at);
    if (!name)
      continue;
    Word &word = words[name];
    Access access;
    access.block = now.block, access.thread = now.thread, access.synced = now.synced, access.met = now.met;
    if (!before(word.writer))
      report(writes ? "writes" : "reads", "wrote", word.writer, at, code);
    if (writes) {
      for (const Access &reader : word.readers)
        if (!before(reader))
          report("writes", "read", reader, at, code);
      word.writer = access;
    } else if (word.readers[0].block == access.block && word.readers[0].thread == access.thread) {
      word.readers[0] = access;
    } else {
      word.readers[1] = word.readers[0];
      word.readers[0] = access;
    }
  }
}

} // namespace

extern "C" {
OnHostNow on_host_now;

void on_host_begin_launch() { words.clear(); }

// Look at these parts of memory too, (count, 2) addresses where they begin and end.
__attribute__((visibility("default"))) void on_host_watch(const std::uintptr_t *ranges, int count) {
  watched.clear();
  for (int i = 0; i < count; ++i)
    watched.push_back({ranges[2 * i], ranges[2 * i + 1]});
}

#define LOOK(size)                                                                                                    \
  void __tsan_read##size(void *at) { look((std::uintptr_t)at, size, false, __builtin_return_address(0)); }            \
  void __tsan_write##size(void *at) { look((std::uintptr_t)at, size, true, __builtin_return_address(0)); }            \
  void __tsan_unaligned_read##size(void *at) { look((std::uintptr_t)at, size, false, __builtin_return_address(0)); }  \
  void __tsan_unaligned_write##size(void *at) { look((std::uintptr_t)at, size, true, __builtin_return_address(0)); }
LOOK(1)
LOOK(2)
LOOK(4)
LOOK(8)
LOOK(16)
void __tsan_read_range(void *at, std::size_t size) {
  look((std::uintptr_t)at, size, false, __builtin_return_address(0));
}
void __tsan_write_range(void *at, std::size_t size) {
  look((std::uintptr_t)at, size, true, __builtin_return_address(0));
}
void __tsan_vptr_update(void **, void *) {}
void __tsan_vptr_read(void **) {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_init() {}
}
