/* Good and bad neighbours: a web server with its load (web.c), and bombs (stress.c). */
#include "price.h"
#include "stress.h"
#include "web.h"

const struct verb price_neighbour_verbs[] = {{"price-web", run_web},
                                             {"price-web-server", run_web_server},
                                             {"price-web-load", run_web_load},
                                             {"price-stress", run_stress},
                                             {NULL, NULL}};
