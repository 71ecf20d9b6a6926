#ifndef GLOVEBOX_HOSTILE_FRAMES_H
#define GLOVEBOX_HOSTILE_FRAMES_H
#include <stdint.h>

/* Sends `count` frames, strings of hex one behind the other, by the guest's network interface as they are; says how many went. */
const char *frames_send(const char *hex, uint32_t count);
#endif
