import assert from 'node:assert/strict'
import { join } from 'node:path'
import { currentPaths } from '../../src/host/paths.ts'
import type { Lab, LabCommand } from '../../src/lab/start.ts'
import type { NodeName } from '../../src/lab/topology.ts'
import { LAUNCHER } from '../support/base-box.ts'

/** Boxes of the lab's host, with the network `internet`. */
export class Boxes {
  readonly #lab: Lab

  constructor(lab: Lab) {
    this.#lab = lab
  }

  glovebox(...words: string[]): LabCommand {
    return this.#lab.run('host', [LAUNCHER, ...words])
  }

  /** Its id, and where its files are. */
  async start(
    engine: string,
    {
      network = 'internet',
      words = [],
    }: { readonly network?: string; readonly words?: readonly string[] } = {},
  ): Promise<{ readonly box: string; readonly dir: string }> {
    const all = ['--engine', engine, '--network', network, ...words, '--detach', '--', 'sleep', 'infinity']
    const { code, stdout, stderr } = await this.glovebox('run', ...all).result
    assert.equal(code, 0, stderr)
    const box = stdout.trim()
    return { box, dir: join(currentPaths().boxes.runtime, box) }
  }

  async end(box: string): Promise<void> {
    await this.glovebox('stop', '--grace', '0s', box).result
    await this.glovebox('rm', box).result
  }

  /** Who answers the box there; undefined where nobody does. */
  async answers(box: string, address: string, port: number): Promise<string | undefined> {
    const { stdout } = await this.glovebox('exec', box, '--', 'bash', '-c', hello(address, port)).result
    return stdout.trim() === '' ? undefined : stdout.trim()
  }

  /** Who answers a node there, without any box. */
  async answersNode(node: NodeName, address: string, port: number): Promise<string | undefined> {
    const { stdout } = await this.#lab.run(node, ['bash', '-c', hello(address, port)]).result
    return stdout.trim() === '' ? undefined : stdout.trim()
  }

  /** Changes a node's network, by lines for ip(8). */
  async change(node: NodeName, ...lines: string[]): Promise<void> {
    const input = `${lines.join('\n')}\n`
    const { code, stderr } = await this.#lab.run(node, ['/sbin/ip', '-batch', '-'], { input, powerful: true })
      .result
    assert.equal(code, 0, stderr)
  }
}

const hello = (address: string, port: number): string => `timeout 5 head -n1 < /dev/tcp/${address}/${port}`
