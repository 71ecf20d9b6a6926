import { verifyCertificate } from '../../exam/certificate-sign.ts'
import { printable } from '../../policy/quote.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { usageError } from '../usage-error.ts'

export const command = defineCommand({
  name: 'exam verify',
  summary: 'Check the signature of a certificate, and say what it certifies',
  usage: 'CERTIFICATE --signers FILE [--json]',
  about: `Checks CERTIFICATE against the signature beside it (CERTIFICATE.sig), which must be of a key in --signers: a file of \
allowed signers, as ssh-keygen(1) describes it.`,
  options: {
    signers: { value: 'FILE', help: 'Whose signatures are believed: allowed signers of ssh-keygen(1)' },
    json: { help: 'Print JSON' },
  },
  positionals: { least: 1, most: 1, names: ['CERTIFICATE'] },
  examples: [
    {
      command: 'glovebox exam verify gvisor.json --signers team.signers',
      does: 'Believe it only if it is signed',
    },
  ],
  run: async ({ options, words: [path = ''] }) => {
    if (options.signers === undefined)
      throw usageError(
        'SIGNERS_MISSING',
        `Cannot verify ${path}: it was not said whose signatures are believed.`,
        'Name a file of allowed signers with --signers',
      )
    const { certificate, principal } = await verifyCertificate(path, options.signers)
    if (options.json) return printJson({ principal, certificate })
    const { combination, probes, breaches, endedAt } = certificate.predicate
    return printLine(
      `${printable(path)}: signed by ${printable(principal)}; ${combination.engine} with kernel ${printable(combination.kernel)}, ` +
        `${probes} probes, ${breaches.length} breaches, ${endedAt}`,
    )
  },
})
