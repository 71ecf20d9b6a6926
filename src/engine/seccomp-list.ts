/**
 * The system calls of a box, as data. Started from the list that containers-common 0.50 ships
 * (/usr/share/containers/seccomp.json, Apache-2.0) for 64-bit programs, with the calls that newer C libraries ask
 * for added (futex_wait, cachestat, mseal and the like). What was taken out, and why:
 *
 * - `keyctl` (`add_key`, `request_key` were out): keys of the kernel have no namespace; what one box stores outlives
 *   it (session-keyring(7)).
 * - `io_uring_*` (was out): most of the kernel exploits paid for by Google's kCTF came through it.
 * - `io_setup` and its kin: asynchronous I/O is counted for the whole machine (fs.aio-max-nr), so one box could keep
 *   every database of the host from starting. Programs fall back to ordinary calls.
 * - `userfaultfd`, `bpf`, `perf_event_open` (were out): exploit primitives, and no use to an ordinary application.
 * - the mount calls, old and new (`mount`, `fsopen`, `move_mount`, …): nothing in a box may mount, and parsing alone
 *   was enough for CVE-2022-0185.
 * - `unshare`, `setns`, namespace flags of `clone`, all of `clone3` (its flags lie in memory, where a filter cannot
 *   look; ENOSYS makes the C library fall back to `clone`): CVE-2021-41133, CVE-2022-0492.
 * - `name_to_handle_at`: the half of `open_by_handle_at` that finds handles ("shocker").
 * - `socket` but for unix, TCP and UDP over IPv4 and IPv6, and route netlink: packet, vsock, AF_ALG, RxRPC, SCTP, DCCP
 *   and the like load kernel modules on demand (CVE-2020-14386, CVE-2017-6074).
 * - `reboot`, `syslog`, `adjtimex`, `clock_adjtime`, `fanotify_mark`: the machine's business, not an application's.
 * - 32-bit programs (`socketcall`, `modify_ldt`, the i386 and x32 ABIs): a filter of arguments can be walked around
 *   through them (CVE-2019-10063 is of that kind); a process that tries is killed.
 */
export const ALLOWED_CALLS = `
  accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown clock_getres
  clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3
  epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve
  execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2
  fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs
  fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake futimesat get_mempolicy
  get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups
  getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid
  getrlimit getrusage getsockname getsockopt gettid gettimeofday getuid getxattr inotify_add_watch
  inotify_init inotify_init1 inotify_rm_watch ioctl
  ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown
  lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise
  map_shadow_stack mbind membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock
  mlock2 mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink
  mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep newfstatat open
  openat openat2 pause pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free
  pkey_mprotect poll ppoll prctl pread64 preadv preadv2 prlimit64 process_madvise process_mrelease
  process_vm_readv process_vm_writev pselect6 ptrace pwrite64 pwritev pwritev2 read readahead readlink
  readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr rename renameat renameat2
  restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
  rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
  sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl
  semget semop semtimedop sendfile sendmmsg sendmsg sendto set_mempolicy set_mempolicy_home_node
  set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid
  setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr shmat
  shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink
  symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill
  truncate umask uname unlink unlinkat utime utimensat utimes vfork wait4 waitid write writev
`

/** Refused with EPERM, so that a program says "not permitted" rather than "too old a kernel"; the rest get ENOSYS. */
export const FORBIDDEN_CALLS = `
  acct add_key bdflush bpf clock_settime clock_settime64 delete_module fanotify_init finit_module
  fsconfig fsmount fsopen fspick init_module io_pgetevents io_uring_enter io_uring_register
  io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie migrate_pages mount
  mount_setattr move_mount move_pages name_to_handle_at nfsservctl nice oldfstat oldlstat oldolduname
  oldstat olduname open_by_handle_at open_tree pciconfig_iobase pciconfig_read pciconfig_write
  perf_event_open pivot_root query_module quotactl reboot request_key setdomainname sethostname setns
  settimeofday sgetmask ssetmask stime swapcontext swapoff swapon sysfs syslog umount2 unshare uselib
  userfaultfd ustat vhangup vm86 vm86old vmsplice
`

/** What the grant `user-namespaces` gives back: what a browser's own sandbox calls. */
export const NAMESPACE_CALLS = 'unshare chroot mount umount2 pivot_root'
