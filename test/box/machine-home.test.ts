import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { currentPaths } from '../../src/host/paths.ts'
import type { EngineName, Glovebox } from '../../src/sdk.ts'
import { cli, inBox, type Outcome, readyGlovebox } from '../support/base-box.ts'

/* One home under every engine: a folder for containers, a disk for machines, and never a lost byte in between. */

let glovebox: Glovebox
const home = `home-${process.pid}-${randomBytes(3).toString('hex')}`
const dir = `${currentPaths().boxes.homes}/${home}`

before(async () => {
  glovebox = await readyGlovebox()
})
after(async () => {
  if (existsSync(dir)) await glovebox.boxes.removeHome(home)
  assert.ok(!existsSync(dir))
})

const inHome = (engine: EngineName, script: string): Promise<Outcome> =>
  inBox(glovebox, ['sh', '-c', script], { engine, home })

/** Writes, and is killed at once: nothing in the box gets to flush anything. */
async function writeAndDie(engine: EngineName, script: string): Promise<void> {
  await using box = await glovebox.boxes.create({ engine, home })
  const process = await box.exec(['sh', '-c', script])
  process.stdin.end()
  const { exitCode, stderr } = await process.result()
  assert.equal(exitCode, 0, stderr.toString())
  await box.stop(0)
}

const LOOK = 'cd && stat -c "%n %a %U %F" .  * && cat note* && readlink link && stat -c %h note'
const NAMES = 'umask 27; mkdir sub; ln -s sub/x link; ln note other; chmod 640 note'

test('what a box writes to a home outlives its kill, and is there under the next engine', async () => {
  await writeAndDie('container', `cd && echo container > note && ${NAMES}`)
  const { out } = await inHome('container', LOOK)
  assert.match(out, /container\nsub\/x\n2\n$/)
  assert.equal((await inHome('uml', LOOK)).out, out, 'from a folder to a disk')
  assert.ok(existsSync(`${dir}/disk`) && !existsSync(`${dir}/data`))
  await writeAndDie('uml', 'echo uml > ~/note-uml')
  assert.match((await inHome('vm', 'cat ~/note-uml && echo vm > ~/note-vm')).out, /^uml\n/)
  const back = await inHome('container', LOOK)
  assert.match(back.out, /container\numl\nvm\nsub\/x\n2\n$/, back.err)
  assert.ok(existsSync(`${dir}/data`) && !existsSync(`${dir}/disk`))
})

test('a machine has its home alone, and who comes second is told', async () => {
  {
    await using first = await glovebox.boxes.create({ engine: 'uml', home })
    const refused = { code: 'HOME_IN_USE', details: { box: first.id } }
    await assert.rejects(inHome('uml', 'true'), refused)
    await assert.rejects(inHome('container', 'true'), refused)
    await assert.rejects(glovebox.boxes.removeHome(home), { code: 'HOME_IN_USE' })
    const alone = await first.exec(['sh', '-c', 'cat ~/note'])
    alone.stdin.end()
    assert.equal((await alone.result()).stdout.toString(), 'container\n')
  }
  {
    await using _container = await glovebox.boxes.create({ home, engine: 'container' })
    assert.equal((await inHome('container', 'cat ~/note')).code, 0, 'control: containers share theirs')
    await assert.rejects(inHome('uml', 'true'), { code: 'HOME_IN_USE' })
  }
})

test('a kept box that was refused its home holds none, also while the program that asked for it lives', async () => {
  {
    await using _first = await glovebox.boxes.create({ engine: 'uml', home })
    await assert.rejects(inBox(glovebox, ['true'], { engine: 'uml', home, keep: home }), {
      code: 'HOME_IN_USE',
    })
  }
  try {
    assert.equal((await inHome('uml', 'cat ~/note')).out, 'container\n')
    assert.equal((await inBox(glovebox, ['true'], { engine: 'uml', home, keep: home })).code, 0)
  } finally {
    cli(['rm', home])
  }
})

test('a disk that another machine has locked is not mounted', async () => {
  assert.equal((await inHome('uml', 'cat ~/note')).out, 'container\n', 'control')
  const holder = spawn('flock', [`${dir}/disk`, 'sh', '-c', 'echo locked; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  const refused = await inHome('uml', 'true')
  holder.stdin.end()
  assert.match(refused.err, /another box has it/)
  assert.notEqual(refused.code, 0)
})

test('a home that cannot become a folder stays the disk that it is', async () => {
  assert.equal((await inHome('uml', 'touch ~/.wh.x')).code, 0)
  await assert.rejects(inHome('container', 'true'), { code: 'ARCHIVE_PATH' })
  assert.equal((await inHome('uml', 'rm ~/.wh.x; cat ~/note ~/note-vm')).out, 'container\nvm\n')
  assert.equal((await inHome('container', 'cat ~/note-uml')).out, 'uml\n', 'control')
})

test('a home is none of a snapshot’s disks', async () => {
  await assert.rejects(inBox(glovebox, ['true'], { engine: 'vm', home, warm: true }), { code: 'WARM_KEPT' })
  assert.match(cli(['run', '--engine', 'vm', '--home', home, '--warm', '--', 'true']).err, /--home/)
})
