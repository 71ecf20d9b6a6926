import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastWords } from '../../src/image/tool-output.ts'

const cases: readonly (readonly [claim: string, words: readonly string[], reason: string])[] = [
  [
    'the error of apt',
    ['Reading lists...', 'E: Unable to locate package x', ''],
    'Unable to locate package x',
  ],
  [
    'what cannot be had, rather than that it cannot',
    [
      'The following packages have unmet dependencies:',
      ' app : Depends: gone but it is not installable',
      'E: Unable to correct problems, you have held broken packages.',
    ],
    'app : Depends: gone but it is not installable',
  ],
  [
    'the reason that dpkg has in its next line',
    [
      'dpkg: error processing package app (--configure):',
      ' script returned 9',
      'E: Sub-process dpkg returned 1',
    ],
    'dpkg: error processing package app (--configure): script returned 9',
  ],
  [
    'the error of apt, and not that mmdebstrap failed by it',
    ['E: Unable to locate package x', 'E: setup failed: E: apt-get failed', 'E: mmdebstrap failed to run'],
    'Unable to locate package x',
  ],
  ['what there is', ['E: mmdebstrap failed to run'], 'mmdebstrap failed to run'],
  ['the last line of a tool that marks none', ['working', 'no such file.', ''], 'no such file'],
  ['that there is none', [], 'it gave no reason'],
]
for (const [claim, words, reason] of cases)
  test(`the reason of a failure is ${claim}`, () => assert.equal(lastWords(words), reason))
