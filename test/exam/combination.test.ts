import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { dryRun } from '../../src/box/boxes.ts'
import { openContext } from '../../src/box/context.ts'
import { CATALOGUE } from '../../src/exam/catalogue/index.ts'
import { keepCertificates } from '../../src/exam/certify.ts'
import { hostRecord, subjectRecord } from '../../src/exam/record.ts'
import { combinationOf, requireVerified } from '../../src/exam/require-verified.ts'
import type { ExamResult } from '../../src/exam/result-types.ts'
import { VERSION } from '../../src/host/build-info.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import type { Policy } from '../../src/policy/types.ts'
import { examResult, finding, foreign } from '../report/results.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { ours } from './support.ts'

before(readyGlovebox)

/** As an exam of the whole catalogue would record it, all of it held. */
async function passed(): Promise<ExamResult> {
  const findings = CATALOGUE.map(({ id, number, asset, title }) =>
    finding({ probe: id, number, asset, title }),
  )
  const subject = await subjectRecord(openContext(), ours('container'))
  const now = new Date().toISOString()
  const times = { startedAt: now, endedAt: now, glovebox: VERSION, host: hostRecord() }
  return examResult([{ subject, findings, milliseconds: 1 }, foreign('bwrap', findings)], times)
}

async function askFor(policy: Policy) {
  const asked = { engine: 'container', image: 'base', policy, command: ['sh'], terminal: true } as const
  const { plan } = await dryRun(openContext(), asked)
  return { combination: combinationOf(plan), maxAgeMs: 3_600_000, now: new Date(), command: 'glovebox exam' }
}

test('what an exam examined is what a start of the same box is compared with', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-combination-'))
  try {
    const result = await passed()
    const kept = await keepCertificates(folder, result)
    assert.equal(kept.length, 1, 'one for each engine, none for another sandbox')
    assert.equal((await requireVerified(folder, await askFor(DEFAULT_POLICY))).predicate.exam, result.id)
    const open = await askFor({ ...DEFAULT_POLICY, limits: { ...DEFAULT_POLICY.limits, wallMs: 60_000 } })
    await assert.rejects(requireVerified(folder, open), {
      code: 'EXAM_NOT_VERIFIED',
      message: /differs in the policy \(sha256:/,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
