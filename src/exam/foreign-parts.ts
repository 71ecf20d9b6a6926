import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnTool } from '../host/spawn.ts'
import type { ForeignLine } from './foreign.ts'
import { PROGRAM_WORD } from './place.ts'
import type { Stage } from './stage.ts'
import { foreignSubject } from './subject.ts'
import type { ForeignSubject } from './types.ts'

const FOLDERS = ['dev', 'etc', 'home', 'proc', 'root', 'run', 'sys', 'tmp', 'usr', 'var']

/** A root file system for sandboxes that want one: the probe program, and the folders that they mount on. */
function makeRoot(stage: Stage): string {
  const root = join(stage.scene.folder, 'root')
  for (const name of FOLDERS) mkdirSync(join(root, name), { recursive: true, mode: 0o755 })
  chmodSync(join(root, 'tmp'), 0o1777)
  // systemd-nspawn(1) takes a folder for an operating system by this file.
  writeFileSync(join(root, 'etc/os-release'), 'ID=glovebox-exam\nNAME=exam\n')
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n')
  copyFileSync(stage.programs.probe, join(root, 'glovebox-probe'))
  return root
}

interface SpecDocument {
  process: { terminal: boolean; args: string[] }
  root: { path: string }
}

/** The runtime's own default (`runc spec`), with nothing changed but what it starts, and without a terminal. */
async function makeBundle(stage: Stage, runtime: string, root: string): Promise<string> {
  const bundle = join(stage.scene.folder, `bundle-${runtime}`)
  mkdirSync(bundle, { recursive: true })
  const rootless = stage.scene.host.uid === 0 ? [] : ['--rootless']
  await spawnTool([runtime, 'spec', ...rootless], { cwd: bundle })
  const path = join(bundle, 'config.json')
  const spec = JSON.parse(readFileSync(path, 'utf8')) as SpecDocument
  spec.process.terminal = false
  spec.process.args = ['/glovebox-probe']
  spec.root.path = root
  writeFileSync(path, JSON.stringify(spec))
  return bundle
}

/** A ready line with its parts made. */
export async function foreignFromLine(stage: Stage, line: ForeignLine): Promise<ForeignSubject> {
  const needs = (word: string): boolean => line.argv.some((part) => part.includes(word))
  const root = needs('{root}') || needs('{bundle}') ? makeRoot(stage) : ''
  const bundle = needs('{bundle}') ? await makeBundle(stage, line.tool, root) : ''
  const argv = line.argv.map((word) =>
    word
      .replaceAll('{root}', root)
      .replaceAll('{bundle}', bundle)
      .replaceAll('{guest}', stage.programs.guest)
      .replaceAll('{id}', `glovebox-exam-${stage.id}`),
  )
  if (argv.some((word) => word.includes(PROGRAM_WORD)))
    return { ...foreignSubject(argv, line.name), shown: line.argv }
  return { kind: 'foreign', name: line.name, argv, shown: line.argv }
}
