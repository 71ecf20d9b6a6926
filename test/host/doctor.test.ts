import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { parseOsRelease } from '../../src/host/distribution.ts'
import { judgeHost } from '../../src/host/doctor.ts'
import { choosePaths } from '../../src/host/paths.ts'
import { REQUIREMENTS, unmet } from '../../src/host/requirements.ts'
import { planSetup } from '../../src/host/setup-plan.ts'
import type { Survey } from '../../src/host/survey.ts'

const IDS = [{ inside: 0, outside: 100000, length: 65536 }]
const files = { subordinate: 'me:100000:65536\n', accounts: '', namespace: '0 0 4294967295\n' }
const everything = Object.fromEntries(
  REQUIREMENTS.map(({ program }) => [program, { path: `/usr/bin/${program}`, version: '1.0' }]),
)

/** A machine on which nothing is missing. */
const SOUND: Survey = {
  user: { name: 'me', uid: 1000, gid: 1000, uids: files, gids: files },
  distribution: parseOsRelease('ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n'),
  kernel: {
    release: '6.12.1',
    version: [6, 12],
    maxUserNamespaces: 1000,
    unprivilegedUserNamespaces: true,
    apparmorRestrictsUserNamespaces: false,
    securityModules: ['landlock'],
  },
  paths: choosePaths({ env: { HOME: '/home/me' }, uid: 1000, ownerOf: () => undefined }),
  folders: { ok: true, value: undefined },
  ids: { ok: true, value: { uids: IDS, gids: IDS, source: 'subordinate' } },
  programs: everything,
  keyring: true,
  tun: 'open',
  compiled: true,
  trials: { jail: { ok: true, words: '' }, overlayOnTmpfs: true },
  enforceable: {
    memory: 'cgroup2',
    cpus: 'cgroup2',
    processes: 'rlimit',
    'open-files': 'rlimit',
    disk: 'tmpfs',
    wall: 'timer',
  },
  freeBytes: 100 * 2 ** 30,
}

const without = (...names: readonly string[]): Survey['programs'] =>
  Object.fromEntries(Object.entries(everything).filter(([name]) => !names.includes(name)))
const missingIds = new GloveboxError({
  code: 'SUBORDINATE_IDS_MISSING',
  audience: 'host',
  message: 'none',
  remedy: 'sudo usermod …',
  details: { uids: true, gids: true },
})

test('a sound machine has no finding but good ones, and nothing to set up', () => {
  assert.deepEqual(
    judgeHost(SOUND).filter(({ level }) => level !== 'ok'),
    [],
  )
  assert.deepEqual(planSetup(SOUND), [])
})

const findings: readonly [
  claim: string,
  change: Partial<Survey>,
  id: string,
  level: string,
  remedy: RegExp,
][] = [
  ['an old kernel', { kernel: { ...SOUND.kernel, version: [5, 10] } }, 'kernel', 'problem', /newer release/],
  [
    'forbidden user namespaces',
    { kernel: { ...SOUND.kernel, maxUserNamespaces: 0 } },
    'user-namespaces',
    'problem',
    /sysctl -w user\.max_user_namespaces/,
  ],
  [
    'user namespaces forbidden to ordinary users',
    { kernel: { ...SOUND.kernel, unprivilegedUserNamespaces: false } },
    'user-namespaces',
    'problem',
    /unprivileged_userns_clone=1/,
  ],
  [
    'AppArmor without a profile',
    { kernel: { ...SOUND.kernel, apparmorRestrictsUserNamespaces: true }, trials: undefined },
    'user-namespaces',
    'problem',
    /glovebox setup/,
  ],
  ['missing ids', { ids: { ok: false, error: missingIds } }, 'subordinate-ids', 'problem', /usermod/],
  [
    'no runtime at all',
    { programs: without('crun', 'runc') },
    'program-crun',
    'problem',
    /apt-get install crun/,
  ],
  [
    'that AppImages cannot be read',
    { programs: without('sqfs2tar') },
    'program-sqfs2tar',
    'advice',
    /squashfs-tools-ng/,
  ],
  [
    'that pasta is missing',
    { programs: without('pasta') },
    'program-pasta',
    'advice',
    /glovebox setup .*passt/,
  ],
  ['that there is no /dev/net/tun', { tun: 'missing' }, 'tun', 'advice', /modprobe tun/],
  ['that /dev/net/tun is root’s alone', { tun: 'closed' }, 'tun', 'advice', /chmod 0666/],
  ['nothing compiled', { compiled: false, trials: undefined }, 'compiled', 'problem', /glovebox setup/],
  ['no keys of the mirrors', { keyring: false }, 'debian-keyring', 'advice', /debian-archive-keyring/],
  [
    'a jail that fails',
    {
      trials: {
        jail: { ok: false, words: 'glovebox: Cannot x.\nmore' },
        overlayOnTmpfs: false,
      },
    },
    'jail',
    'problem',
    /above/,
  ],
  [
    'memory that cannot be bounded',
    { enforceable: { wall: 'timer' } },
    'limits-open',
    'advice',
    /enable-linger me/,
  ],
  ['a full disk', { freeBytes: 2 ** 30 }, 'space', 'advice', /XDG_DATA_HOME/],
]
for (const [claim, change, id, level, remedy] of findings)
  test(`doctor sees ${claim}, and says what mends it`, () => {
    const finding = judgeHost({ ...SOUND, ...change }).find((one) => one.id === id)
    assert.equal(finding?.level, level)
    assert.match(finding?.remedy ?? '', remedy)
  })

test('every problem and advice comes with a remedy', () => {
  for (const [, change] of findings)
    for (const finding of judgeHost({ ...SOUND, ...change }))
      assert.ok(finding.level === 'ok' || finding.remedy, finding.says)
})

test('one of crun and runc is enough; the first stands for both where both are missing', () => {
  const missing = (...names: string[]): string[] =>
    unmet((name) => !names.includes(name)).map((one) => one.program)
  assert.deepEqual(missing('crun'), [])
  assert.deepEqual(missing('crun', 'runc'), ['crun'])
  assert.deepEqual(missing('musl-gcc'), [])
  assert.deepEqual(missing('musl-gcc', 'cc'), ['musl-gcc', 'cc'])
})

test('a fresh machine gets all that the compilers need: recommended packages are not installed by themselves', () => {
  const packages = unmet(() => false).map((one) => one.debianPackage)
  for (const name of ['musl-tools', 'gcc', 'libc6-dev']) assert.ok(packages.includes(name), name)
})

const words = (change: Partial<Survey>): string[] =>
  planSetup({ ...SOUND, ...change }).map((step) =>
    step.kind === 'command' ? step.argv.join(' ') : step.kind === 'file' ? `write ${step.path}` : 'compile',
  )

test('setup installs each missing package once, after reading the lists', () => {
  const steps = words({ programs: without('newuidmap', 'newgidmap', 'skopeo'), keyring: false })
  assert.equal(steps[0], 'apt-get update')
  assert.match(steps[1] ?? '', /install -y --no-install-recommends uidmap skopeo debian-archive-keyring$/)
  assert.equal(steps.length, 2)
})

test('setup does not ask for root only because what not everybody uses is missing', () => {
  assert.deepEqual(words({ programs: without('sqfs2tar') }), [])
  assert.ok(
    words({ programs: without('sqfs2tar', 'skopeo') }).some((step) =>
      step.endsWith('install -y --no-install-recommends squashfs-tools-ng'),
    ),
  )
})

test('setup brings what boxes with a network need, and carries on where the distribution has it not', () => {
  const steps = planSetup({ ...SOUND, programs: without('pasta', 'nft') })
  assert.deepEqual(
    steps.map((step) => (step.kind === 'command' ? [step.argv.slice(4), step.optional] : step.kind)),
    [
      [[], true],
      [['-y', '--no-install-recommends', 'passt', 'nftables'], true],
    ],
  )
})

test('setup gives missing subordinate ids, and compiles what is not compiled', () => {
  const steps = words({ ids: { ok: false, error: missingIds }, compiled: false, trials: undefined })
  assert.match(steps[0] ?? '', /^usermod --add-subuids \d+-\d+ --add-subgids \d+-\d+ me$/)
  assert.deepEqual(steps.slice(1), ['compile'])
})

test('setup writes a profile where AppArmor asks for one', () => {
  const steps = words({
    kernel: { ...SOUND.kernel, apparmorRestrictsUserNamespaces: true },
    trials: undefined,
  })
  assert.deepEqual(steps, ['write /etc/apparmor.d/glovebox-holder'])
})

test('setup leaves other distributions’ packages to the user', () => {
  const distribution = parseOsRelease('ID=fedora\nVERSION_ID=43\n')
  assert.deepEqual(words({ distribution, programs: without('skopeo') }), [])
  const finding = judgeHost({ ...SOUND, distribution, programs: without('skopeo') }).find(
    ({ id }) => id === 'program-skopeo',
  )
  assert.match(finding?.remedy ?? '', /your distribution/)
})
