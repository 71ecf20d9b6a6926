/* Fuzzing of the archive parser and the unpacker.
 *
 * With -fsanitize=fuzzer, libFuzzer drives LLVMFuzzerTestOneInput. With -DSTANDALONE, main() below does: `fuzz_put
 * COUNT SEED` mutates archives that get.c's encoder made, COUNT times; the same seed gives the same bytes. An input
 * that breaks a claim is left in ./broken.tar before abort().
 *
 * Claims, beside what ASan and UBSan look for:
 * - a name that leaves the parser is relative and plain; the bytes of data are those that the size promised;
 * - parsing does not depend on how the input is cut into reads;
 * - unpacking writes nothing outside of its folder: the folder's neighbours are looked at after each input.
 */
#include "../../guest/guest.h"
#include "../../guest/put.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct input {
  const uint8_t *bytes;
  size_t length;
  size_t step; /* bytes at most of one read; 0: as many as wanted */
};

static const uint8_t *current;
static size_t current_length;

static void claim(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken claim: %s\n", what);
  FILE *file = fopen("broken.tar", "w");
  if (file) {
    fwrite(current, 1, current_length, file);
    fclose(file);
  }
  abort();
}

static ssize_t read_input(void *context, void *buffer, size_t size) {
  struct input *input = context;
  size_t length = input->length < size ? input->length : size;
  if (input->step > 0 && length > input->step) length = input->step;
  memcpy(buffer, input->bytes, length);
  input->bytes += length;
  input->length -= length;
  return (ssize_t)length;
}

static bool is_plain(const char *name) {
  for (const char *at = name; *at;) {
    size_t length = strcspn(at, "/");
    if (length == 0 || (length == 1 && *at == '.') || (length == 2 && memcmp(at, "..", 2) == 0)) return false;
    at += length;
    if (*at == '/' && *++at == 0) return false;
  }
  return true;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
  return hash;
}

/* Returns a fingerprint of all that was parsed. */
static uint64_t parse(size_t step) {
  static struct tar_reader reader;
  struct input input = {current, current_length, step};
  struct tar_entry entry;
  uint64_t hash = 0xcbf29ce484222325;
  int more;
  memset(&reader, 0, offsetof(struct tar_reader, name));
  reader.read = read_input;
  reader.context = &input;
  while ((more = tar_next(&reader, &entry)) > 0) {
    const char *bytes;
    size_t length;
    uint64_t total = 0;
    claim(strlen(entry.name) < TAR_MAX_NAME && is_plain(entry.name), "a name is plain");
    claim((entry.type == TAR_SYMLINK) == (entry.link != NULL), "a symlink has a target, and nothing else has");
    claim((entry.mode & ~(mode_t)01777) == 0, "there is no set-id bit");
    hash = mix(mix(hash, entry.name, strlen(entry.name) + 1), &entry.size, sizeof entry.size);
    if (entry.link) hash = mix(hash, entry.link, strlen(entry.link));
    while ((more = tar_data(&reader, &bytes, &length)) > 0) {
      claim(length > 0, "data comes in pieces of at least a byte");
      hash = mix(hash, bytes, length);
      total += length;
    }
    claim(more < 0 || total == entry.size, "the data is as long as the size says");
  }
  claim((more < 0) == (reader.error != NULL), "an error has words");
  return reader.error ? mix(hash, reader.error, strlen(reader.error)) : hash;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)status, (void)kind;
  return where->level > 0 ? remove(path) : 0;
}

/* The folder "inside" lies alone beside "witness" in the current folder. */
static void claim_outside_is_untouched(void) {
  char text[16] = {0};
  int entries = 0;
  DIR *outer = opendir(".");
  while (outer && readdir(outer)) entries++;
  if (outer) closedir(outer);
  int fd = open("witness", O_RDONLY | O_NOFOLLOW);
  claim(entries == 4 && fd >= 0 && read(fd, text, sizeof text - 1) == 9 && !strcmp(text, "untouched"),
        "nothing is written outside");
  close(fd);
}

static void unpack(void) {
  static struct tar_reader reader;
  static struct put put;
  struct input input = {current, current_length, 0};
  memset(&reader, 0, offsetof(struct tar_reader, name));
  memset(&put, 0, sizeof put);
  reader.read = read_input;
  reader.context = &input;
  put.as = current_length % 5 == 0 ? "renamed" : NULL;
  int folder = open("inside", O_PATH | O_DIRECTORY);
  claim(folder >= 0, "the folder is there");
  int result = put_archive(&put, folder, &reader);
  claim(result == 0 || *put.error, "an error has words");
  claim(put.depth == 0, "all folders are left");
  close(folder);
  claim_outside_is_untouched();
  nftw("inside", remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void prepare_folder(void) {
  int fd = open("witness", O_WRONLY | O_CREAT | O_EXCL, 0600);
  claim(fd >= 0 && write(fd, "untouched", 9) == 9 && mkdir("inside", 0700) == 0,
        "the current folder is empty at the start");
  close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static bool prepared;
  if (!prepared) prepare_folder();
  prepared = true;
  current = bytes;
  current_length = length;
  uint64_t whole = parse(0);
  claim(parse(1 + length % 700) == whole, "parsing does not depend on how the input is cut");
  if (length < 65536) unpack();
  return 0;
}

#ifdef STANDALONE

/* xorshift64* (Vigna 2016): small, and the same everywhere. */
static uint64_t state;
static uint64_t random_number(uint64_t below) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (state * 0x2545f4914f6cdd1d >> 16) % below;
}

enum { MAX_ARCHIVE = 48 * 1024 };
struct archive {
  uint8_t bytes[MAX_ARCHIVE];
  size_t length;
};

static void add(struct archive *archive, const void *bytes, size_t length) {
  if (length > MAX_ARCHIVE - archive->length) length = MAX_ARCHIVE - archive->length;
  if (bytes) memcpy(archive->bytes + archive->length, bytes, length);
  else memset(archive->bytes + archive->length, 0, length);
  archive->length += length;
}

static const char *random_name(void) {
  static const char *const parts[] = {"a", "b", "inside", "witness", "..", ".", "", "exit", "renamed", "a longer name"};
  static char name[4096];
  size_t count = 1 + random_number(random_number(8) == 0 ? 300 : 4);
  name[0] = 0;
  for (size_t i = 0; i < count; i++) {
    /* Names that are refused at once tell little: ".." and the empty one come less often. */
    size_t part = random_number(sizeof parts / sizeof parts[0]);
    if (part >= 4 && part <= 6 && random_number(6) > 0) part = 0;
    if (i > 0) strcat(name, "/");
    strcat(name, parts[part]);
  }
  return name;
}

static void add_entry(struct archive *archive) {
  static char headers[TAR_MAX_HEADERS], name[4096];
  strcpy(name, random_name());
  struct tar_entry entry = {.type = (enum tar_type)random_number(3), .name = name, .mode = (mode_t)random_number(010000),
                            .mtime = (int64_t)random_number(1ull << 34)};
  if (entry.type == TAR_SYMLINK) entry.link = random_number(2) ? ".." : random_name();
  if (entry.type == TAR_FILE) entry.size = random_number(random_number(3) ? 600 : 3000);
  add(archive, headers, tar_headers(&entry, (struct tar_owner){0, 0}, headers));
  add(archive, NULL, (size_t)(entry.size + (TAR_BLOCK - entry.size % TAR_BLOCK) % TAR_BLOCK));
}

/* Most mutations of a header would end at its checksum: so it is often made right again. */
static void mend_checksum(uint8_t *block) {
  unsigned sum = 8 * ' ';
  char text[16];
  for (size_t i = 0; i < TAR_BLOCK; i++) sum += i >= 148 && i < 156 ? 0 : block[i];
  snprintf(text, sizeof text, "%06o", sum);
  memcpy(block + 148, text, 7);
  block[155] = ' ';
}

static void mutate(struct archive *archive) {
  static const uint8_t telling[] = {0, 0xff, 0x80, '/', '.', '0', '7', '9', ' ', '=', '\n', 'x', 'g', 'L', '1', '2', '5'};
  size_t blocks = archive->length / TAR_BLOCK;
  size_t block = blocks ? random_number(blocks) * TAR_BLOCK : 0;
  switch (random_number(6)) {
    case 0: archive->length = random_number(archive->length + 1); return;
    case 1: archive->bytes[random_number(archive->length)] = (uint8_t)random_number(256); break;
    case 2: archive->bytes[block + random_number(TAR_BLOCK)] = telling[random_number(sizeof telling)]; break;
    case 3: memcpy(archive->bytes + block, archive->bytes + random_number(blocks) * TAR_BLOCK, TAR_BLOCK); break;
    case 4: memset(archive->bytes + block + random_number(400), telling[random_number(sizeof telling)], 100); break;
    default: archive->bytes[block + 124 + random_number(12)] = (uint8_t)('0' + random_number(9)); break; /* size */
  }
  if (random_number(4) > 0) mend_checksum(archive->bytes + block);
}

int main(int argc, char **argv) {
  static struct archive archive;
  if (argc != 3) return 2;
  uint64_t count = strtoull(argv[1], NULL, 10), read_whole = 0;
  state = strtoull(argv[2], NULL, 10) * 2 + 1;
  for (uint64_t i = 0; i < count; i++) {
    archive.length = 0;
    for (size_t entries = 1 + random_number(6); entries > 0; entries--) add_entry(&archive);
    add(&archive, NULL, 2 * TAR_BLOCK);
    for (size_t mutations = random_number(4); mutations > 0 && archive.length >= TAR_BLOCK; mutations--) mutate(&archive);
    LLVMFuzzerTestOneInput(archive.bytes, archive.length);
    struct input input = {archive.bytes, archive.length, 0};
    static struct tar_reader reader;
    struct tar_entry entry;
    memset(&reader, 0, offsetof(struct tar_reader, name));
    reader.read = read_input;
    reader.context = &input;
    while (tar_next(&reader, &entry) > 0) continue;
    read_whole += reader.error == NULL;
  }
  /* Both kinds must be many, or the mutations no longer reach what they are meant for. */
  printf("%llu inputs, %llu of them whole archives\n", (unsigned long long)count, (unsigned long long)read_whole);
  return 0;
}

#endif
