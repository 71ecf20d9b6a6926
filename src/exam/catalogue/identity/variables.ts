import { factProbe } from './fact.ts'
import { plantedStart } from './planted-start.ts'

export const variables = factProbe({
  id: 'identity-variables',
  number: 52,
  title: 'read the variables of your shell',
  tries:
    'Is started with a variable that holds a nonce, as tokens are kept, and reads its own variables and those of process 1.',
  standsFor: ['tokens in variables (AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN)', 'ATT&CK T1552.007'],
  closing: 'Start the box with an environment of its own.',
  price: 'What an application needs is named (--env).',
  holes: ['environment'],
  verb: 'environment',
  what: 'read a variable of its starter',
  value: (scene) => {
    const { token, launch } = plantedStart(scene)
    return { value: token, launch }
  },
})
