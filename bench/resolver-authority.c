/* An upstream for bench/resolver.ts: answers each question over UDP with one address and the TTL of its command line. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(53)}, peer;
  unsigned char message[2048], record[16] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 7};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (argc != 3 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0) return 1;
  record[8] = (unsigned char)(atoi(argv[2]) >> 8);
  record[9] = (unsigned char)atoi(argv[2]);
  for (;;) {
    socklen_t length = sizeof peer;
    ssize_t got = recvfrom(fd, message, sizeof message - sizeof record, 0, (struct sockaddr *)&peer, &length);
    size_t end = 12;
    if (got < 17) continue;
    while (end < (size_t)got && message[end]) end += (size_t)message[end] + 1;
    if ((end += 5) > (size_t)got) continue;
    message[2] = 0x81;
    message[3] = 0x80;
    message[7] = 1;
    message[11] = 0;
    for (int i = 0; i < 2; i++) record[14 + i] = message[i]; /* another address for each */
    memcpy(message + end, record, sizeof record);
    sendto(fd, message, end + sizeof record, 0, (struct sockaddr *)&peer, length);
  }
}
