/* What is inherited: descriptors of folders and sockets, and the working folder. All lead past any tree of names (CVE-2024-21626). */
#include "files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { FIRST_FD = 3, LAST_FD = 255, MOST_UP = 16 };

/* NAME : this file, from each folder among the descriptors. */
int run_openat(int argc, char **argv) {
  if (argc != 1) return 2;
  int seen = 0;
  for (int fd = FIRST_FD; fd <= LAST_FD; fd++) {
    struct stat what;
    if (fstat(fd, &what) < 0 || !S_ISDIR(what.st_mode)) continue;
    seen++;
    tell_file(openat(fd, argv[0], O_RDONLY));
  }
  tell("%d folders among the descriptors", seen);
  return 0;
}

/* NAME : this file, in the working folder and above it. */
int run_climb(int argc, char **argv) {
  if (argc != 1) return 2;
  char path[3 * MOST_UP + NAME_MAX + 1], up[3 * MOST_UP + 1] = "";
  int failed = 0;
  for (int i = 0; i <= MOST_UP; i++) {
    snprintf(path, sizeof path, "%s%.*s", up, NAME_MAX, argv[0]);
    failed |= tell_file(open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK));
    if (i < MOST_UP) strcat(up, "../");
  }
  return failed;
}

static int received_folder(int socket) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec bytes = {&byte, 1};
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int folder = -1;
  if (recvmsg(socket, &message, MSG_DONTWAIT) < 0) return -1;
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  if (head && head->cmsg_type == SCM_RIGHTS) memcpy(&folder, CMSG_DATA(head), sizeof folder);
  return folder;
}

/* TEXT NAME : says TEXT by each socket among the descriptors, and takes a folder out of what waits in it. */
int run_use_sockets(int argc, char **argv) {
  if (argc != 2) return 2;
  int seen = 0;
  for (int fd = FIRST_FD; fd <= LAST_FD; fd++) {
    struct stat what;
    if (fstat(fd, &what) < 0 || !S_ISSOCK(what.st_mode)) continue;
    seen++;
    if (send(fd, argv[0], strlen(argv[0]), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) refused();
    int folder = received_folder(fd);
    if (folder >= 0) tell_file(openat(folder, argv[1], O_RDONLY));
  }
  tell("%d sockets among the descriptors", seen);
  return 0;
}

static int send_folder(int socket, int folder) {
  char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec bytes = {&byte, 1};
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof folder);
  memcpy(CMSG_DATA(head), &folder, sizeof folder);
  return sendmsg(socket, &message, 0) < 0 ? -1 : 0;
}

/* PATH FOLDER -- COMMAND… : on the host, in front of a sandbox's command: it inherits a connection to the socket PATH, and a socket
 * in which a descriptor of FOLDER waits. */
int run_with_sockets(int argc, char **argv) {
  int pair[2];
  if (argc < 4 || strcmp(argv[2], "--")) return 2;
  int folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (connect_path(argv[0]) < 0 || folder < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) return refused();
  if (send_folder(pair[0], folder) < 0) return refused();
  fcntl(pair[0], F_SETFD, FD_CLOEXEC);
  execvp(argv[3], argv + 3);
  return refused();
}
