/* What the two ends of the neighbours' web server share; the theory of operation heads web.c. */
#ifndef GLOVEBOX_PRICE_WEB_H
#define GLOVEBOX_PRICE_WEB_H

#include "price.h"

enum { WEB_BYTES = 4096, WEB_HEAD = 256, WEB_CONNECTIONS = 20 };

/* The file that the server reads: the same noise everywhere. */
void web_file(unsigned char ret_bytes[WEB_BYTES]);
/* The body that answers GET /NUMBER, out of the file's bytes. */
void web_body(const unsigned char file[WEB_BYTES], uint64_t number, unsigned char ret_body[WEB_BYTES]);

/* web_server.c: answers on the listening socket until `input` ends. Its files lie in the first folder that takes them. Returns an exit
 * code. */
int web_serve(int listener, int input, char **folders);
/* web_load.c: asks the server on this port of the loopback, and tells of each window what was good, until standard input ends. */
int web_load(uint16_t port, long bound_ms);

/* Verbs. */
int run_web(int argc, char **argv), run_web_server(int argc, char **argv), run_web_load(int argc, char **argv);

#endif
