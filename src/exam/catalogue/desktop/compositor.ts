import type { Talk } from './planted-socket.ts'

/** What a compositor offers to clients that it trusts, with what it gives. */
export const TRUSTED: Readonly<Record<string, string>> = {
  zwlr_screencopy_manager_v1: 'pictures of the screen',
  zwlr_data_control_manager_v1: 'the clipboard',
  zwp_virtual_keyboard_manager_v1: 'a keyboard',
}
const OFFERED = ['wl_seat', 'wl_output', ...Object.keys(TRUSTED)]
const DISPLAY = 1
/** Objects that one client may make, and keys that it may press. */
const MOST_OBJECTS = 100
const MOST_KEYS = 1000
/** Keys of linux/input-event-codes.h that are hexadecimal digits. */
const DIGITS = new Map(
  [11, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 48, 46, 32, 18, 33].map((key, i) => [key, i.toString(16)]),
)

/** What clients did at the compositor. */
export interface CompositorLog {
  /** Interfaces that were bound. */
  readonly bound: Set<string>
  typed: string
}

/** A compositor's side of the wire, as far as clients get that bind what is offered and use it (wayland.xml, wlr-protocols). */
export function compositorTalk(log: CompositorLog): Talk {
  return (send) => {
    const objects = new Map([[DISPLAY, 'wl_display']])
    return (received) => {
      let rest = received
      while (rest.length >= 8) {
        const word = rest.readUInt32LE(4)
        const length = word >>> 16
        if (length < 8 || length > 4096 || objects.size > MOST_OBJECTS) return undefined
        if (rest.length < length) return rest
        const request: Request = {
          object: objects.get(rest.readUInt32LE(0)) ?? '',
          code: word & 0xffff,
          args: rest.subarray(8, length),
        }
        if (!obey(request, objects, log, send)) return undefined
        rest = rest.subarray(length)
      }
      return rest
    }
  }
}

interface Request {
  readonly object: string
  readonly code: number
  readonly args: Buffer
}

function obey(
  { object, code, args }: Request,
  objects: Map<number, string>,
  log: CompositorLog,
  send: (bytes: Uint8Array) => void,
): boolean {
  const first = args.length >= 4 ? args.readUInt32LE(0) : 0
  const second = args.length >= 8 ? args.readUInt32LE(4) : 0
  switch (`${object} ${code}`) {
    case 'wl_display 0': // sync
      send(event(first, 0, words(0)))
      return true
    case 'wl_display 1': // get_registry
      objects.set(first, 'wl_registry')
      for (const [i, name] of OFFERED.entries())
        send(event(first, 0, Buffer.concat([words(i + 1), text(name), words(1)])))
      return true
    case 'wl_registry 0':
      return bind(first, args, objects, log)
    case 'zwp_virtual_keyboard_manager_v1 0': // create_virtual_keyboard(seat, id)
      objects.set(second, 'zwp_virtual_keyboard_v1')
      return true
    case 'zwp_virtual_keyboard_v1 1': // key(time, key, state)
      if (args.length === 12 && args.readUInt32LE(8) === 1 && log.typed.length < MOST_KEYS)
        log.typed += DIGITS.get(second) ?? '?'
      return true
    default:
      return object !== ''
  }
}

/** bind(name, interface, version, id), of the interface that was offered under that name. */
function bind(name: number, args: Buffer, objects: Map<number, string>, log: CompositorLog): boolean {
  const offered = OFFERED[name - 1]
  if (offered === undefined) return false
  const wanted = Buffer.concat([words(name), text(offered), words(1)])
  if (args.length !== wanted.length + 4 || !args.subarray(0, wanted.length).equals(wanted)) return false
  objects.set(args.readUInt32LE(wanted.length), offered)
  log.bound.add(offered)
  return true
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * i)
  return bytes
}

/** With a 0 at its end, which is counted, and filled up to a multiple of 4. */
function text(value: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil((value.length + 1) / 4) * 4)
  bytes.write(value, 'latin1')
  return Buffer.concat([words(value.length + 1), bytes])
}

const event = (object: number, code: number, args: Buffer): Buffer =>
  Buffer.concat([words(object, ((8 + args.length) << 16) | code), args])
