import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { nextFreeRange, parseSubordinate } from '../../src/host/id-ranges.ts'
import { addIdsCommand, BOX_IDS, chooseIds, type IdSource } from '../../src/host/ids.ts'

const ALL_IDS = '         0          0 4294967295\n'
const ACCOUNTS = 'root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n'

function source(
  parts: Partial<IdSource> & { readonly sub?: string; readonly namespace?: string } = {},
): IdSource {
  const files = {
    subordinate: parts.sub ?? 'me:100000:65536\n',
    accounts: ACCOUNTS,
    namespace: parts.namespace ?? ALL_IDS,
  }
  return { name: 'me', uid: 1000, gid: 1000, uids: files, gids: files, ...parts }
}

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof GloveboxError ? error.code : String(error)
  }
}

const maps: readonly [claim: string, sub: string, uids: readonly (readonly [number, number, number])[]][] = [
  ['one range of exactly a box', 'me:100000:65536\n', [[0, 100000, 65536]]],
  ['a larger range is used in part', 'me:100000:1000000\n', [[0, 100000, 65536]]],
  ['an entry by uid', '1000:200000:65536\n', [[0, 200000, 65536]]],
  [
    'two ranges join',
    'me:100000:30000\nme:300000:40000\n',
    [
      [0, 100000, 30000],
      [30000, 300000, 35536],
    ],
  ],
  ['ranges of others are passed over', 'you:100000:65536\nme:165536:65536', [[0, 165536, 65536]]],
  [
    'a range given twice counts once',
    'me:100000:40000\nme:120000:40000\nme:300000:40000',
    [
      [0, 100000, 40000],
      [40000, 300000, 25536],
    ],
  ],
]
for (const [claim, sub, uids] of maps)
  test(`subordinate ids: ${claim}`, () => {
    const chosen = chooseIds(source({ sub }))
    assert.deepEqual(
      chosen.uids.map(({ inside, outside, length }) => [inside, outside, length]),
      uids,
    )
    assert.equal(chosen.source, 'subordinate')
  })

const refused: readonly [claim: string, source: IdSource, code: string][] = [
  ['no entry', source({ sub: '' }), 'SUBORDINATE_IDS_MISSING'],
  ['too few ids', source({ sub: 'me:100000:65535\n' }), 'SUBORDINATE_IDS_MISSING'],
  ['the own uid in the range', source({ sub: 'me:1000:65536\n' }), 'SUBORDINATE_IDS_UNSAFE'],
  ["root's uid in the range", source({ sub: 'me:0:65536\n' }), 'SUBORDINATE_IDS_UNSAFE'],
  [
    'ids that do not exist in a container',
    source({ namespace: '0 100000 65536\n' }),
    'SUBORDINATE_IDS_MISSING',
  ],
  ['a line with a fourth field', source({ sub: 'me:100000:65536:1\n' }), 'SUBORDINATE_IDS_MISSING'],
  ['a hexadecimal number', source({ sub: 'me:0x186a0:65536\n' }), 'SUBORDINATE_IDS_MISSING'],
  ['a range past the last id', source({ sub: 'me:4294900000:99999\n' }), 'SUBORDINATE_IDS_MISSING'],
]
for (const [claim, from, code] of refused)
  test(`subordinate ids are refused: ${claim}`, () => {
    assert.equal(
      codeOf(() => chooseIds(from)),
      code,
    )
  })

test('what mends missing ids is a command with a range that nobody has', () => {
  const from = source({ sub: 'you:100000:65536\nthem:165536:70000\n' })
  assert.deepEqual(addIdsCommand(from), [
    'usermod',
    ...['--add-subuids', '296608-362143', '--add-subgids', '296608-362143', 'me'],
  ])
  assert.deepEqual(addIdsCommand(from, false, true).slice(1, 2), ['--add-subgids'])
})

test('root without an entry takes ids that are nobody’s, and the next ones where those are taken', () => {
  const root = (sub: string, accounts = ACCOUNTS): number | undefined => {
    const files = { subordinate: sub, accounts, namespace: ALL_IDS }
    const chosen = chooseIds({ name: 'root', uid: 0, gid: 0, uids: files, gids: files })
    assert.equal(chosen.source, 'reserved')
    return chosen.uids[0]?.outside
  }
  assert.equal(root('me:100000:65536\n'), 0x7000_0000)
  assert.equal(root(`me:${0x7000_0000 + 5}:10\n`), 0x7001_0000)
  assert.equal(root('', `${ACCOUNTS}far:x:${0x7000_ffff}:1::/:/bin/sh\n`), 0x7001_0000)
})

test("root's own entry comes before the reserved ids", () => {
  const files = { subordinate: 'root:500000:65536\n', accounts: ACCOUNTS, namespace: ALL_IDS }
  const chosen = chooseIds({ name: 'root', uid: 0, gid: 0, uids: files, gids: files })
  assert.equal(chosen.uids[0]?.outside, 500000)
  assert.equal(chosen.source, 'subordinate')
})

test('no choice of ids ever holds an account, whatever the file says', () => {
  let seed = 1
  const random = (below: number): number => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  for (let round = 0; round < 500; round++) {
    const lines = Array.from({ length: random(5) }, () => `me:${random(200_000)}:${random(100_000)}`)
    const from = source({ sub: lines.join('\n') })
    try {
      const { uids } = chooseIds(from)
      const total = uids.reduce((sum, map) => sum + map.length, 0)
      assert.equal(total, BOX_IDS)
      for (const id of [0, 1000])
        assert.ok(!uids.some(({ outside, length }) => id >= outside && id < outside + length))
    } catch (error) {
      assert.ok(error instanceof GloveboxError, String(error))
    }
  }
})

test('the next free range is behind all others, however they are ordered', () => {
  const taken = parseSubordinate('a:300000:65536\nb:100000:65536\n')
  assert.deepEqual(nextFreeRange(taken, 100_000, 65_536), { first: 427_680, length: 65_536 })
})
