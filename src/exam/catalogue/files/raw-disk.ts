import { rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { spawnTool } from '../../../host/spawn.ts'
import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

const SECTOR = 512
/** Where the nonce lies, so that no reader of the beginning meets it. */
const AT_SECTOR = 100

/** The node of the loop device of a file; an ordinary user can make none. */
async function attach(scene: Scene, file: string): Promise<string | undefined> {
  if (scene.host.uid !== 0) return undefined
  scene.remember({ kind: 'loop', file })
  const { exitCode, stdout, stderr } = await spawnTool(['losetup', '--find', '--show', '--read-only', file])
  if (exitCode !== 0) throw new Error(`losetup cannot make a disk: ${stderr.trim()}`)
  return stdout.trim()
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const file = join(scene.folder, `disk-${scene.nonce()}`)
  const content = Buffer.alloc(1024 * 1024)
  content.write(canary ? nonce : 'nothing', AT_SECTOR * SECTOR)
  writeFileSync(file, content, { flag: 'wx', mode: 0o600 })
  const device = await attach(scene, file)
  const { rdev } = device === undefined ? { rdev: 0 } : statSync(device)
  // As gnu_dev_major(3) takes a number apart.
  const [major, minor] = [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)]
  const words = [major, minor, basename(device ?? 'no-disk'), AT_SECTOR * SECTOR].map(String)
  return {
    launch: { root: true, key: 'as root' },
    attempt: async (inside) =>
      byNonce(await inside.ask('file-raw', words), nonce, 'read a sector of a disk of the host'),
    [Symbol.asyncDispose]: async () => {
      if (device !== undefined) await spawnTool(['losetup', '--detach', device])
      rmSync(file, { force: true })
    },
  }
}

export const rawDisk: Probe = {
  id: 'files-raw-disk',
  number: 8,
  asset: 'files',
  title: "read your disk's raw sectors",
  tries:
    'Reads a nonce from a sector of a planted loop device, by its node in /dev or by one of its own making.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1006', 'privileged containers'],
  closing: 'Give the box a /dev of its own, and no CAP_MKNOD of the host.',
  price: 'Disk tools do not work on the real disk.',
  holes: ['devices', 'user'],
  lacks: ({ uid, tool }) =>
    uid === 0 && tool('losetup') === undefined ? 'losetup is not installed' : undefined,
  moot: ({ uid }) => (uid === 0 ? undefined : 'an ordinary user may open no disk of this machine'),
  plant,
}
