import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readRecord } from '../../src/box/state.ts'
import { type CgroupFacts, type Controller, readCgroups } from '../../src/host/cgroup-facts.ts'
import { jobWords } from '../../src/host/holder.ts'
import { chooseIds, readIdSource } from '../../src/host/ids.ts'
import { holderPath } from '../../src/host/view.ts'
import { DEFAULT_POLICY, type GloveboxError, type LimitName, type Policy } from '../../src/sdk.ts'
import { boxWords, EVERY_ENGINE } from '../support/box-words.ts'
import { type TestImage, testImage } from '../support/image.ts'

let image: TestImage
before(async () => {
  image = await testImage({ tools: true })
})
after(() => image[Symbol.asyncDispose]())

/** Root on a machine with cgroups is offered these, an ordinary user mostly not: each test asserts what is due. */
const cgroups: CgroupFacts = readCgroups(process.getuid?.() ?? 0)
const offered = (name: Controller): boolean =>
  cgroups.v1[name] !== undefined ||
  [cgroups.v2, cgroups.systemd].some((one) => one?.controllers.includes(name))

const bounded = (limits: Policy['limits'], ...allowUnenforced: LimitName[]): Policy => ({
  ...DEFAULT_POLICY,
  limits: { ...DEFAULT_POLICY.limits, ...limits },
  allowUnenforced,
})

/** Holds 200 MB in memory at once. */
const EAT = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=200000000', 'count=1']
const MEMORY = { memoryBytes: 64 * 2 ** 20 }

const refusal = (limit: LimitName) => (error: GloveboxError) => {
  assert.equal(error.code, 'LIMIT_UNENFORCEABLE')
  assert.match(error.message, new RegExp(`^Cannot bound ${limit} on this host: `))
  assert.match(error.remedy ?? '', new RegExp(`--allow-unenforced ${limit}$`))
  return true
}

/** Becomes the box in a process of its own, as the command line does. */
function runBox(...request: Parameters<typeof boxWords>): { code: number | null; err: string } {
  const [program, ...words] = boxWords(...request)
  const env = { ...process.env, ...image.env }
  const { status, stderr } = spawnSync(program, words, { env, input: '', encoding: 'utf8' })
  return { code: status, err: stderr }
}

const cgroupsOf = (id: string): readonly string[] =>
  readRecord(join(image.paths.boxes.runtime, id))?.cgroups ?? []

for (const engine of EVERY_ENGINE) {
  test(`${engine}: a box that takes more than its bound on memory ends by 137 and says why`, async () => {
    assert.equal(runBox({ engine, command: EAT }).code, 0, 'control: without the bound it ends well')
    const request = { engine, policy: bounded(MEMORY), command: EAT }
    if (!offered('memory')) {
      await assert.rejects(image.glovebox.boxes.plan(request), refusal('memory'))
      return
    }
    const { code, err } = runBox(request)
    assert.equal(code, 137)
    assert.match(err, /^glovebox: The box ran out of memory: .* at its bound of 64 MiB\.\n {2}→ .*--memory/m)
  })

  test(`${engine}: --cpus holds a box back`, async () => {
    const request = { engine, policy: bounded({ cpus: 0.2 }), command: ['sh', '-c', 'while :; do :; done'] }
    if (!offered('cpu')) {
      await assert.rejects(image.glovebox.boxes.plan(request), refusal('cpus'))
      return
    }
    await using box = await image.glovebox.boxes.create(request)
    const [cgroup = '/sys/fs/cgroup'] = cgroupsOf(box.id)
    const throttled = (): number =>
      Number(/^nr_throttled (\d+)$/m.exec(readFileSync(join(cgroup, 'cpu.stat'), 'utf8'))?.[1])
    while (throttled() < 3) await new Promise((next) => setImmediate(next))
  })

  test(`${engine}: every place that a box may write in has a bound`, async () => {
    const write =
      'for place in "$@"; do dd if=/dev/zero of=$place/full bs=1M count=600 2>/dev/null; stat -c %s $place/full; done'
    const places = ['/tmp', '/', '/run', '/run/user/0', '/dev/shm']
    const policy = bounded({ diskBytes: 8 * 2 ** 20 })
    const request = { engine, policy, user: 'root', command: ['sh', '-c', write, 'sh', ...places] }
    const { main } = await image.glovebox.boxes.start(request)
    main.stdin.end()
    const mebibytes = (await main.result()).stdout
      .toString()
      .trim()
      .split('\n')
      .map((size) => Math.ceil(Number(size) / 2 ** 20))
    const [temporary = 99, root = 99, ...others] = mebibytes
    assert.ok(temporary + root <= 8, 'both are what the box writes on its disk')
    assert.deepEqual(others, [16, 16, 512])
  })

  test(`${engine}: --processes bounds processes of the box, and no other's`, async () => {
    const sleepers = 'for i in $(seq 1 30); do sleep 100 & done; echo all; kill $(jobs -p)'
    const run = async (processes: number): Promise<string> => {
      const request = { engine, policy: bounded({ processes }), command: ['sh', '-c', sleepers] }
      const { main } = await image.glovebox.boxes.start(request)
      main.stdin.end()
      return (await main.result()).stdout.toString()
    }
    assert.equal(await run(20), '', 'the shell cannot fork and ends')
    assert.equal(await run(200), 'all\n')
  })
}

test('a limit that the host cannot hold is let go by name', async () => {
  const request = { policy: bounded(MEMORY, 'memory'), command: ['true'] }
  assert.equal((await runBox(request)).code, 0)
  const { plan } = await image.glovebox.boxes.plan(request)
  assert.equal(plan.enforcement.memory === 'waived', !offered('memory'))
})

test('a box too big for its memory at the start is not started, and says so', () => {
  if (!offered('memory')) return
  const { code, err } = runBox({
    policy: bounded({ memoryBytes: 6 * 2 ** 20, diskBytes: 2 ** 20 }),
    command: EAT,
  })
  assert.ok(code === 137 || code === 1, String(code))
  assert.match(err, /6 MiB/)
})

test('of cgroup v2, too, the supervisor joins by cgroup.procs and tells a process that was killed for memory', () => {
  /* No kernel can be counted on to offer both versions, so this folder only looks like one of v2. */
  const cgroup = mkdtempSync(join(tmpdir(), 'glovebox-cgroup2-'))
  try {
    writeFileSync(join(cgroup, 'cgroup.procs'), '')
    writeFileSync(join(cgroup, 'memory.max'), '67108864\n')
    const run = (kills: number): string => {
      writeFileSync(join(cgroup, 'memory.events'), `low 0\nhigh 0\nmax 9\noom ${kills}\noom_kill ${kills}\n`)
      const job = {
        ids: chooseIds(readIdSource()),
        mounts: [],
        network: 'none',
        argv: ['true'],
        env: {},
      } as const
      const [verb = '', ...words] = jobWords({ ...job, env: { PATH: '/usr/bin:/bin' } })
      const done = spawnSync(holderPath(image.paths), [verb, '--cgroup', cgroup, ...words], {
        encoding: 'utf8',
      })
      assert.equal(done.status, 0, done.stderr)
      return done.stderr
    }
    assert.equal(run(0), '')
    assert.match(readFileSync(join(cgroup, 'cgroup.procs'), 'utf8'), /^\d+$/)
    assert.match(run(1), /ran out of memory: .* at its bound of 64 MiB/)
  } finally {
    rmSync(cgroup, { recursive: true })
  }
})

test('cgroups of a box go with it', async () => {
  const request = { policy: bounded(MEMORY, 'memory') }
  const box = await image.glovebox.boxes.create(request)
  const dirs = cgroupsOf(box.id)
  assert.equal(dirs.length, await plannedCgroups())
  assert.ok(dirs.every((dir) => existsSync(dir)))
  await box[Symbol.asyncDispose]()
  assert.ok(!dirs.some((dir) => existsSync(dir)))
})

for (const keep of [undefined, 'bounded'])
  test(`kill -9 of the supervisor leaves cgroups of a ${keep ?? 'disposable'} box to the next run`, async () => {
    const policy = bounded(MEMORY, 'memory', 'disk')
    const request = { ...(keep === undefined ? {} : { keep }), policy, command: ['sleep', '600'] }
    const box = await image.glovebox.boxes.detach(request)
    const folder = keep === undefined ? image.paths.boxes.runtime : image.paths.boxes.kept
    const dirs = readRecord(join(folder, keep ?? box.id))?.cgroups ?? []
    assert.equal(dirs.length, await plannedCgroups())
    const [supervisor = 0] = box.processes()
    process.kill(supervisor, 'SIGKILL')
    while (existsSync(`/proc/${supervisor}`)) await new Promise((next) => setImmediate(next))
    const { main } = await image.glovebox.boxes.start({ ...request, command: ['true'] })
    main.stdin.end()
    assert.equal((await main.result()).exitCode, 0)
    assert.ok(!dirs.some((dir) => existsSync(dir)))
  })

const plannedCgroups = async (): Promise<number> =>
  ['cgroup1', 'cgroup2'].includes(
    (await image.glovebox.boxes.plan({ policy: bounded(MEMORY, 'memory') })).plan.enforcement.memory ?? '',
  )
    ? 1
    : 0
