import type { Talk } from './planted-socket.ts'

/** Commands and tags of PulseAudio's native protocol (src/pulsecore/native-common.h, tagstruct.h). */
const REPLY = 2
const CREATE_RECORD_STREAM = 5
const AUTH = 8
const SET_CLIENT_NAME = 9
const NUMBER = 'L'.charCodeAt(0)
const COMMANDS = 0xff_ff_ff_ff
const VERSION = 13
const STREAM = 7
/** Samples that a stream is given, a byte each. */
const SAMPLES = 4096

/** A sound server whose microphone hears a nonce: the samples of a byte are its letters. */
export function soundTalk(heard: string): Talk {
  return (send) => {
    let known = false
    return (received) => {
      let rest = received
      while (rest.length >= 20) {
        const length = rest.readUInt32BE(0)
        if (length < 10 || length > 64 * 1024 || rest.readUInt32BE(4) !== COMMANDS) return undefined
        if (rest.length < 20 + length) return rest
        const packet = rest.subarray(20, 20 + length)
        if (packet[0] !== NUMBER || packet[5] !== NUMBER) return undefined
        const [command, tag] = [packet.readUInt32BE(1), packet.readUInt32BE(6)]
        if (command !== AUTH && !known) return undefined
        known = true
        const reply = replyTo(command)
        if (reply === undefined) return undefined
        send(framed(COMMANDS, Buffer.concat([numbers(REPLY, tag), reply])))
        if (command === CREATE_RECORD_STREAM) send(framed(STREAM, Buffer.alloc(SAMPLES, `${heard} `)))
        rest = rest.subarray(20 + length)
      }
      return rest
    }
  }
}

/** What a client of version 13 reads of it; no exam's client reads what follows the first numbers of a stream. */
function replyTo(command: number): Buffer | undefined {
  if (command === AUTH) return numbers(VERSION)
  if (command === SET_CLIENT_NAME) return numbers(1)
  return command === CREATE_RECORD_STREAM ? numbers(STREAM, STREAM, SAMPLES, SAMPLES) : undefined
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(5 * values.length, NUMBER)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 5 * i + 1)
  return bytes
}

/** Length, channel, offset of 64 bits, flags. */
function framed(channel: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(20)
  head.writeUInt32BE(bytes.length, 0)
  head.writeUInt32BE(channel, 4)
  return Buffer.concat([head, bytes])
}
