import {
  type Call,
  messageLength,
  type Returned,
  readCall,
  returnedText,
  writeReturn,
} from './bus-message.ts'
import type { Talk } from './planted-socket.ts'

const BUS = 'org.freedesktop.DBus'

/**
 * A message bus with one service behind it. It asks of a client what a user's bus does, SASL EXTERNAL, but takes any uid that it is
 * told: whoever reaches the socket of a user who is root or itself would tell the right one.
 */
export function busTalk(onCall: (call: Call) => Returned): Talk {
  return (send) => {
    let authenticated = false
    return (received) => {
      let rest: Buffer | undefined = received
      if (!authenticated) {
        rest = authenticate(received, send)
        authenticated = rest !== undefined && rest !== received
        if (!authenticated) return rest
      }
      return takeCalls(rest ?? received, onCall, send)
    }
  }
}

/** "D-Bus Specification", authentication protocol: `\0AUTH EXTERNAL <hex>`, `OK <guid>`, `BEGIN`. Returns what comes behind that. */
function authenticate(received: Buffer, send: (bytes: Uint8Array) => void): Buffer | undefined {
  const words = received.toString('latin1')
  if (words.length > 500) return undefined
  const asked = /^\0AUTH EXTERNAL (?:3\d)+\r\n/.exec(words)
  if (asked === null) return words.includes('\n') ? undefined : received
  const behind = words.slice(asked[0].length)
  if (behind === '') send(Buffer.from(`OK ${'0'.repeat(32)}\r\n`))
  if (behind.startsWith('BEGIN\r\n')) return received.subarray(asked[0].length + 'BEGIN\r\n'.length)
  return 'BEGIN\r\n'.startsWith(behind) ? received : undefined
}

function takeCalls(
  received: Buffer,
  onCall: (call: Call) => Returned,
  send: (bytes: Uint8Array) => void,
): Buffer | undefined {
  let rest = received
  for (;;) {
    const length = messageLength(rest)
    if (length === 'broken') return undefined
    if (length === undefined || rest.length < length) return rest
    const call = readCall(rest.subarray(0, length))
    if (call === undefined) return undefined
    const hello = call.destination === BUS && call.member === 'Hello'
    send(writeReturn(call.serial, hello ? returnedText('s', ':1.1') : onCall(call)))
    rest = rest.subarray(length)
  }
}
