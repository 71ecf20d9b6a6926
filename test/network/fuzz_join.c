/* Fuzzing of what comes to the program of a network of boxes: from its own box, and from other members. `fuzz_join COUNT SEED` makes COUNT
 * packets of each; the same seed makes the same ones.
 *
 * Claims, beside what ASan and UBSan look for (each packet lies in memory of exactly its size):
 * - what is taken is one whole packet of IP, from the sender's address to the receiver's, both of the network;
 * - what one end sends to a member, that member takes from this sender, and no other member takes it, and nobody from another sender;
 * - an error about a packet goes back to its sender, is one that the sender's gate takes, and there is none about it;
 * - only numbers as we write them are numbers. */
#include "../../native/resolver/join.h"
#include "../support/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1600 };
static const struct place base = {{4, {198, 18}}, {6, {0xfd, 0x67, 0x6c, 0x6f, 0x76, 0x67}}, 0};
static uint8_t bytes[MOST];

static uint8_t some_number(void) { return (uint8_t)(below(4) ? 1 + below(4) : below(256)); }

static struct place place_of(uint8_t own) {
  struct place place = base;
  place.own = own;
  return place;
}

static uint16_t sum_of(const uint8_t *at, size_t length, uint32_t sum) {
  for (size_t i = 0; i < length; i++) sum += (uint32_t)at[i] << (i % 2 ? 0 : 8);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

static size_t make_packet(uint8_t from, uint8_t to) {
  bool six = below(2);
  size_t header = six ? 40 : 20, length = header + below(below(4) ? 64 : MOST - 40);
  for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)next_random();
  struct address source = join_address(&base, six ? 6 : 4, from), target = join_address(&base, six ? 6 : 4, to);
  static const uint8_t protocols[] = {1, 6, 17, 44, 58, 0};
  uint8_t protocol = protocols[below(6)];
  if (six) {
    bytes[0] = 0x60;
    put16(bytes + 4, (uint32_t)(length - header));
    bytes[6] = protocol;
    memcpy(bytes + 8, source.bytes, 16);
    memcpy(bytes + 24, target.bytes, 16);
  } else {
    bytes[0] = 0x45;
    put16(bytes + 2, (uint32_t)length);
    put16(bytes + 6, below(4) ? 0 : 0x2001);
    bytes[9] = protocol;
    memcpy(bytes + 12, source.bytes, 4);
    memcpy(bytes + 16, target.bytes, 4);
  }
  if (length > header && below(2)) bytes[header] = (uint8_t[]){8, 3, 0, 128, 1}[below(5)];
  for (uint64_t count = below(3) ? 0 : 1 + below(3); count > 0; count--) bytes[below(below(2) && length > 40 ? 40 : length)] = (uint8_t)next_random();
  return below(12) ? length : below(length + 1);
}

static void check_error(const struct place *own, const uint8_t *packet, size_t length) {
  uint8_t error[UNREACHABLE_MAX], again[UNREACHABLE_MAX];
  size_t size = join_unreachable(packet, length, error);
  if (size == 0) return;
  size_t addresses = packet[0] >> 4 == 4 ? 12 : 8, each = packet[0] >> 4 == 4 ? 4 : 16, header = each == 4 ? 20 : 40;
  claim(size <= UNREACHABLE_MAX && size > header + 8 && size <= length + header + 8, "an error keeps within its room");
  claim(memcmp(error + addresses, packet + addresses + each, each) == 0 && memcmp(error + addresses + each, packet + addresses, each) == 0,
        "an error goes from whom nobody is to who sent");
  claim(memcmp(error + header + 8, packet, size - header - 8) == 0, "an error quotes what it is about");
  uint32_t pseudo = each == 4 ? 0 : (uint32_t)sum_of(error + 8, 32, (uint32_t)(size - header) + 58);
  claim(sum_of(error + header, size - header, pseudo) == 0xffff && (each == 16 || sum_of(error, 20, 0) == 0xffff), "an error's sums are right");
  claim(join_unreachable(error, size, again) == 0, "no error is about an error");
  (void)own;
}

static size_t fuzz_packets(void) {
  uint8_t from = some_number(), to = some_number(), number = 0;
  size_t length = make_packet(from, to);
  uint8_t *packet = malloc(length ? length : 1);
  if (!packet) abort();
  memcpy(packet, bytes, length);
  struct place own = place_of(some_number()), other = place_of(some_number());
  enum outward outward = own.own == 0 ? OUTWARD_WRONG : join_outward(&own, packet, length, &number);
  if (outward == OUTWARD_PEER) {
    struct place at = place_of(number);
    claim(number >= 1 && number <= MEMBERS && number != own.own, "a member has a number of its own");
    claim(join_inward(&at, packet, length, own.own), "what one end sends the other takes");
    if (other.own != number) claim(!join_inward(&other, packet, length, own.own), "and nobody else does");
    if (other.own != own.own) claim(!join_inward(&at, packet, length, other.own), "and from nobody else");
  }
  if (outward != OUTWARD_WRONG) check_error(&own, packet, length);
  if (other.own != 0 && join_inward(&other, packet, length, from)) {
    bool six = packet[0] >> 4 == 6;
    struct address source = join_address(&base, six ? 6 : 4, from), target = join_address(&base, six ? 6 : 4, other.own);
    claim(length == (six ? 40u + get16(packet + 4) : get16(packet + 2)), "a packet is a whole one");
    claim(memcmp(packet + (six ? 8 : 12), source.bytes, six ? 16 : 4) == 0 && memcmp(packet + (six ? 24 : 16), target.bytes, six ? 16 : 4) == 0,
          "a packet is from who sent it to who gets it");
  }
  free(packet);
  return outward == OUTWARD_PEER;
}

static size_t fuzz_numbers(void) {
  char name[8] = "", again[8] = "";
  size_t length = below(6);
  for (size_t i = 0; i < length; i++) name[i] = (char)(below(8) ? '0' + below(10) : below(256));
  uint8_t number = join_number(name, length);
  int size = snprintf(again, sizeof again, "%u", number);
  if (number) claim((size_t)size == length && memcmp(name, again, length) == 0, "a number is read as it is written");
  claim(number <= MEMBERS, "a number is a member's");
  return number != 0;
}

int main(int argc, char **argv) {
  size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, packets = 0, numbers = 0;
  state = argc > 2 ? strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15 + 1 : 1;
  for (size_t i = 0; i < count; i++) {
    packets += fuzz_packets();
    numbers += fuzz_numbers();
  }
  printf("%zu inputs, %zu packets and %zu numbers that were in order\n", count, packets, numbers);
  return 0;
}
