import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { MANIFEST_TYPE } from '../../src/image/manifest.ts'

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** What was asked for, in order. */
  readonly asked: readonly string[]
}

/**
 * A registry (OCI distribution-spec, pull only) on the loopback that gives out one OCI layout under any name, with a
 * certificate that `certificates` (containers-certs.d(5)) makes known to those who look there.
 */
export async function serveLayout(layout: string, certificates: string): Promise<Registry> {
  const [key, cert] = [join(layout, 'key.pem'), join(layout, 'cert.pem')]
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1']
  const made = spawnSync(
    'openssl',
    [...words, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    { encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`)
  const asked: string[] = []
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    manifests: readonly { digest: string }[]
  }
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const [, kind, reference = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? []
    asked.push(kind ?? request.url ?? '')
    if (kind === undefined) return response.end('{}')
    const digest = reference.startsWith('sha256:') ? reference : (manifests[0]?.digest ?? '')
    const blob = join(layout, 'blobs', 'sha256', digest.replace('sha256:', ''))
    if (!existsSync(blob)) return response.writeHead(404).end('{}')
    const type = kind === 'manifests' ? MANIFEST_TYPE : 'application/octet-stream'
    return response
      .writeHead(200, { 'content-type': type, 'docker-content-digest': digest })
      .end(readFileSync(blob))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  mkdirSync(join(certificates, host), { recursive: true })
  spawnSync('cp', [cert, join(certificates, host, 'ca.crt')])
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { host, asked, [Symbol.asyncDispose]: close }
}
