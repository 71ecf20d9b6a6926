import type { Probe } from '../../types.ts'
import { lacksLan } from './test-lan.ts'

/** What probes on the test LAN have in common. */
export const ON_LAN = { asset: 'network', lacks: lacksLan, holes: ['net'] } as const satisfies Partial<Probe>

/** The same for what needs root's rights over frames; the reference box' filter refuses packet sockets. */
export const WITH_FRAMES = { ...ON_LAN, holes: ['net', 'user', 'calls'] } as const satisfies Partial<Probe>
