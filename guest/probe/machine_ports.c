/* Ports of a PC, for a guest's root: QEMU's fw_cfg (docs/specs/fw_cfg.rst), VMware's backdoor (open-vm-tools, backdoor_def.h),
 * and a fuzz of all others. ioperm(2) knows 16 bits of ports; iopl(2) gives them at once. */
#include "machine.h"
#include "probe.h"

#include <sys/syscall.h>
#include <time.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <sys/io.h>

enum { FW_SELECT = 0x510, FW_DATA = 0x511, FW_SIGNATURE = 0, FW_DIRECTORY = 0x19, FW_FILES_MOST = 128, FW_NAME = 56 };
enum { BACKDOOR_PORT = 0x5658, BACKDOOR_GET_VERSION = 10 };
#define BACKDOOR_MAGIC 0x564d5868u

static uint32_t fw_big(int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; i++) value = value << 8 | inb(FW_DATA);
  return value;
}

/* The names of the files that the machine's firmware is given, and the beginning of each that a user can put there. */
int run_fw_cfg(int argc, char **argv) {
  static struct { uint32_t size; uint16_t select; char name[FW_NAME]; } files[FW_FILES_MOST];
  (void)argc, (void)argv;
  if (iopl(3) < 0) return refused();
  outw(FW_SIGNATURE, FW_SELECT);
  if (fw_big(4) != 0x51454d55) return tell("no fw_cfg"), 1; /* "QEMU" */
  outw(FW_DIRECTORY, FW_SELECT);
  uint32_t count = fw_big(4);
  if (count > FW_FILES_MOST) count = FW_FILES_MOST;
  for (uint32_t i = 0; i < count; i++) {
    files[i].size = fw_big(4);
    files[i].select = (uint16_t)fw_big(2);
    fw_big(2);
    for (int at = 0; at < FW_NAME; at++) files[i].name[at] = (char)inb(FW_DATA);
    files[i].name[FW_NAME - 1] = 0;
  }
  for (uint32_t i = 0; i < count; i++) {
    char text[129];
    uint32_t length = files[i].size < sizeof text - 1 ? files[i].size : sizeof text - 1;
    outw(files[i].select, FW_SELECT);
    for (uint32_t at = 0; at < length; at++) {
      char byte = (char)inb(FW_DATA);
      text[at] = byte >= 0x20 && byte < 0x7f ? byte : '.';
    }
    text[length] = 0;
    tell("file %s %s", files[i].name, text);
  }
  return 0;
}

int run_backdoor(int argc, char **argv) {
  uint32_t a = BACKDOOR_MAGIC, b = 0, c = BACKDOOR_GET_VERSION, d = BACKDOOR_PORT;
  (void)argc, (void)argv;
  if (iopl(3) < 0) return refused();
  __asm__ volatile("inl %%dx, %%eax" : "+a"(a), "+b"(b), "+c"(c), "+d"(d) : : "memory");
  if (b != BACKDOOR_MAGIC) return tell("nothing answers at port 0x5658"), 1;
  tell("backdoor version %u", a);
  return 0;
}

/* What would end or restart the machine by its own rules, or is our console: power management of both machines, the keyboard
 * controller's and the chipset's reset, the serial port, and the exit of a guest's test. */
static bool spared(uint16_t port) {
  return (port >= 0x3f8 && port <= 0x3ff) || port == 0x64 || port == 0x60 || port == 0x92 || (port >= 0xcf8 && port <= 0xcff) ||
         (port >= 0x600 && port <= 0x67f) || (port >= 0xb000 && port <= 0xb03f) || port == 0x501 || port == 0xb2 || port == 0xb3 ||
         port == 0xf4;
}

/* fuzz-ports MILLISECONDS SEED: xorshift numbers to all ports, so that a finding can be had again by its seed. */
int run_fuzz_ports(int argc, char **argv) {
  if (argc != 2) return 2;
  if (iopl(3) < 0) return refused();
  uint64_t x = strtoull(argv[1], NULL, 10) | 1;
  long most = strtol(argv[0], NULL, 10), done = 0;
  struct timespec began, now;
  clock_gettime(CLOCK_MONOTONIC, &began);
  tell("began");
  do {
    for (int i = 0; i < 64; i++, done++) {
      x ^= x << 13, x ^= x >> 7, x ^= x << 17;
      uint16_t port = (uint16_t)(x >> 16);
      if (spared(port)) continue;
      switch (x & 7) {
      case 0: outb((uint8_t)(x >> 32), port); break;
      case 1: outw((uint16_t)(x >> 32), port); break;
      case 2: outl((uint32_t)(x >> 32), port); break;
      case 3: inb(port); break;
      case 4: inw(port); break;
      default: inl(port);
      }
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while ((now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000 < most);
  tell("fuzzed %ld", done);
  return 0;
}

/* Whether the processor says that it can run machines of its own (Intel SDM, AMD APM: CPUID). */
int run_nested(int argc, char **argv) {
  unsigned a, b, c, d;
  (void)argc, (void)argv;
  if (__get_cpuid(1, &a, &b, &c, &d) && (c & 1u << 5)) tell("vmx");
  if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (c & 1u << 2)) tell("svm");
  return 0;
}
#else
static int elsewhere(void) {
  tell("this processor has no ports");
  return 1;
}
int run_fw_cfg(int argc, char **argv) { return (void)argc, (void)argv, elsewhere(); }
int run_backdoor(int argc, char **argv) { return (void)argc, (void)argv, elsewhere(); }
int run_fuzz_ports(int argc, char **argv) { return (void)argc, (void)argv, elsewhere(); }
int run_nested(int argc, char **argv) { return (void)argc, (void)argv, elsewhere(); }
#endif
