import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { WORKLOADS, type Workload } from '../../src/price/workloads.ts'
import { type Bench, type Ended, openBench, run, Session } from '../guest/program.ts'

let bench: Bench
let folder: string
let server: Session
let port: number
before(async () => {
  bench = await openBench()
  folder = join(bench.root, 'files')
  await mkdir(folder)
  server = new Session([bench.guest, 'probe', 'price-serve', '127.0.0.1'])
  await server.until('port ')
  port = Number(await server.line())
})
after(async () => {
  await server.end()
  await bench[Symbol.asyncDispose]()
})

const probe = (...words: readonly string[]): Promise<Ended> => run([bench.guest, 'probe', ...words])

/** A workload's verb, for so many milliseconds, with what stands for its places. */
function work({ words: [verb, ...rest] }: Workload, milliseconds: string, files = folder): Promise<Ended> {
  const places: Readonly<Record<string, string>> = {
    '{}': files,
    '{address}': '127.0.0.1',
    '{port}': String(port),
  }
  return probe(verb, milliseconds, ...rest.map((word) => places[word] ?? word))
}

interface Told {
  readonly batches: number
  readonly ns: number
  readonly check: string
}

function parse({ code, stdout, stderr }: Ended): Told {
  const found = /^batches (\d+) ns (\d+) check (\d+)\n$/.exec(stdout.toString())
  assert.ok(found !== null && code === 0, `ended with ${code}: ${stdout}${stderr}`)
  return { batches: Number(found[1]), ns: Number(found[2]), check: String(found[3]) }
}

const OF_FILES = WORKLOADS.filter(({ group }) => group === 'files')
const OF_NETWORK = WORKLOADS.filter(({ group }) => group === 'network')

for (const workload of WORKLOADS)
  test(`${workload.id}: fixed work, done alike each time`, async () => {
    const first = parse(await work(workload, '20'))
    const second = parse(await work(workload, '20'))
    assert.ok(first.batches >= 1 && first.ns > 0)
    assert.equal(second.check, first.check)
    assert.notEqual(first.check, '0', 'a checksum of something')
  })

test('one batch is done however short the time is', async () => {
  for (const workload of WORKLOADS) assert.ok(parse(await work(workload, '1')).batches >= 1, workload.id)
})

test('wrong words are refused with 2', async () => {
  for (const workload of WORKLOADS) {
    for (const milliseconds of ['0', '-1', '60001', 'long'])
      assert.equal((await work(workload, milliseconds)).code, 2, `${workload.id} ${milliseconds}`)
    assert.equal((await probe(workload.words[0])).code, 2, workload.id)
    assert.equal((await probe(workload.words[0], ...['20', 'a', 'b', 'c'])).code, 2, workload.id)
  }
  for (const { words } of OF_NETWORK) {
    assert.equal((await probe(words[0], '20', 'localhost', String(port))).code, 2, 'names are for nobody')
    assert.equal((await probe(words[0], '20', '127.0.0.1', 'echo')).code, 2)
  }
  assert.equal((await probe('price-serve', 'localhost')).code, 2)
  assert.equal((await probe('price-serve')).code, 2)
  assert.equal((await probe('price-where')).code, 2)
})

describe('files', () => {
  test('nothing of them stays', async () => {
    assert.ok(OF_FILES.length > 0)
    for (const workload of OF_FILES) {
      parse(await work(workload, '5'))
      assert.deepEqual(await readdir(folder), [], workload.id)
    }
  })

  test('nothing stays of one that failed half way', async () => {
    for (const { id, words } of OF_FILES) {
      const limited = 'trap "" XFSZ; ulimit -f 4; exec "$@"' // blocks of 512 bytes: less than a file of 4 KiB
      const { code, stdout } = await run([
        'sh',
        '-c',
        limited,
        'sh',
        bench.guest,
        'probe',
        words[0],
        '20',
        folder,
      ])
      if (id === 'create') assert.equal(code, 0, 'an empty file is within the limit')
      else assert.match(`${code} ${stdout}`, /^1 errno 27 /, id)
      assert.deepEqual(await readdir(folder), [], id)
    }
  })

  test('a folder that does not exist is told with its errno', async () => {
    for (const workload of OF_FILES) {
      const { code, stdout } = await work(workload, '20', join(folder, 'missing'))
      assert.match(`${code} ${stdout}`, /^1 errno 2 /, workload.id)
    }
    assert.match((await probe('price-where', join(folder, 'missing'))).stdout.toString(), /^errno 2 /)
  })

  test('a file is no folder', async () => {
    for (const workload of OF_FILES)
      assert.match((await work(workload, '20', bench.guest)).stdout.toString(), /^errno 20 /, workload.id)
  })

  test('price-where tells the type of a file system', async () => {
    const { code, stdout } = await probe('price-where', '/proc')
    assert.deepEqual([code, stdout.toString()], [0, 'type 9fa0\n']) // PROC_SUPER_MAGIC, statfs(2)
  })
})

test('a program that is started without the path it had is found by /proc', async () => {
  const gone = join(bench.root, 'gone')
  const script = 'cp "$1" "$2" && exec 3<"$2" && rm "$2" && exec /proc/self/fd/3 probe price-programs 20'
  const { check } = parse(await run(['sh', '-c', script, 'sh', bench.guest, gone]))
  const usual = WORKLOADS.find(({ id }) => id === 'programs')
  assert.ok(usual !== undefined)
  assert.equal(check, parse(await work(usual, '1')).check)
})

test('a child ends with the one that has started it', async () => {
  for (const verb of ['price-switches', 'price-pipe']) {
    const session = new Session([bench.guest, 'probe', verb, '60000'])
    const { pid } = session.process
    const children = async (): Promise<string> => await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
    while ((await children()) === '') await setImmediate()
    session.process.kill('SIGKILL')
    await session.ended() // when nobody has its output open any more, which the child has inherited
  }
})

describe('the server', () => {
  const open = async (text: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
  const assertServes = async (): Promise<void> => {
    assert.equal(OF_NETWORK.length, 3)
    for (const workload of OF_NETWORK) parse(await work(workload, '5'))
  }

  test('goes on where a client resets its connection, or asks for what there is not', async () => {
    for (const kind of ['', 'e', 's', 'o', 'ex', 'ox', `s${'x'.repeat(100_000)}`, '?', '\0']) {
      const socket = await open(kind)
      socket.resetAndDestroy()
      await once(socket, 'close')
    }
    await assertServes()
  })

  test('ends a connection that asks for what there is not', async () => {
    const socket = await open('?')
    socket.resume()
    await once(socket, 'close')
  })

  test('goes on where a client never reads its answers', async () => {
    const socket = await open('e')
    socket.pause()
    for (let i = 0; i < 64; i++) socket.write(Buffer.alloc(65_536))
    await assertServes()
    socket.destroy()
  })

  test('lets those wait that are too many', async () => {
    const idle: Socket[] = []
    for (let i = 0; i < 64; i++) idle.push(await open('e'))
    const waiting = OF_NETWORK.map((workload) => work(workload, '5'))
    for (const socket of idle) socket.destroy()
    for (const ended of await Promise.all(waiting)) parse(ended)
  })

  test('serves an address of IPv6', async () => {
    const six = new Session([bench.guest, 'probe', 'price-serve', '::1'])
    const said = await six.line()
    assert.match(said, /^port \d+$/)
    const { stdout } = await probe('price-latency', '5', '::1', said.replace('port ', ''))
    assert.match(stdout.toString(), /^batches /)
    assert.equal((await six.end()).code, 0)
  })

  test('ends with its input, whoever is connected', async () => {
    const other = new Session([bench.guest, 'probe', 'price-serve', '127.0.0.1'])
    await other.until('port ')
    const socket = connect(Number(await other.line()), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    assert.equal((await other.end()).code, 0)
    socket.destroy()
  })

  test('a server that says nothing is given up', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port: silence } = silent.address() as AddressInfo
    const all = OF_NETWORK.map(({ words }) => probe(words[0], '20', '127.0.0.1', String(silence)))
    for (const { code, stdout } of await Promise.all(all)) assert.match(`${code} ${stdout}`, /^1 errno 110 /)
    silent.close()
  })

  test('nobody there is told with its errno', async () => {
    const gone = new Session([bench.guest, 'probe', 'price-serve', '127.0.0.1'])
    await gone.until('port ')
    const empty = await gone.line()
    await gone.end()
    for (const { id, words } of OF_NETWORK)
      assert.match((await probe(words[0], '20', '127.0.0.1', empty)).stdout.toString(), /^errno 111 /, id)
  })
})
