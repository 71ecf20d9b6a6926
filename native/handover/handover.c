/* glovebox-handover: a library that Node loads, with one function: this process becomes another program (execve(2)).
 *
 * Theory of operation
 *
 * `glovebox run` ends by becoming the holder, so that no Node stays in memory beside the box. Node's own
 * process.execve is experimental, is missing before Node 22.15, and loads the machinery of worker threads first:
 * five milliseconds in a start of forty. This does only what is needed: the descriptors 0-2, which Node marks to be
 * closed, stay open, and all others close as Node has marked them.
 *
 * The interface is Node-API (https://nodejs.org/api/n-api.html), which is the same in every version of Node. Its five
 * functions are declared here, as a Node from npm comes without headers. Strings travel as one text in which a NUL
 * ends each, which is how execve(2) has them anyway. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
enum { NAPI_OK = 0 };
int napi_get_cb_info(napi_env, napi_callback_info, size_t *count, napi_value *ret_values, napi_value *ret_this, void **ret_data);
int napi_get_value_string_utf8(napi_env, napi_value, char *ret_text, size_t size, size_t *ret_length);
int napi_create_function(napi_env, const char *name, size_t length, napi_callback, void *data, napi_value *ret_function);
int napi_create_int32(napi_env, int, napi_value *ret_number);
napi_value napi_register_module_v1(napi_env env, napi_value exports);

/* NULL where it is no text or memory is short; *ret_length counts the last NUL that a caller has written. */
static char *text_of(napi_env env, napi_value value, size_t *ret_length) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != NAPI_OK) return NULL;
  char *text = malloc(length + 1);
  if (text && napi_get_value_string_utf8(env, value, text, length + 1, ret_length) != NAPI_OK) return NULL;
  return text;
}

/* The strings of a text, and a null pointer behind them. */
static char **strings_of(char *text, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) count += text[i] == 0;
  char **strings = calloc(count + 1, sizeof *strings);
  for (size_t i = 0; strings && i < count; i++, text += strlen(text) + 1) strings[i] = text;
  return strings;
}

/* become(words, environment): returns only on failure, with the number of the error (errno(3)). */
static napi_value become(napi_env env, napi_callback_info info) {
  napi_value values[2], number;
  size_t count = 2, lengths[2];
  char **lists[2] = {NULL, NULL};
  int error = EINVAL;
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) == NAPI_OK && count == 2)
    for (int i = 0; i < 2; i++) {
      char *text = text_of(env, values[i], &lengths[i]);
      if (text) lists[i] = strings_of(text, lengths[i]);
    }
  if (lists[0] && lists[0][0] && lists[1]) {
    for (int fd = 0; fd < 3; fd++) fcntl(fd, F_SETFD, 0);
    execve(lists[0][0], lists[0], lists[1]);
    error = errno;
  }
  return napi_create_int32(env, error, &number) == NAPI_OK ? number : NULL;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  (void)exports;
  napi_value function;
  return napi_create_function(env, NULL, 0, become, NULL, &function) == NAPI_OK ? function : NULL;
}
