import { bombProbe } from './bomb.ts'
import { ptys } from './gauge.ts'

export const terminals = bombProbe({
  id: 'exhaustion-terminals',
  number: 102,
  title: "take most of the machine's pseudo-terminals",
  tries:
    'Opens three quarters of the pseudo-terminals that the whole machine may have; how many more the host counts decides.',
  severity: 'host denial of service',
  standsFor: ['kernel.pty.max, which all mounts of devpts share'],
  closing: 'Mount the box’s devpts with max=.',
  price: 'None.',
  verb: 'bomb-open',
  words: (size) => ['ptys', String(size)],
  size: ({ host }) =>
    Math.floor(
      (Number(host.sysctl('kernel.pty.max') ?? 4096) - Number(host.sysctl('kernel.pty.reserve') ?? 1024)) *
        0.75,
    ),
  unit: 'pseudo-terminals',
  gauge: () => ptys,
  holes: ['devices', 'files'],
})
