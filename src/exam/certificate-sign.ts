import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { GloveboxError } from '../errors.ts'
import { spawnTool } from '../host/spawn.ts'
import type { Certificate } from './certificate.ts'
import { MOST_CERTIFICATE_BYTES, parseCertificate } from './certificate-schema.ts'
import { readBounded } from './read-bounded.ts'

/*
 * Detached signatures as ssh-keygen(1) makes them (-Y; openssh PROTOCOL.sshsig): most people have a key for it already, in a file,
 * an agent or a token. The key is named by its path, and its passphrase is asked for by ssh-keygen itself, on the terminal.
 */

/** What ssh-keygen(1) calls the namespace: a signature for something else, such as a commit, is none here. */
export const SIGNATURE_NAMESPACE = 'glovebox-exam'

export const signaturePath = (path: string): string => `${path}.sig`

/**
 * Signs the file at `path`, beside which the signature is written.
 *
 * @param key an ssh private key, or a public one whose private half an agent holds
 * @returns the signature's path
 * @throws GloveboxError CERTIFICATE_NOT_SIGNED
 */
export async function signCertificate(path: string, key: string): Promise<string> {
  const signature = signaturePath(resolve(path))
  // An older one would be of another text, and ssh-keygen asks before it writes over it.
  rmSync(signature, { force: true })
  const argv = ['-Y', 'sign', '-n', SIGNATURE_NAMESPACE, '-f', resolve(key), resolve(path)] as const
  const { exitCode, stderr } = await spawnTool(['ssh-keygen', ...argv])
  if (exitCode === 0) return signature
  throw new GloveboxError({
    code: 'CERTIFICATE_NOT_SIGNED',
    audience: 'usage',
    message: `Cannot sign ${path} with ${key}: ${lastLine(stderr)}.`,
    remedy: 'Name an ssh key that you can use, as in: --key ~/.ssh/id_ed25519',
  })
}

export interface VerifiedCertificate {
  readonly certificate: Certificate
  /** Who signed it, as the file of signers names them. */
  readonly principal: string
}

/**
 * Reads a certificate whose signature, beside it, is of one of `signers` (ssh-keygen(1), ALLOWED SIGNERS).
 *
 * @throws GloveboxError CERTIFICATE_UNTRUSTED, CERTIFICATE_INVALID
 */
export async function verifyCertificate(path: string, signers: string): Promise<VerifiedCertificate> {
  const text = readBounded(path, MOST_CERTIFICATE_BYTES)
  const principal = await verifySignature(text, signaturePath(path), signers)
  if (typeof principal !== 'string') throw untrusted(path, signers, principal.why)
  return { certificate: parseCertificate(text, path), principal }
}

/** The signature is checked over `text`, which was read once, and not over a file that may be another one by now. */
export async function verifySignature(
  text: string,
  signature: string,
  signers: string,
): Promise<string | { readonly why: string }> {
  const files = ['-s', resolve(signature), '-f', resolve(signers)] as const
  const found = await spawnTool(['ssh-keygen', '-Y', 'find-principals', ...files])
  if (found.exitCode !== 0) return { why: lastLine(found.stderr) }
  let why = 'it names nobody'
  for (const principal of found.stdout.split('\n').filter((line) => line !== '')) {
    const argv = ['-Y', 'verify', '-n', SIGNATURE_NAMESPACE, '-I', principal, ...files] as const
    const { exitCode, stderr } = await spawnTool(['ssh-keygen', ...argv], {
      stdin: 'pipe',
      use: async ({ stdin, stdout }) => {
        stdout?.resume()
        if (stdin !== null) await pipeline([text], stdin).catch(ignoreEarlyEnd)
      },
    })
    if (exitCode === 0) return principal
    why = lastLine(stderr)
  }
  return { why }
}

/** It may end before it has read all, with its own word on why. */
function ignoreEarlyEnd(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
}

const lastLine = (text: string): string =>
  (text.trim().split(/\r?\n/).at(-1) ?? '').replace(/\.$/, '') || 'ssh-keygen gives no reason'

function untrusted(path: string, signers: string, why: string): GloveboxError {
  return new GloveboxError({
    code: 'CERTIFICATE_UNTRUSTED',
    audience: 'usage',
    message: `Cannot trust ${path}: it has no valid signature of anybody in ${signers}: ${why}.`,
    remedy: `Let one of them sign it, with: glovebox exam --certificate FILE --key KEY`,
  })
}
