#include "price.h"

const struct verb price_kernel_verbs[] = {{NULL, NULL}};
