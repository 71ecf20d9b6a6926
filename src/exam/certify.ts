import { GloveboxError } from '../errors.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { signCertificate } from './certificate-sign.ts'
import { keepCertificate, writeCertificate } from './certificate-store.ts'
import type { ExamResult } from './result-types.ts'

/**
 * Keeps a certificate of each engine that an exam has examined, also of one that was breached: a later start must know of it.
 *
 * @param folder where certificates are kept (examFolders(state).certificates)
 * @param key an ssh key to sign them with
 * @returns their paths
 */
export async function keepCertificates(folder: string, result: ExamResult, key?: string): Promise<string[]> {
  const paths: string[] = []
  for (const certificate of certificatesOf(result)) {
    const path = keepCertificate(folder, certificate)
    if (key !== undefined) await signCertificate(path, key)
    paths.push(path)
  }
  return paths
}

/**
 * Writes the certificate of the one sandbox that was examined where the user wants it, and signs it.
 *
 * @throws GloveboxError CERTIFICATE_OF_ONE, CERTIFICATE_FOREIGN, CERTIFICATE_NOT_SIGNED
 */
export async function exportCertificate(path: string, result: ExamResult, key?: string): Promise<void> {
  const [subject, ...others] = result.subjects
  if (subject === undefined || others.length > 0)
    throw new GloveboxError({
      code: 'CERTIFICATE_OF_ONE',
      audience: 'usage',
      message: `Cannot write ${path}: a certificate is about one box, and ${result.subjects.length} were examined.`,
      remedy: 'Examine one engine, as in: glovebox exam --engine container --certificate FILE',
    })
  writeCertificate(path, makeCertificate(result, subject))
  if (key !== undefined) await signCertificate(path, key)
}

function certificatesOf(result: ExamResult): Certificate[] {
  return result.subjects
    .filter(({ subject }) => subject.engine !== undefined && subject.image !== undefined)
    .map((subject) => makeCertificate(result, subject))
}
