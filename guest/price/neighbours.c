#include "price.h"

const struct verb price_neighbour_verbs[] = {{NULL, NULL}};
