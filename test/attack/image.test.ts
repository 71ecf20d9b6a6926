import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BoxRequest } from '../../src/sdk.ts'
import type { RawEntry } from '../image/tar-bytes.ts'
import { inBox, type Outcome } from '../support/base-box.ts'
import { EVERY_ENGINE } from '../support/box-words.ts'
import { addImage, imageTar, type TestImage, testImage } from '../support/image.ts'

/* The image is hostile: its links, its accounts, its configuration. */

let image: TestImage
before(async () => {
  image = await testImage({ tools: true })
})
after(() => image[Symbol.asyncDispose]())

interface Hostile {
  readonly config?: Readonly<Record<string, unknown>>
  readonly more?: readonly RawEntry[]
  readonly omitted?: readonly string[]
}

async function runHostile(
  hostile: Hostile,
  command: readonly string[],
  request: BoxRequest,
): Promise<Outcome> {
  const { config = {}, more, omitted } = hostile
  await addImage(image.paths, 'hostile', await imageTar(image.probe, more, omitted), config)
  return inBox(image.glovebox, command, { image: 'hostile', ...request })
}

const passwd = (home: string): RawEntry => ({
  name: 'etc/passwd',
  content: `user:x:1000:1000:user:${home}:/bin/sh\n`,
})

for (const engine of EVERY_ENGINE) {
  test(`${engine}: a working folder that leads out by a descriptor of the runtime starts nothing outside`, async () => {
    for (const fd of [3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
      await assert.rejects(
        runHostile({ config: { WorkingDir: `/proc/self/fd/${fd}` } }, ['/bin/ls', '-A', '../../../..'], {
          engine,
        }),
        { code: 'BOX_NOT_STARTED' },
      )
    const control = await runHostile({ config: { WorkingDir: '/var' } }, ['/bin/pwd'], { engine })
    assert.equal(control.out, '/var\n', 'control: a folder of the image is entered')
  })

  test(`${engine}: links in the place of the box's own files lead nowhere`, async () => {
    for (const target of ['../../../../../box/run/planted', '/proc/1/root/etc/passwd', '/proc/self/fd/3']) {
      const more = ['hosts', 'hostname'].map((name) => ({ name: `etc/${name}`, type: '2', linkname: target }))
      const found = await runHostile({ more }, ['/bin/cat', '/etc/hosts'], { engine }).catch(
        (error: { code?: string }) => error.code,
      )
      if (found !== 'BOX_NOT_STARTED') assert.match((found as Outcome).out, /^127\.0\.0\.1 localhost box$/m)
    }
  })

  test(`${engine}: a home folder over the box's own is not kept`, async () => {
    for (const home of [
      '/',
      '/proc',
      '/proc/self',
      '/run/glovebox',
      '/etc',
      '/dev/',
      '/tmp/../run',
      'relative',
      '//.',
    ])
      await assert.rejects(
        runHostile({ more: [passwd(home)] }, ['/bin/true'], { engine, user: 'user', home: 'hostile' }),
        { code: 'HOME_UNUSABLE' },
        home,
      )
    const plain = { engine, user: 'user', home: 'hostile' } as const
    const control = await runHostile(
      { more: [passwd('/srv/user')] },
      ['/bin/sh', '-c', 'echo x > ~/x'],
      plain,
    )
    assert.equal(control.code, 0, control.err)
  })

  test(`${engine}: variables of the image do not reach into the program that starts its command`, async () => {
    const Env = ['LD_PRELOAD=/evil.so', 'LD_LIBRARY_PATH=/evil', 'PATH=/nowhere:/bin', 'LANDLOCK=off', 'A']
    const found = await runHostile({ config: { Env } }, ['sh', '-c', 'echo $LD_PRELOAD'], { engine })
    assert.deepEqual([found.out, found.code], ['/evil.so\n', 0])
  })

  test(`${engine}: a command of the image's that looks like our own options is a command`, async () => {
    for (const command of [['--landlock=off', '--', '/bin/true'], ['--', '/bin/true'], ['']])
      assert.equal((await runHostile({}, command, { engine })).code, 127)
  })
}

test('gvisor: an image whose /tmp is a link is refused, as its /tmp would be without a bound', async () => {
  const hostile = { more: [{ name: 'tmp', type: '2', linkname: '../../../../box/run' }], omitted: ['tmp/'] }
  await assert.rejects(runHostile(hostile, ['/bin/true'], { engine: 'gvisor' }), {
    message: /\/tmp is no folder/,
  })
  assert.equal(
    (await runHostile(hostile, ['/bin/true'], {})).code,
    0,
    'control: without a mount on it, it runs',
  )
})
