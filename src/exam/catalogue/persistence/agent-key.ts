import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram } from '../../../host/program.ts'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { staysThere } from './own-probe.ts'
import { addKeyRequest, listKeys } from './ssh-agent.ts'

const START_MS = 5000

/** An agent of the exam's own; the user's is not asked. */
async function startAgent(path: string) {
  const agent = startProgram(['ssh-agent', '-D', '-a', path])
  for (const end = performance.now() + START_MS; !existsSync(path) && performance.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 20))
  if (!existsSync(path)) throw new Error('ssh-agent did not start')
  return agent
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const path = join(scene.folder, `agent-${scene.nonce().slice(0, 12)}`)
  const agent = await startAgent(path)
  return {
    launch: { ends: true, env: { SSH_AUTH_SOCK: path } },
    attempt: async (inside, place) => {
      const [told, wanted] = [scene.nonce(), scene.nonce()]
      const answer = await inside.ask('file-send', [addKeyRequest(told).toString('hex'), path])
      return async () => {
        const stayed = await staysThere(place, async () =>
          (await listKeys(path)).includes(canary ? told : wanted),
        )
        return byWitness(stayed, answer, 'a key that it added is in the agent after the end')
      }
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(agent, 'close')
      agent.kill()
      await ended
    },
  }
}

export const agentKey: Probe = {
  id: 'persistence-agent-key',
  number: 113,
  asset: 'persistence',
  title: 'leave a key in your SSH agent',
  tries: 'Adds a fresh key to a planted ssh-agent by its socket, and ends; the host lists the agent’s keys.',
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1098.004', 'ssh-agent(1)'],
  closing: 'Do not show the agent’s socket to the box.',
  price: 'ssh and git in the box need a key of their own.',
  holes: ['files'],
  lacks: ({ tool }) => (tool('ssh-agent') === undefined ? 'ssh-agent is not installed' : undefined),
  plant,
}
