import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Command } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/command-list.ts'
import { loadCommand } from '../../src/cli/load-command.ts'
import { LAUNCHER } from '../support/base-box.ts'
import { testImage } from '../support/image.ts'
import { scratchStore } from '../support/scratch-store.ts'

/** These have tests of their own, as they change the machine, need a mirror, a registry, a built image or the tools image, ask a whole catalogue of probes, or do not end. */
const ELSEWHERE = [
  /^glovebox try/,
  /^glovebox setup --yes/,
  /^glovebox image (build|import docker:)/,
  /^glovebox image show .* --/,
  /^glovebox (tools|snapshot)/,
  /^glovebox doctor --updates/,
  / --warm /,
  /^glovebox rm --home/,
  /^glovebox events --follow/,
  /^glovebox lab --show-arrivals/,
  /^glovebox exam$/,
  /^glovebox exam (--engine|--only|--foreign|--self-test|--$|-- )/,
  /^glovebox exam verify/,
  /^glovebox (choose|run --engine auto) /, // test/cli/choose.test.ts
  /^glovebox compare/, // test/cli/compare.test.ts
  /^glovebox price /, // test/cli/price.test.ts
  / chromium …$| \.\/installer\.sh$/,
]
const examples = COMMANDS.flatMap(({ file }) =>
  (loadCommand(file) as { readonly command: Command }).command.examples.map(({ command }) => command),
).filter((line) => !ELSEWHERE.some((one) => one.test(line)))

/* A store of its own, as examples tag, remove and collect. */
const store = scratchStore()
const { folder } = store
const env = {
  ...{ ...process.env, ...store.env, HOME: folder, XDG_RUNTIME_DIR: folder },
  PATH: `${dirname(LAUNCHER)}:${process.env['PATH']}`,
}

/** Runs a line of help as it is printed. */
function shell(line: string): { code: number | null; err: string } {
  const { status, stderr } = spawnSync('bash', ['--norc', '-c', line], {
    ...{ cwd: folder, env, input: '', encoding: 'utf8' },
  })
  return { code: status, err: stderr }
}
function prepare(line: string): void {
  const { code, err } = shell(line)
  assert.equal(code, 0, `${line}: ${err}`)
}

before(async () => {
  await using image = await testImage()
  symlinkSync(store.paths.programs, join(store.paths.data, 'native'))
  for (const path of ['.zfunc', '.config/fish/completions'])
    mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(join(folder, 'report.pdf'), 'a report')
  writeFileSync(join(folder, 'browser.yaml'), 'grants: [user-namespaces]\n')
  await image.glovebox.images.export('base', `oci:${join(folder, 'oci')}`)
  prepare('glovebox image import oci:oci --name base')
  for (const name of ['shell', 'browser', 'old-browser']) prepare(`glovebox image tag base ${name}`)
  prepare(`mkdir root && touch root/file && tar -czf rootfs.tar.gz -C root .`)
  const things =
    'mkdir -m 777 /work; echo out > /work/out.txt; printf "#!/bin/sh\\n" > /bin/apt; chmod +x /bin/apt'
  for (const name of ['before', 'after'])
    prepare(`glovebox exam --only files-home-secrets --json > ${name}.json`)
  for (const name of ['web', 'mail'])
    prepare(`glovebox run --keep ${name} --user root --no-tty -- sh -c '${things}'`)
})
after(async () => {
  shell('glovebox stop --grace 0s web mail; glovebox rm web; glovebox rm mail; glovebox rm call')
  await store[Symbol.asyncDispose]()
})

/** The state of the box `web` that an example speaks of. */
function bringAbout(line: string): void {
  if (/^glovebox (exec|cp|stop) /.test(line)) {
    for (const name of ['web', 'mail']) shell(`glovebox run --keep ${name} --detach -- sleep 600`)
  } else shell('glovebox stop --grace 0s web mail')
  if (/^glovebox logs /.test(line)) prepare('glovebox run --keep web --detach -- echo printed')
}

/** `glovebox network …` is about a running box: one of the test LAN, as the machine that tests may be in no network. */
function inLab(line: string): string {
  const [box, network] = line.includes(' call ') ? ['call', 'lan'] : ['web', 'internet']
  const follows = line.includes(' --follow ')
  const steps = [
    `glovebox run --keep ${box} --network ${network} --detach -- ${follows ? 'true' : 'sleep 600'}`,
    line,
    ...(follows ? [] : [`glovebox stop --grace 0s ${box}`]),
  ]
  return `glovebox lab -- bash -c '${steps.join(' && ')}'`
}

/** What removes what others speak of comes last. */
const isLast = (line: string): number => (/ (rm|remove|gc)\b/.test(line) ? 1 : 0)
for (const line of examples.toSorted((a, b) => isLast(a) - isLast(b)))
  test(`the example of the help runs: ${line}`, () => {
    bringAbout(line)
    const typed = line.replace(' 3f2a', ' web')
    const { code, err } = shell(/^glovebox network /.test(line) ? inLab(typed) : typed)
    assert.equal(code, 0, err)
    assert.doesNotMatch(err, /^glovebox: /m)
  })

test('most examples are run', () => assert.ok(examples.length > 35, String(examples.length)))
