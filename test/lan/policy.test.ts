import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Lab } from '../../src/lab/start.ts'
import { addressesOf, EXFILTRATION, LAN_NAME, onSegment, REBINDING, SITES } from '../../src/lab/topology.ts'
import type { EngineName } from '../../src/sdk.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { openLab, scratchFolder } from './lab.ts'
import { arrivedOf, both, type Shown, SITE, said, show, type Try, tries } from './tries.ts'

/* What a policy opens, and nothing beside it. That all of this is there to be reached is shown by reach.test.ts, from the bridge. */

const ENGINES: readonly EngineName[] = ['container', 'gvisor', 'uml', 'microvm', 'vm']
const { allowed, other, resolver } = SITES

let lab: Lab
const scratch = scratchFolder()
before(async () => {
  await readyGlovebox()
  lab = await openLab()
})
after(async () => {
  await lab?.[Symbol.asyncDispose]()
  scratch[Symbol.dispose]()
})

const box = (engine: EngineName, ...words: string[]): string[] => [
  LAUNCHER,
  'run',
  '--engine',
  engine,
  ...words,
  '--',
]
const network = (...words: string[]): string[] => words.flatMap((word) => ['--network', word])

function listFile(name: string, lines: readonly string[]): string {
  const path = join(scratch.path, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

describe('an allowlist', () => {
  const secret = `s${randomUUID().replaceAll('-', '')}`
  const CLOSED_YET = tries('tcp', 80, [allowed.four])
  const OPEN = [
    ...tries('tcp', 80, [allowed.name, ...both(allowed)]),
    ...tries('udp', 443, [other.four]),
    ...tries('tcp', 443, [other.six]),
  ]
  const REFUSED = [
    // Other ports and protocols of what is open.
    ...tries('tcp', 443, both(allowed)),
    ...tries('udp', 7, both(allowed)),
    ...tries('tcp', 443, [other.four]),
    ...tries('udp', 443, [other.six]),
    // Other names, and servers of names.
    ...tries('tcp', 80, [other.name, `${secret}.${EXFILTRATION}`, LAN_NAME]),
    ...tries('tcp', 53, both(resolver)),
    ...tries('tcp', 853, both(resolver)),
    ...tries('udp', 53, both(resolver)),
    // This machine and its LAN.
    ...tries('tcp', 80, [...addressesOf('host'), ...onSegment(1)]),
    ...tries('tcp', 445, addressesOf('nas')),
  ]
  const all: Try[] = [...CLOSED_YET, ...OPEN, ...REFUSED]
  // The name's addresses of both families are asked for at once.
  const rules = (): string =>
    listFile('allow', [
      '# a list',
      `${allowed.name} tcp:80`,
      `${other.four} udp:443`,
      '2600:3c01::/32 tcp:443',
    ])

  for (const engine of ENGINES)
    describe(engine, () => {
      let shown: Shown
      before(async () => {
        shown = await show(lab, 'host', box(engine, ...network(`allow:${rules()}`)), all)
      })

      test('opens its names, once they are asked for, and its addresses, and nothing else', () => {
        assert.deepEqual(arrivedOf(all, shown), OPEN.map(said))
      })

      test('has no other name asked for', () => {
        assert.ok(shown.asked.includes(allowed.name))
        assert.deepEqual([...new Set(shown.asked)], [allowed.name])
      })
    })

  test('the control: with the whole internet a name carries a secret out', async () => {
    const { asked } = await show(lab, 'host', box('container', ...network('internet')), REFUSED)
    assert.ok(asked.includes(`${secret}.${EXFILTRATION}`))
  })
})

describe('the LAN', () => {
  const [nas4, nasLocal, nasGlobal] = addressesOf('nas')
  const NAS = tries('tcp', 80, addressesOf('nas'))
  const PRINTER = tries('tcp', 9100, addressesOf('printer'))
  const HOST = [...tries('tcp', 80, addressesOf('host')), ...tries('udp', 7, addressesOf('host'))]
  const INTERNET = tries('tcp', 80, both(allowed))
  const NAMED = tries('tcp', 80, [LAN_NAME])
  const all = [...NAS, ...PRINTER, ...HOST, ...INTERNET, ...NAMED]
  const [nas] = NAS
  const arrivedAt = async (engine: EngineName, ...words: string[]): Promise<string[]> =>
    arrivedOf(
      all,
      await show(lab, 'host', box(engine, ...network(...words)), all, words[0] === 'internet' ? SITE : nas),
    )

  for (const engine of ['container', 'uml'] as const) {
    test(`${engine}: whole, it is all of it but this machine, and not the internet`, async () => {
      assert.deepEqual(await arrivedAt(engine, 'lan'), [...NAS, ...PRINTER, ...NAMED].map(said))
    })

    test(`${engine}: by address, it is that host`, async () => {
      const words = [nas4, nasLocal, nasGlobal].map((address) => `lan:${address}`)
      assert.deepEqual(await arrivedAt(engine, ...words), NAS.map(said))
    })

    test(`${engine}: by name, it is what that name has, beside the internet`, async () => {
      const shown = await arrivedAt(engine, 'internet', `lan:${LAN_NAME}`)
      const ofName = shown.filter((one) => !INTERNET.map(said).includes(one))
      // Its addresses were closed when they were tried, before the name.
      assert.deepEqual(ofName, NAMED.map(said))
      assert.equal(shown.length, INTERNET.length + NAMED.length)
    })
  }
})

test('a name that changes to an address of the LAN is not answered, and the LAN not reached', async () => {
  const REBOUND = Array.from({ length: 4 }, () => tries('tcp', 80, [REBINDING])).flat()
  const nas = async (before: readonly string[], from: 'host' | 'bridged'): Promise<string[]> => {
    const { output } = await show(lab, from, before, REBOUND)
    return output.filter((line) => line.includes('reached nas'))
  }
  // The resolver of the machine that tests is asked by the control, so it is the lab's authorities that it must reach.
  assert.deepEqual(await nas(box('container', ...network('internet')), 'host'), [])
  assert.notDeepEqual(await nas(box('container', ...network('internet', `lan:${REBINDING}`)), 'host'), [])
})

describe('services of this machine', () => {
  const all = [
    ...tries('tcp', 631, ['host.glovebox']),
    ...tries('udp', 632, ['host.glovebox']),
    ...tries('tcp', 22, ['host.glovebox']),
    ...tries('tcp', 632, ['host.glovebox']),
    ...tries('tcp', 22, addressesOf('host')),
    ...tries('tcp', 631, ['127.0.0.1']),
  ]
  for (const engine of ['container', 'gvisor', 'vm'] as const)
    test(`${engine}: those that are named are reached by the name of the machine, and no others`, async () => {
      const words = [...network('host:631', 'host:632/udp'), '--network', 'internet']
      const shown = await show(lab, 'host', box(engine, ...words), all)
      assert.deepEqual(arrivedOf(all, shown), all.slice(0, 2).map(said))
      const none = await show(lab, 'host', box(engine, ...network('internet')), all)
      assert.deepEqual(arrivedOf(all, none), [])
    })
})
