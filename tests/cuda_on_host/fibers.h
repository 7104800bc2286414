// Fibers: functions with a stack of their own that give way to a scheduler, and go on when it lets them.

#pragma once
#include <sys/mman.h>
#include <unistd.h>
#if !defined(__x86_64__) && !defined(ON_HOST_SLOW)
#define ON_HOST_SLOW 1 // switches by the system's functions
#endif
#ifdef ON_HOST_SLOW
#include <ucontext.h>
#endif

namespace on_host {

struct Fiber {
  char *stack; // null before it begins and after it ends
#ifndef ON_HOST_SLOW
  void *place;
#else
  ucontext_t place;
#endif
};

static const std::size_t STACK_BYTES = 128 << 10;
static std::vector<char *> free_stacks;

static char *take_stack() {
  if (free_stacks.empty()) {
    std::size_t page = (std::size_t)sysconf(_SC_PAGESIZE);
    void *made = mmap(nullptr, STACK_BYTES + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (made == MAP_FAILED)
      return nullptr;
    mprotect(made, page, PROT_NONE); // who needs more than its stack stops there
    free_stacks.push_back((char *)made + page);
  }
  char *stack = free_stacks.back();
  free_stacks.pop_back();
  return stack;
}

static void begin_thread();

#ifndef ON_HOST_SLOW

// A system call a switch, which ucontext makes, would be most of a kernel's time: these are the registers that a called
// function must keep.
extern "C" void on_host_switch(void **kept, void *other) __attribute__((visibility("hidden")));
asm(R"(
  .text
  .globl on_host_switch
  .hidden on_host_switch
  .type on_host_switch, @function
on_host_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmpq *%rcx
  .size on_host_switch, . - on_host_switch
)");

static void *scheduler_place;

static bool begin(Fiber &fiber) {
  fiber.stack = take_stack();
  if (!fiber.stack)
    return false;
  // Not all at the same place of a page: a cache keeps only a few lines of the same place.
  static unsigned begun;
  void **top = reinterpret_cast<void **>(fiber.stack + STACK_BYTES - 64 - 128 * (begun++ % 29));
  top[0] = reinterpret_cast<void *>(begin_thread); // where the switch returns to, past six registers
  std::memset(top - 6, 0, 6 * sizeof(void *));
  fiber.place = top - 6;
  return true;
}

static inline void go_on(Fiber &fiber) { on_host_switch(&scheduler_place, fiber.place); }

static inline void leave(Fiber &fiber) { on_host_switch(&fiber.place, scheduler_place); }

#else

static ucontext_t scheduler_place;

static bool begin(Fiber &fiber) {
  fiber.stack = take_stack();
  if (!fiber.stack)
    return false;
  getcontext(&fiber.place);
  fiber.place.uc_stack.ss_sp = fiber.stack;
  fiber.place.uc_stack.ss_size = STACK_BYTES;
  fiber.place.uc_link = nullptr;
  makecontext(&fiber.place, begin_thread, 0);
  return true;
}

static inline void go_on(Fiber &fiber) { swapcontext(&scheduler_place, &fiber.place); }

static inline void leave(Fiber &fiber) { swapcontext(&fiber.place, &scheduler_place); }

#endif

static void end(Fiber &fiber) {
  if (fiber.stack)
    free_stacks.push_back(fiber.stack);
  fiber.stack = nullptr;
}

} // namespace on_host
