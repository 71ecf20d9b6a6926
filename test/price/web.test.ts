import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Session } from '../../src/exam/session.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { guestPath } from '../../src/host/view.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* The web server of neighbours and its load, each alone. */

const folder = mkdtempSync(join(tmpdir(), 'glovebox-web-'))
before(async () => {
  await readyGlovebox()
})
after(() => rmSync(folder, { recursive: true }))

const start = (): Promise<Session> =>
  Session.start({ argv: [guestPath(currentPaths()), 'probe'], startMs: 20_000 })

interface Counts {
  readonly good: number
  readonly late: number
  readonly wrong: number
}

/** What the load says of the server on this port in ten windows. The bound is so wide that no busy machine misses it. */
async function load(session: Session, port: number): Promise<Counts> {
  const held = session.hold('price-web-load', [String(port), '10000'])
  assert.ok(await held.until('window 9;'))
  const { text, end } = await held.release()
  assert.equal(end, 0)
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`${name} (\\d+)`, 'g'))].reduce((all, [, value]) => all + Number(value), 0)
  return { good: sum('good'), late: sum('late'), wrong: sum('false') }
}

async function serve(session: Session) {
  const held = session.hold('price-web-server', ['/nowhere/at/all', folder])
  assert.ok(await held.until('\n'))
  return { held, port: Number(/port (\d+)/.exec(held.text)?.[1]) }
}

async function lyingServer(answer: (path: string) => { status: number; body: Buffer }) {
  const server = createServer((request, response) => {
    const { status, body } = answer(request.url ?? '')
    response.writeHead(status, { 'Content-Length': body.length }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

test('the server answers what it was asked, and its answers are good', async () => {
  await using session = await start()
  const { held, port } = await serve(session)
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
  }
  const [seven, again, eight, bad] = [await get('/7'), await get('/7'), await get('/8'), await get('/x')]
  assert.equal(seven.status, 200)
  assert.equal(seven.body.length, 4096)
  assert.deepEqual(seven.body, again.body)
  assert.notDeepEqual(seven.body, eight.body)
  assert.equal(bad.status, 400)
  const { good, wrong } = await load(session, port)
  assert.ok(good > 0)
  assert.equal(wrong, 0)
  assert.equal((await held.release()).end, 0)
  assert.deepEqual(readdirSync(folder), [], 'its file goes with it')
})

test('an answer is good by its content only', async () => {
  await using session = await start()
  const { held, port } = await serve(session)
  const first = Buffer.from(await (await fetch(`http://127.0.0.1:${port}/1`)).arrayBuffer())
  await held.release()
  const lies = {
    'zeros of the right length': { status: 200, body: Buffer.alloc(4096) },
    'the answer to another request': { status: 200, body: first },
    'an error': { status: 500, body: Buffer.alloc(4096) },
    nothing: { status: 200, body: Buffer.alloc(0) },
    'too much': { status: 200, body: Buffer.alloc(9000) },
  }
  for (const [name, lie] of Object.entries(lies)) {
    using server = await lyingServer(() => lie)
    const { good, late, wrong } = await load(session, server.port)
    assert.ok(wrong > 0, name)
    /* Number 1 is asked once, and that answer is the right one. */
    assert.ok(good + late <= (lie.body === first ? 1 : 0), name)
  }
})

test('clients that stall hold up nobody else', async () => {
  await using session = await start()
  const { held, port } = await serve(session)
  const stalled: Socket[] = []
  /* More than the server has room for: half a request each, or a request whose answer nobody reads. */
  for (let i = 0; i < 60; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    socket.pause().write(i % 2 === 0 ? 'GET /1 HT' : 'GET /1 HTTP/1.1\r\n\r\n')
    stalled.push(socket)
  }
  const { good, wrong } = await load(session, port)
  assert.ok(good > 0)
  assert.equal(wrong, 0)
  for (const socket of stalled) socket.destroy()
  assert.equal((await held.release()).end, 0)
})

test('a server that never answers has no good answers, and its windows are told all the same', async () => {
  await using session = await start()
  const silent = createServer(() => undefined)
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const counts = await load(session, (silent.address() as AddressInfo).port)
  assert.deepEqual(counts, { good: 0, late: 0, wrong: 0 })
  silent.close()
  silent.closeAllConnections()
})
