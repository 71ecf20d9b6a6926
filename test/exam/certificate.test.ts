import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  type Certificate,
  catalogueDigest,
  certificateText,
  makeCertificate,
} from '../../src/exam/certificate.ts'
import { parseCertificate } from '../../src/exam/certificate-schema.ts'
import { signCertificate, verifyCertificate } from '../../src/exam/certificate-sign.ts'
import { keepCertificate, keptCertificates, writeCertificate } from '../../src/exam/certificate-store.ts'
import { requireVerified } from '../../src/exam/require-verified.ts'
import type { ExamResult } from '../../src/exam/result-types.ts'
import { BREACHES, examResult, finding, foreign, MIXED, subject } from '../report/results.ts'

const folder = mkdtempSync(join(tmpdir(), 'glovebox-certificate-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A fresh key without a passphrase; its public half. */
function makeKey(name: string): { readonly path: string; readonly publicHalf: string } {
  const path = join(folder, name)
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path])
  assert.equal(made.status, 0, String(made.stderr))
  return { path, publicHalf: readFileSync(`${path}.pub`, 'utf8').trim() }
}
const [alice, mallory] = [makeKey('alice'), makeKey('mallory')]
const signers = join(folder, 'signers')
writeFileSync(signers, `alice@example.org namespaces="glovebox-exam" ${alice.publicHalf}\n`)

function certify(result: ExamResult): Certificate {
  const [first] = result.subjects
  assert.ok(first)
  return makeCertificate(result, first)
}

const RESULT = examResult([subject(MIXED)])

test('a certificate is an in-toto statement about the image and the policy', () => {
  const certificate = certify(examResult([subject([...MIXED, ...BREACHES])]))
  assert.equal(certificate._type, 'https://in-toto.io/Statement/v1')
  assert.deepEqual(certificate.subject, [
    { name: 'base', digest: { sha256: 'a'.repeat(64) } },
    { name: 'policy', digest: { sha256: 'b'.repeat(64) } },
  ])
  const { combination, verdicts, breaches, probes } = certificate.predicate
  assert.equal(combination.kernel, '6.18.0')
  assert.deepEqual(combination.tools, ['crun 1.8.1'])
  assert.deepEqual(verdicts.network, { inconclusive: 2, granted: 1 })
  assert.deepEqual(verdicts.terminal, { breach: 1 })
  assert.deepEqual(
    breaches.map(({ probe }) => probe),
    ['terminal-tiocsti', 'desktop-clipboard'],
  )
  assert.equal(probes, MIXED.length + BREACHES.length)
  assert.deepEqual(parseCertificate(certificateText(certificate), 'it'), certificate)
})

test('another sandbox has none, as it has no image and policy to be bound to', () => {
  assert.throws(() => certify(examResult([foreign('bwrap', MIXED)])), { code: 'CERTIFICATE_FOREIGN' })
})

test('the catalogue is the same in any order, and another with one probe less', () => {
  assert.equal(catalogueDigest(['b', 'a']), catalogueDigest(['a', 'b']))
  assert.notEqual(catalogueDigest(['a']), catalogueDigest(['a', 'b']))
})

test('a certificate that contradicts itself, or holds what is unknown, is refused', () => {
  const certificate = certify(examResult([subject(BREACHES)]))
  const { predicate } = certificate
  const wrong: readonly [string, object][] = [
    ['more', { ...certificate, more: 1 }],
    [
      'another image',
      {
        ...certificate,
        predicate: {
          ...predicate,
          combination: { ...predicate.combination, image: `sha256:${'d'.repeat(64)}` },
        },
      },
    ],
    ['breaches left out', { ...certificate, predicate: { ...predicate, breaches: [] } }],
    ['another type', { ...certificate, predicateType: 'https://slsa.dev/provenance/v1' }],
  ]
  for (const [name, document] of wrong)
    assert.throws(
      () => parseCertificate(JSON.stringify(document), name),
      { code: 'CERTIFICATE_INVALID' },
      name,
    )
  assert.throws(() => parseCertificate('{', 'it'), { code: 'CERTIFICATE_INVALID' })
  assert.throws(() => parseCertificate(' '.repeat(5 * 2 ** 20), 'it'), { code: 'CERTIFICATE_INVALID' })
})

test('a signature is of the signer and of this very text', async () => {
  const path = join(folder, 'signed.json')
  writeCertificate(path, certify(RESULT))
  assert.equal(await signCertificate(path, alice.path), `${path}.sig`)
  const { certificate, principal } = await verifyCertificate(path, signers)
  assert.equal(principal, 'alice@example.org')
  assert.deepEqual(certificate, certify(RESULT))

  writeFileSync(path, certificateText(certify(RESULT)).replace('6.18.0', '6.18.1'))
  await assert.rejects(verifyCertificate(path, signers), { code: 'CERTIFICATE_UNTRUSTED' })
})

test('a signature of anybody else, of another purpose, or none, is not trusted', async () => {
  const path = join(folder, 'other.json')
  writeCertificate(path, certify(RESULT))
  await assert.rejects(verifyCertificate(path, signers), { code: 'CERTIFICATE_UNTRUSTED' }, 'none')
  await signCertificate(path, mallory.path)
  await assert.rejects(verifyCertificate(path, signers), { code: 'CERTIFICATE_UNTRUSTED' }, 'another key')
  rmSync(`${path}.sig`)
  const commit = spawnSync('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', alice.path, path])
  assert.equal(commit.status, 0)
  await assert.rejects(verifyCertificate(path, signers), { code: 'CERTIFICATE_UNTRUSTED' }, 'for a commit')
  await signCertificate(path, alice.path)
  assert.equal((await verifyCertificate(path, signers)).principal, 'alice@example.org', 'the control')
})

test('a key that is none is named in the error', async () => {
  const path = join(folder, 'unsigned.json')
  writeCertificate(path, certify(RESULT))
  await assert.rejects(signCertificate(path, join(folder, 'no-key')), {
    code: 'CERTIFICATE_NOT_SIGNED',
    message: /no-key/,
  })
})

test('kept certificates are the user’s alone, and come back newest first', () => {
  const store = join(folder, 'store')
  assert.deepEqual(keptCertificates(store), [])
  for (const day of ['01', '03', '02'])
    keepCertificate(store, certify({ ...RESULT, id: `ab${day}`, startedAt: `2026-11-${day}T00:00:00.000Z` }))
  writeFileSync(join(store, '20261104T000000000Z-container-ff.json'), '{"of": "a later version"}')
  assert.deepEqual(
    keptCertificates(store).map(({ certificate }) => certificate.predicate.exam),
    ['ab03', 'ab02', 'ab01'],
  )
  for (const name of readdirSync(store).filter((one) => one.includes('ab')))
    assert.equal(statSync(join(store, name)).mode & 0o777, 0o600)
})

test('with signers, only a certificate that one of them signed lets a box start', async () => {
  const store = join(folder, 'trusted')
  const passed = examResult([subject([finding()])])
  const { combination } = certify(passed).predicate
  const ask = {
    combination,
    maxAgeMs: 3_600_000,
    now: new Date('2026-11-28T18:30:00Z'),
    command: 'glovebox exam',
  }
  await assert.rejects(requireVerified(store, ask), { code: 'EXAM_NOT_VERIFIED' })
  const path = keepCertificate(store, certify(passed))
  assert.equal((await requireVerified(store, ask)).predicate.exam, passed.id)
  await assert.rejects(requireVerified(store, ask, signers), {
    code: 'EXAM_NOT_VERIFIED',
    message: /signed by anybody/,
  })
  await signCertificate(path, mallory.path)
  await assert.rejects(requireVerified(store, ask, signers), { code: 'EXAM_NOT_VERIFIED' })
  await signCertificate(path, alice.path)
  assert.equal((await requireVerified(store, ask, signers)).predicate.exam, passed.id)
})
