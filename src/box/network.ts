import { closeSync, constants, existsSync, fstatSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Engine } from '../engine/types.ts'
import { GloveboxError } from '../errors.ts'
import { readNetworkFacts } from '../host/network-facts.ts'
import { findTool } from '../host/tools.ts'
import { checkFit } from '../network/fit.ts'
import { networkFiles } from '../network/gate.ts'
import { resolverPolicyOf } from '../network/names.ts'
import { NEXT_SCRIPT, scriptsOf } from '../network/pieces.ts'
import { refusedText } from '../network/refused.ts'
import { resolverFile } from '../network/resolver.ts'
import { gateRules } from '../network/ruleset.ts'
import type { NetworkPlan, Plan } from '../plan/types.ts'
import type { OpenNetwork } from '../policy/network-types.ts'

/** What a network takes of this machine, with the Debian package of each. */
const TOOLS = { pasta: 'passt', nft: 'nftables', ip: 'iproute2' } as const

/**
 * Looks up what a box with a network needs. Where something is missing there is no box: never one that is more open.
 *
 * @throws GloveboxError NETWORK_TOOL_MISSING, NETWORK_KERNEL_LACKS, NO_WAY_OUT, NETWORK_DOES_NOT_FIT
 */
export function findNetwork(engine: Engine, policy: OpenNetwork): NetworkPlan {
  const find = (name: keyof typeof TOOLS): string => {
    const found = findTool(name)
    if (found !== undefined) return found.path
    throw new GloveboxError({
      code: 'NETWORK_TOOL_MISSING',
      audience: 'host',
      message: `Cannot give the box a network: ${name} is not installed.`,
      remedy: `Install it with: glovebox setup   (or: sudo apt-get install ${TOOLS[name]})`,
    })
  }
  const tools = { pasta: find('pasta'), nft: find('nft'), ip: find('ip') }
  checkKernel()
  const facts = readNetworkFacts()
  if (facts.families.length === 0)
    throw new GloveboxError({
      code: 'NO_WAY_OUT',
      audience: 'host',
      message: 'Cannot give the box a network: this machine has none itself (no default route).',
      remedy: 'Connect this machine first, or run the box with --network none.',
    })
  checkFit(policy, facts)
  return { facts, tools, link: engine.machine === undefined ? 'veth' : 'tap' }
}

const TUN = '/dev/net/tun'
/** There with IPv6 in the kernel, whether the machine has an address or not; not with ipv6.disable=1. */
const IPV6 = '/proc/sys/net/ipv6/conf/all/forwarding'

/** @throws GloveboxError NETWORK_KERNEL_LACKS */
function checkKernel(): void {
  if (!existsSync(IPV6))
    throw kernelLacks(
      'the kernel of this machine has no IPv6, which the network of each box is made with, also where this machine has no address of it',
      'Start this machine without ipv6.disable=1',
    )
  const why = whyNoTun()
  if (why !== undefined)
    throw kernelLacks(
      `${TUN} ${why}`,
      'Load it with: sudo modprobe tun   (a container needs the device given)',
    )
}

/** Opened, as that loads the kernel's module where it is not loaded yet. */
function whyNoTun(): string | undefined {
  try {
    const fd = openSync(TUN, constants.O_RDWR | constants.O_NONBLOCK)
    const isDevice = fstatSync(fd).isCharacterDevice()
    closeSync(fd)
    return isDevice ? undefined : 'is no device'
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return TUN_WORDS[code] ?? `cannot be opened (${code})`
  }
}

const TUN_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'is missing',
  ENODEV: 'is missing in the kernel',
  ENXIO: 'is missing in the kernel',
  EACCES: 'may not be opened by you (it should be readable and writable to all)',
  EPERM: 'may not be opened here',
}

const kernelLacks = (why: string, remedy: string): GloveboxError =>
  new GloveboxError({
    code: 'NETWORK_KERNEL_LACKS',
    audience: 'host',
    message: `Cannot give the box a network: ${why}.`,
    remedy: `${remedy}, or run the box with --network none.`,
  })

/** Writes what the gate of a box reads when it starts. */
export function prepareNetwork(plan: Plan, stateDir: string): void {
  const { network } = plan.policy
  if (network === 'none' || plan.network === undefined) return
  const files = networkFiles(stateDir)
  const { facts } = plan.network
  mkdirSync(dirname(files.rules), { mode: 0o700, recursive: true })
  const texts = {
    [files.rules]: scriptsOf(gateRules(network, facts)).join(NEXT_SCRIPT),
    [files.names]: resolverFile(resolverPolicyOf(network, facts)),
    [files.refused]: refusedText(facts),
    [files.policy]: JSON.stringify(network),
    [files.facts]: JSON.stringify(facts),
  }
  for (const [path, text] of Object.entries(texts)) writeFileSync(path, text, { mode: 0o600 })
}
