import { DEFAULT_POLICY } from '../../../src/policy/default.ts'
import { CLOSED } from '../../../src/policy/network-types.ts'
import { type MachineName, openAttacker } from '../../support/hostile-machine.ts'

// attacker.ts ENGINE HEX...: a box with the network `internet` whose guest kernel is an attacker's, who sends these frames.
const [engine, ...frames] = process.argv.slice(2)
using attacker = openAttacker()
const request = {
  command: ['frames', ...frames],
  policy: { ...DEFAULT_POLICY, network: { ...CLOSED, internet: true } },
}
await using started = await attacker.start(engine as MachineName, { guest: 'hostile' }, request)
started.main.stdin.end()
const { stdout, stderr } = await started.main.result()
process.stdout.write(stdout)
process.stderr.write(stderr)
