// How a launch is run: its blocks one after the other, or all at once where they wait for each other.

#pragma once

namespace on_host {

static const int PATIENCE = 100000; // rounds in which threads only look whether something has happened

static std::size_t own_bytes() { return (std::size_t)(__stop_on_host_shared - __start_on_host_shared); }

static void describe_waiting() {
  int barrier = 0, warp = 0, done = 0, looking = 0;
  for (const Thread &thread : threads)
    (thread.state == AT_BARRIER ? barrier : thread.state == AT_WARP ? warp : thread.state == DONE ? done : looking)++;
  snprintf(message, sizeof message,
           "threads wait for ever: %d at __syncthreads, %d for lanes of their warp, %d look for another block; "
           "%d have ended",
           barrier, warp, looking, done);
  failed = true;
}

// Run the threads of a block up to where all of them wait, rest or have ended; return whether anything happened.
OWN_CODE static bool run_block(const Launch &how) {
  bool any = false;
  do {
    moved = false;
    for (int i = 0; i < (int)how.threads && !failed; ++i) {
      unsigned place = how.backwards ? how.threads - 1 - i : i;
      current = block->first + (int)place;
      Thread &thread = threads[current];
      if (thread.state != READY)
        continue;
      if (!thread.fiber.stack && !begin(thread.fiber)) {
        snprintf(message, sizeof message, "no memory for the stacks of so many threads");
        failed = true;
        break;
      }
      threadIdx.x = place;
      tell_now();
      go_on(thread.fiber);
      if (thread.state == DONE)
        end(thread.fiber);
    }
    any |= moved;
  } while (moved && !failed);
  return any;
}

static void enter(Block &next, bool swap) {
  block = &next;
  blockIdx = next.index;
  shared = next.dynamic.data();
  if (swap)
    std::memcpy(__start_on_host_shared, next.own.data(), own_bytes());
}

static bool all_done() {
  for (const Thread &thread : threads)
    if (thread.state != DONE)
      return false;
  return true;
}

// Run blocks first … first + count − 1 of the grid at the same time.
static void run_blocks(const Launch &how, unsigned first, unsigned count) {
  threads.assign((std::size_t)count * how.threads, Thread());
  warps.assign(threads.size() / 32 + 1, Warp());
  blocks.resize(count);
  for (unsigned i = 0; i < count; ++i) {
    unsigned number = first + i;
    blocks[i].number = (int)number;
    blocks[i].synced = blocks[i].met = 0;
    blocks[i].index = {number % how.grid_x, number / how.grid_x, 0};
    blocks[i].first = (int)(i * how.threads);
    blocks[i].waiting = blocks[i].votes = blocks[i].voted = 0;
    // No number and no place, so that what was never written is seen.
    blocks[i].dynamic.assign(how.shared_bytes + 16, (char)0xff);
    blocks[i].own.assign(own_bytes(), (char)0xff);
  }
  int idle = 0;
  while (!failed && !all_done()) {
    bool any = false;
    for (unsigned i = 0; i < count && !failed; ++i) {
      enter(blocks[how.backwards ? count - 1 - i : i], true);
      any |= run_block(how);
      if (count > 1)
        std::memcpy(block->own.data(), __start_on_host_shared, own_bytes());
    }
    bool looking = false;
    for (const Thread &thread : threads)
      looking |= thread.state == READY;
    idle = any ? 0 : idle + 1;
    if (!failed && !any && (!looking || idle > PATIENCE) && !all_done())
      describe_waiting();
  }
  for (Thread &thread : threads)
    end(thread.fiber);
}

static const char *run_grid(const Launch &how) {
  gridDim = {how.grid_x, how.grid_y, 1};
  blockDim = {how.threads, 1, 1};
  threadIdx = {0, 0, 0};
  failed = false;
#ifdef ON_HOST_RACES
  on_host_begin_launch();
#endif
  unsigned count = how.grid_x * how.grid_y;
  if (how.together)
    run_blocks(how, 0, count);
  else
    for (unsigned i = 0; i < count && !failed; ++i)
      run_blocks(how, how.backwards ? count - 1 - i : i, 1);
  return failed ? message : nullptr;
}

template <class... A, std::size_t... I>
static void call(void (*kernel)(A...), void **given, std::index_sequence<I...>) {
  kernel(*static_cast<std::remove_cv_t<A> *>(given[I])...);
}

// Run a kernel with arguments that lie where the host says; return what is wrong, or null.
template <class... A>
static const char *launch(void (*kernel)(A...), const Launch &how, void **given, const int *sizes, int count) {
  static void (*the_kernel)(A...);
  std::lock_guard<std::mutex> alone(one_at_a_time);
  const int wanted[] = {(int)sizeof(A)..., 0};
  if (count != (int)sizeof...(A))
    return "the kernel has another number of arguments";
  for (int i = 0; i < count; ++i)
    if (sizes[i] != wanted[i])
      return "an argument of the kernel has another size";
  the_kernel = kernel;
  run_argument = given;
  run_thread = [](void *all) { call(the_kernel, static_cast<void **>(all), std::index_sequence_for<A...>()); };
  return run_grid(how);
}

} // namespace on_host

// What g++ calls (-fsanitize=alignment,null) before it would use an address as no device can.
struct OnHostMismatch {
  const char *file;
  unsigned line, column;
};

extern "C" __attribute__((visibility("hidden"))) void __ubsan_handle_type_mismatch_v1_abort(OnHostMismatch *found,
                                                                                            void *address) {
  static char why[200];
  snprintf(why, sizeof why, "%s address in line %u of %s", address ? "misaligned" : "null", found->line, found->file);
  on_host::stop_all(why);
}

// What the host calls for a kernel of this name.
#define ON_HOST_KERNEL(name)                                                                                          \
  extern "C" const char *launch_##name(const on_host::Launch *how, void **given, const int *sizes, int count) {       \
    return on_host::launch(name, *how, given, sizes, count);                                                          \
  }
