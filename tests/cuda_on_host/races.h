// What the search for races must know of the thread that runs.

#pragma once
#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(hidden)
extern "C" {
struct OnHostNow {
  int block, thread;
  unsigned synced, met;        // how often the block's threads met, and how often it came to a meeting of blocks
  std::uintptr_t dynamic, own; // the block's shared memory: what the launch asks for, and what the kernels declare
  std::size_t dynamic_bytes, own_bytes;
};
extern OnHostNow on_host_now;
void on_host_begin_launch();
void on_host_stop(const char *why);
}
#pragma GCC visibility pop
