#include "price.h"

const struct verb price_network_verbs[] = {{NULL, NULL}};
