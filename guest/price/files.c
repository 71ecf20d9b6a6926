#include "price.h"

const struct verb price_files_verbs[] = {{NULL, NULL}};
