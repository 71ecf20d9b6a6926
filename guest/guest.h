/* Types and functions shared by the parts of glovebox-guest; the theory of operation heads main.c. */
#ifndef GLOVEBOX_GUEST_H
#define GLOVEBOX_GUEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit codes of our own; those of the command are its own, or a shell's (POSIX, "Exit Status for Commands"). */
enum { EXIT_OURS = 1, EXIT_USAGE = 2, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127, EXIT_SIGNAL = 128 };

/* say.c: one line on stderr, "glovebox: …"; control characters in it are spelled out. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
int write_all(int fd, const void *bytes, size_t length);

/* descriptors.c */
void keep_only_descriptors(int last);
void refuse_outer_folder(void);

/* landlock.c */
enum landlock_scope {
  LANDLOCK_FILES_ONLY,  /* for a process that joins a box: it must reach those that are there */
  LANDLOCK_WITH_SCOPES, /* and nothing outside of this process' descendants is signalled or connected to */
};
int landlock_version(void);
void landlock_enter(enum landlock_scope scope);

/* become.c: ends the program where that fails. The words are UID:GID[,GROUP…], false for others; the streams become the user's, too. */
void become_user(uid_t uid, gid_t gid, const gid_t *groups, size_t count);
bool become_words(char *words);

/* receive.c: in gVisor, as root; `bytes` are digits. Ends the program where that fails. */
void receive_buffers(const char *bytes);

/* launch.c: becomes the command, or says why not and returns the exit code for that.
 * command[-1] must be a slot that may be overwritten. */
int launch(char **command);

/* init.c */
int init_run(char **command);
/* Ignored signals stay ignored and blocked ones blocked across execve(2): a command starts with neither. */
void default_signals(void);

/* serve.c: the first process of a virtual machine; monitor.c, attach.c: what stands for it in its jail */
_Noreturn void serve_run(void);
int monitor_run(char **words);
/* `monitor [--kvm] [--tap] …`: how many descriptors from FIRST_DEVICE on are for the VMM alone, in that order. */
int monitor_devices(char **argv);
enum { FIRST_DEVICE = 3, MAX_DEVICES = 2 };
int attach_run(char **words);
/* held.c: the first process of a box in a kept machine */
int held_run(void);

/* get.c, put.c */
int get_paths(char **paths);
int put_directory(const char *directory, const char *as);

#endif
