#ifndef GLOVEBOX_HOST_CLOCK_H
#define GLOVEBOX_HOST_CLOCK_H

#include <stdint.h>

/* In kHz, to some 20 parts in a million (it takes 3 ms); 0 where there is no such counter. */
uint32_t tsc_khz(void);

#endif
