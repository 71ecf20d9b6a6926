import type { Probe } from '../../types.ts'
import { arpSpoof } from './arp-spoof.ts'
import { boxToBox } from './box-to-box.ts'
import { directAddress } from './direct-address.ts'
import { directDns } from './direct-dns.ts'
import { dnsExfiltration } from './dns-exfiltration.ts'
import { falseName } from './false-name.ts'
import { hostAddress } from './host-address.ts'
import { hostLoopback } from './host-loopback.ts'
import { hostLoopback6 } from './host-loopback-6.ts'
import { inbound } from './inbound.ts'
import { lanNeighbours } from './lan-neighbours.ts'
import { metadata } from './metadata.ts'
import { multicastDiscovery } from './multicast-discovery.ts'
import { otherFamily } from './other-family.ts'
import { otherTransports } from './other-transports.ts'
import { poisoning } from './poisoning.ts'
import { rebinding } from './rebinding.ts'
import { rogueDhcp } from './rogue-dhcp.ts'
import { rogueRouter } from './rogue-router.ts'
import { sniff } from './sniff.ts'
import { sourceSpoofing } from './source-spoofing.ts'

export const NETWORK: readonly Probe[] = [
  ...[hostLoopback, hostLoopback6, hostAddress, lanNeighbours, multicastDiscovery],
  ...[poisoning, arpSpoof, rogueDhcp, rogueRouter, sniff],
  ...[metadata, dnsExfiltration, directDns, directAddress, falseName],
  ...[rebinding, otherFamily, otherTransports, sourceSpoofing, inbound, boxToBox],
]
