#include "price.h"

const struct verb price_processor_verbs[] = {{NULL, NULL}};
