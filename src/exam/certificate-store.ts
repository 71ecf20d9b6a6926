import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { type Certificate, certificateText } from './certificate.ts'
import { MOST_CERTIFICATE_BYTES, parseCertificate } from './certificate-schema.ts'
import { signaturePath } from './certificate-sign.ts'
import { readBounded } from './read-bounded.ts'

/** Older ones go, with their signatures. */
const MOST_KEPT = 200
const NAME = /^\d{8}T\d+Z-[a-z]+-[\da-f]+\.json$/

/** A certificate with the very text that a signature is over. */
export interface KeptCertificate {
  readonly path: string
  readonly text: string
  readonly certificate: Certificate
}

/** Writes a certificate where the user wants it, whole or not at all. */
export function writeCertificate(path: string, certificate: Certificate): void {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  writeFileSync(unfinished, certificateText(certificate), { mode: 0o600, flag: 'wx' })
  renameSync(unfinished, path)
}

/** Keeps a certificate in the user's own folder, and says where: unsigned, it is trusted as all in that folder is. */
export function keepCertificate(folder: string, certificate: Certificate): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { startedAt, exam, combination } = certificate.predicate
  const path = join(folder, `${startedAt.replaceAll(/[^\dTZ]/g, '')}-${combination.engine}-${exam}.json`)
  writeCertificate(path, certificate)
  for (const old of namesIn(folder).slice(MOST_KEPT))
    for (const gone of [join(folder, old), signaturePath(join(folder, old))]) rmSync(gone, { force: true })
  return path
}

/** Those that are kept, the newest first. One that a later version has written in another shape is not there for this one. */
export function keptCertificates(folder: string): KeptCertificate[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name)
    const text = readBounded(path, MOST_CERTIFICATE_BYTES)
    try {
      return [{ path, text, certificate: parseCertificate(text, path) }]
    } catch (error) {
      if (error instanceof GloveboxError && error.code === 'CERTIFICATE_INVALID') return []
      throw error
    }
  })
}

/** Newest first: names begin with the time. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort()
      .reverse()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // none was ever kept
    throw error
  }
}
