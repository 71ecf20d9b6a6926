import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Box, Glovebox } from '../../src/sdk.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* The box lies in what it sends (test/box/unpack.test.ts has the archives), or does not let the copy end. */

let glovebox: Glovebox
const folder = mkdtempSync(join(tmpdir(), 'glovebox-attack-'))

before(async () => {
  glovebox = await readyGlovebox()
})
after(() => rmSync(folder, { recursive: true, force: true }))

async function sh(box: Box, script: string): Promise<{ code: number; out: string }> {
  const run = await box.exec(['/bin/sh', '-c', script])
  run.stdin.end()
  const { exitCode, stdout } = await run.result()
  return { code: exitCode, out: stdout.toString().trim() }
}

for (const engine of ['container', 'gvisor', 'uml'] as const) {
  test(`${engine}: the root of a box cannot put another program in the place of ours`, async () => {
    await using box = await glovebox.boxes.create({ engine, user: 'root' })
    const swap = 'mv /run/glovebox /run/moved && mkdir /run/glovebox && cp /bin/true /run/glovebox/guest'
    assert.notEqual((await sh(box, swap)).code, 0)
    assert.notEqual((await sh(box, 'rm -f /run/glovebox/guest || cp /bin/true /run/glovebox/guest')).code, 0)
    const control = 'mkdir /run/own && mv /run/own /run/moved && test -d /run/moved && echo moved'
    assert.equal((await sh(box, control)).out, 'moved', 'control: another folder beside it can be moved')
    assert.equal((await sh(box, 'echo alive')).out, 'alive')
  })

  test(`${engine}: a copy that is refused ends, although the box has more to send`, async () => {
    await using box = await glovebox.boxes.create({ engine })
    const made = 'mkdir /tmp/d && ln -s /etc/passwd /tmp/d/a && head -c 20000000 /dev/zero > /tmp/d/b'
    assert.equal((await sh(box, made)).code, 0)
    await assert.rejects(box.copyOut('/tmp/d', folder), { code: 'COPY_REFUSED' })
    assert.deepEqual(readdirSync(folder), [])
  })

  test(`${engine}: a copy is called what was asked for, also where that was no plain name`, async () => {
    await using box = await glovebox.boxes.create({ engine, workdir: '/tmp' })
    await sh(box, 'mkdir -p /tmp/in/d && echo x > /tmp/in/d/f')
    const place = mkdtempSync(join(folder, 'place-'))
    assert.equal(await box.copyOut('/tmp/in/d/../d/', place), join(place, 'd'))
    assert.equal(await box.copyOut('in/d/f', place), join(place, 'f'))
    rmSync(place, { recursive: true })
  })
}
