const PACKET = 6
/** Type and length of a block (draft-ietf-opsawg-pcapng, 3.1), and what stands before a packet's bytes (4.3). */
const BLOCK_HEAD = 8
const PACKET_HEAD = 28

/** Takes a pcapng stream of this machine's own byte order in parts, and hands out its frames. */
export class FrameReader {
  #have = Buffer.alloc(0)

  read(part: Buffer): Buffer[] {
    this.#have = Buffer.concat([this.#have, part])
    const frames: Buffer[] = []
    let at = 0
    while (this.#have.length - at >= BLOCK_HEAD) {
      const length = this.#have.readUInt32LE(at + 4)
      if (this.#have.length - at < length) break
      if (this.#have.readUInt32LE(at) === PACKET) {
        const kept = this.#have.readUInt32LE(at + 20)
        frames.push(Buffer.from(this.#have.subarray(at + PACKET_HEAD, at + PACKET_HEAD + kept)))
      }
      at += length
    }
    this.#have = this.#have.subarray(at)
    return frames
  }
}
