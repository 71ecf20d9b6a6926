import type { Probe } from '../../types.ts'
import { bluetoothSocket } from './bluetooth-socket.ts'
import { bpfMap } from './bpf-map.ts'
import { cgroupHierarchy } from './cgroup-hierarchy.ts'
import { cryptoSocket } from './crypto-socket.ts'
import { dirtyArgument } from './dirty-argument.ts'
import { dirtyNumber } from './dirty-number.ts'
import { fanotify } from './fanotify.ts'
import { fuseDevice } from './fuse-device.ts'
import { graphicsDevices } from './graphics-devices.ts'
import { i386Call } from './i386-call.ts'
import { inputDevices } from './input-devices.ts'
import { ioUring } from './io-uring.ts'
import { kvmDevice } from './kvm-device.ts'
import { log } from './log.ts'
import { mediaDevices } from './media-devices.ts'
import { memoryDevice } from './memory-device.ts'
import { mountContext } from './mount-context.ts'
import { nftables } from './nftables.ts'
import { packetSocket } from './packet-socket.ts'
import { perfEvent } from './perf-event.ts'
import { rxrpcSocket } from './rxrpc-socket.ts'
import { sctpSocket } from './sctp-socket.ts'
import { settings } from './settings.ts'
import { setuidProgram } from './setuid-program.ts'
import { symbols } from './symbols.ts'
import { sysrq } from './sysrq.ts'
import { tipcSocket } from './tipc-socket.ts'
import { tunDevice } from './tun-device.ts'
import { uinputDevice } from './uinput-device.ts'
import { userNamespace } from './user-namespace.ts'
import { userfaultfd } from './userfaultfd.ts'
import { vhostDevice } from './vhost-device.ts'
import { vsock } from './vsock.ts'
import { x32Call } from './x32-call.ts'
import { xdpSocket } from './xdp-socket.ts'

/** In the order of the catalogue's numbers. */
export const KERNEL: readonly Probe[] = [
  ioUring,
  bpfMap,
  userfaultfd,
  perfEvent,
  fanotify,
  userNamespace,
  nftables,
  packetSocket,
  xdpSocket,
  vsock,
  cryptoSocket,
  rxrpcSocket,
  sctpSocket,
  tipcSocket,
  bluetoothSocket,
  settings,
  sysrq,
  cgroupHierarchy,
  mountContext,
  kvmDevice,
  memoryDevice,
  fuseDevice,
  tunDevice,
  vhostDevice,
  uinputDevice,
  inputDevices,
  graphicsDevices,
  mediaDevices,
  dirtyArgument,
  dirtyNumber,
  x32Call,
  i386Call,
  setuidProgram,
  log,
  symbols,
]
