import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { EngineName } from '../../src/plan/types.ts'
import type { DryRun } from '../../src/sdk.ts'
import type { Programs } from './programs.ts'

const WORKLOAD = '/usr/bin/glovebox-workload'
const ENVIRONMENT = ['/usr/bin/env', '-i', 'HOME=/tmp', 'TMPDIR=/dev/shm', 'PATH=/usr/bin:/bin']
const UML_CONSOLE = ['con=null', 'con0=null,fd:1']

/** Starts virtual machine monitors of the tools image without Glovebox: no jail, no monitor, no server in the guest. */
export class Hand {
  readonly #wrapper: readonly string[]
  readonly #folder: string
  readonly #dry: DryRun

  /** @param folder of the benchmark's own, which is not writable for others */
  constructor(dry: DryRun, programs: Programs, folder: string) {
    this.#dry = dry
    this.#folder = folder
    const { tools, imageDisk, emptyDisk, initramfs } = this.#machine()
    const root = join(folder, 'root')
    const files = join(folder, 'files')
    for (const path of [root, files]) mkdirSync(path)
    /* The kernel unpacks one archive behind the other: the modules of the first, and /init of the second. */
    writeFileSync(
      join(files, 'initramfs'),
      Buffer.concat([readFileSync(initramfs), readFileSync(programs.handInitramfs)]),
    )
    this.#wrapper = [
      ...['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child'],
      ...['sh', join(import.meta.dirname, 'hand.sh')],
      ...[tools.trees.join(':'), root, dirname(imageDisk), files, emptyDisk],
      ...ENVIRONMENT,
    ]
  }

  #machine(): NonNullable<DryRun['plan']['machine']> {
    const { machine } = this.#dry.plan
    if (machine === undefined) throw new Error('The plan has no machine.')
    return machine
  }

  get #image(): string {
    return `/mnt/${basename(this.#machine().imageDisk)}`
  }

  /** The words that Glovebox starts the monitor with. */
  get #ours(): string[] {
    const { args } = this.#dry.bundle.process
    return args.slice(args.indexOf('---') + 1)
  }

  /**
   * linux.uml as one starts it from its manual page: a disk with copy on write, a root, and the console on the terminal.
   *
   * @param tuned with the words of Glovebox that make the kernel's boot short
   */
  umlBoot(tuned: boolean): string[] {
    const tuning = tuned
      ? this.#ours.filter((word) => /^(initcall_blacklist|lpj|loglevel|pty\.legacy_count)=/.test(word))
      : []
    const memory = `mem=${this.#machine().memoryBytes / 2 ** 20}M`
    const disk = [`ubd0=/tmp/cow,${this.#image}`, 'root=/dev/ubda', 'rw']
    const words = [memory, ...disk, ...UML_CONSOLE, 'panic=-1', ...tuning]
    return [...this.#wrapper, '/usr/bin/linux.uml', ...words, `init=${WORKLOAD}`, '--', 'boot']
  }

  /**
   * QEMU as one starts it with a distribution's kernel: compressed, through the firmware, with the initramfs that
   * Debian's initramfs-tools has made and the words of Debian's own cloud images.
   *
   * @param boot folder of the distribution's kernel and initramfs
   */
  vmBoot(boot: string, version: string): string[] {
    const files = join(this.#folder, 'files')
    copyFileSync(join(boot, `initrd.img-${version}`), join(files, 'initrd.img'))
    copyFileSync(join(boot, `vmlinuz-${version}`), join(files, 'vmlinuz'))
    const append = `root=/dev/vda ro console=ttyS0,115200 panic=-1 init=${WORKLOAD} -- boot`
    return [
      ...this.#wrapper,
      '/usr/bin/qemu-system-x86_64',
      ...['-accel', 'tcg', '-cpu', 'max', '-m', String(this.#machine().memoryBytes / 2 ** 20)],
      ...['-nographic', '-nic', 'none', '-no-reboot'],
      ...['-kernel', '/srv/vmlinuz', '-initrd', '/srv/initrd.img', '-append', append],
      ...['-drive', `file=${this.#image},format=raw,if=virtio,snapshot=on`],
    ]
  }

  /** The very monitor of Glovebox with the very words, but without its channel, and with a short /init by hand. */
  same(workload: readonly string[]): string[] {
    const words = this.#dry.plan.engine === 'uml' ? this.#sameUml(workload) : this.#sameQemu(workload)
    return [...this.#wrapper, ...words.map((word) => this.#byHand(word))]
  }

  #sameUml(workload: readonly string[]): string[] {
    return [...this.#ours.filter((word) => !word.startsWith('virtio_uml.device=')), '--', ...workload]
  }

  #sameQemu(workload: readonly string[]): string[] {
    const ours = this.#ours
    const words: string[] = []
    for (let at = 0; at < ours.length; at++) {
      const [option = '', value = ''] = ours.slice(at, at + 2)
      const isChannel = /^(virtio-serial|virtserialport|socket,)|^unix:/.test(value)
      if (isChannel) at++
      else if (option === '-append') words.push(option, `${ours[++at]} -- ${workload.join(' ')}`)
      else words.push(option)
    }
    return words
  }

  #byHand(word: string): string {
    return word
      .replace('/machine/initramfs', '/srv/initramfs')
      .replace('/machine/image', this.#image)
      .replace('/machine/write/disk', '/tmp/own')
  }
}

/** A box of Glovebox with the workload, by the command line. */
export const boxed = (
  launcher: string,
  engine: EngineName,
  image: string,
  words: readonly string[],
): string[] => [launcher, ...['run', '--engine', engine, '--image', image, '--', WORKLOAD], ...words]
