import { ENGINES } from '../engine/index.ts'
import { GloveboxError } from '../errors.ts'
import { printable } from '../policy/quote.ts'

/**
 * Puts a failed start into words: each engine knows its own runtime's. `text` is the runtime's own log, or the
 * holder's message, which is a sentence already. It may quote names out of the image and is not trusted.
 */
export function explainFailure(text: string): GloveboxError {
  const log = text.trim()
  const firewall = /^Cannot load the box's firewall: \S+ said: (.*)$/ms.exec(log)
  if (firewall !== null) return noFirewall(firewall[1] ?? '')
  const holder = /^Cannot [^\n]*\.$/m.exec(log)
  if (holder !== null)
    return new GloveboxError({
      code: 'BOX_NOT_STARTED',
      audience: 'host',
      message: holder[0],
      remedy: 'Ask: glovebox doctor',
    })
  for (const engine of Object.values(ENGINES)) {
    const diagnosis = engine.diagnose(log)
    if (diagnosis !== undefined)
      return new GloveboxError({ code: 'BOX_NOT_STARTED', audience: 'box', ...diagnosis, details: { log } })
  }
  return new GloveboxError({
    code: 'BOX_NOT_STARTED',
    audience: 'box',
    message: `The box could not be started: ${lastLine(log) || 'its runtime said nothing'}.`,
    remedy: 'See the whole with GLOVEBOX_DEBUG=1, and ask: glovebox doctor',
    details: { log },
  })
}

/** The rules are made here, so what refuses them is the kernel, or the nft that came with another one. */
function noFirewall(said: string): GloveboxError {
  const [why = ''] = said.trim().replace(/\.$/, '').split('\n')
  return new GloveboxError({
    code: 'NETWORK_KERNEL_LACKS',
    audience: 'host',
    message: `Cannot give the box a network: the kernel of this machine does not take the rules of its firewall (nft said: ${printable(why.trim()).slice(0, 200)}).`,
    remedy:
      'Load nftables with: sudo modprobe -a nf_tables nft_ct nft_limit nft_log nft_masq nft_nat nft_reject_inet nfnetlink_log, or run the box with --network none.',
    details: { said },
  })
}

/** The last line of a runtime's log that says something; runc's are key=value pairs with the words in msg="…". */
function lastLine(log: string): string {
  const line = log.split('\n').findLast((one) => one.trim() !== '') ?? ''
  return (/msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line).trim().replace(/\.$/, '')
}
