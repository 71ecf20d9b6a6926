/* What the machine is made of: network interfaces, processor, clocks. */
#include "identity.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <netpacket/packet.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <time.h>

static void tell_address(const struct ifaddrs *one) {
  char text[INET6_ADDRSTRLEN] = "";
  int family = one->ifa_addr ? one->ifa_addr->sa_family : AF_UNSPEC;
  if (family == AF_INET) inet_ntop(family, &((struct sockaddr_in *)(void *)one->ifa_addr)->sin_addr, text, sizeof text);
  if (family == AF_INET6) inet_ntop(family, &((struct sockaddr_in6 *)(void *)one->ifa_addr)->sin6_addr, text, sizeof text);
  if (family == AF_PACKET) {
    const struct sockaddr_ll *link = (const void *)one->ifa_addr;
    const unsigned char *mac = link->sll_addr;
    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
  }
  if (*text) tell("%s %s", one->ifa_name, text);
}

/* Addresses of interfaces, neighbours and routes. */
int run_network(int argc, char **argv) {
  (void)argc, (void)argv;
  struct ifaddrs *all;
  if (getifaddrs(&all) == 0) {
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) tell_address(one);
    freeifaddrs(all);
  }
  tell_text("/proc/net/arp");
  tell_text("/proc/net/route");
  return 0;
}

#ifdef __x86_64__
#include <cpuid.h>
/* The processor's own words, which no file has to be read for (Intel SDM volume 2, CPUID leaves 0x80000002 to 4). */
static void tell_brand(void) {
  unsigned brand[13] = {0};
  for (unsigned leaf = 0; leaf < 3; leaf++) {
    unsigned *at = brand + 4 * leaf;
    if (!__get_cpuid(0x80000002u + leaf, at, at + 1, at + 2, at + 3)) return;
  }
  tell("%s", (const char *)brand);
}
#else
static void tell_brand(void) {}
#endif

int run_cpu(int argc, char **argv) {
  (void)argc, (void)argv;
  char line[512];
  tell_brand();
  FILE *file = fopen("/proc/cpuinfo", "re");
  if (!file) return refused();
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, "model name", 10)) {
      tell("%.*s", (int)strcspn(line, "\n"), line);
      break;
    }
  fclose(file);
  return 0;
}

static void tell_seconds(const char *name, const struct timespec *time) {
  tell("%s %lld.%02ld", name, (long long)time->tv_sec, time->tv_nsec / 10000000);
}

/* Seconds since the machine was started, from each clock that says so. */
int run_clocks(int argc, char **argv) {
  (void)argc, (void)argv;
  struct timespec time;
  struct sysinfo info;
  if (clock_gettime(CLOCK_BOOTTIME, &time) == 0) tell_seconds("boottime", &time);
  if (clock_gettime(CLOCK_MONOTONIC, &time) == 0) tell_seconds("monotonic", &time);
  if (sysinfo(&info) == 0) tell("sysinfo %ld.00", info.uptime);
  double seconds = 0;
  FILE *file = fopen("/proc/uptime", "re");
  if (file) {
    if (fscanf(file, "%lf", &seconds) == 1) tell("proc %.2f", seconds);
    fclose(file);
  }
  return 0;
}

/* clock-error [MICROSECONDS]: tells, or sets, the kernel's estimate of its clock's error: a value that no clock follows, and that
 * only who may set the clock can set (adjtimex(2) ADJ_ESTERROR). */
int run_clock_error(int argc, char **argv) {
  struct timex state = {.modes = argc > 0 ? ADJ_ESTERROR : 0, .esterror = argc > 0 ? strtol(argv[0], NULL, 10) : 0};
  if (adjtimex(&state) < 0) return refused();
  tell("error %ld", state.esterror);
  return 0;
}
