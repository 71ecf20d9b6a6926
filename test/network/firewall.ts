import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Something that a box tries. */
export interface Attempt {
  readonly transport: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
}

export interface FirewallRequest {
  readonly rules: string
  readonly attempts: readonly Attempt[]
  /** nft reads the rules, and loads nothing. */
  readonly checkOnly: boolean
}

interface Answer {
  readonly passed?: boolean[]
  readonly error?: string
}

/** A gate's rules between a box and a world that answers everything (firewall-process.ts): what passes is what they let pass. */
export class Firewall implements AsyncDisposable {
  readonly #child: ChildProcess

  readonly #over: Promise<never>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#over = once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`the gate ended with ${code}`)),
    )
    this.#over.catch(() => undefined)
  }

  static async open(): Promise<Firewall> {
    const namespaces =
      process.getuid?.() === 0
        ? ['unshare', '--net', '--']
        : ['unshare', '--user', '--map-root-user', '--net', '--']
    const words = ['--pdeathsig', 'KILL', '--', ...namespaces, 'setpriv', '--pdeathsig', 'KILL', '--']
    const child = spawn(
      'setpriv',
      [...words, process.execPath, join(import.meta.dirname, 'firewall-process.ts'), 'gate'],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
      },
    )
    const firewall = new Firewall(child)
    await Promise.race([once(child, 'message'), firewall.#over])
    return firewall
  }

  /** Loads rules in place of those before; which attempts pass. */
  async try(rules: string, attempts: readonly Attempt[]): Promise<boolean[]> {
    return this.#ask({ rules, attempts, checkOnly: false })
  }

  /** @throws Error what nft says of the rules */
  async check(rules: string): Promise<void> {
    await this.#ask({ rules, attempts: [], checkOnly: true })
  }

  async #ask(request: FirewallRequest): Promise<boolean[]> {
    const answered = once(this.#child, 'message')
    this.#child.send(request)
    const [{ passed, error }] = (await Promise.race([answered, this.#over])) as [Answer]
    if (passed === undefined) throw new Error(error)
    return passed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
