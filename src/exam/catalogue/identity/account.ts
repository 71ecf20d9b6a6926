import { factProbe } from './fact.ts'
import { plantedStart } from './planted-start.ts'

export const account = factProbe({
  id: 'identity-account',
  number: 45,
  title: 'learn your user name',
  tries:
    'Is started by a user whose variables USER and LOGNAME hold a nonce, and asks for the name of its user.',
  standsFor: ['ATT&CK T1033'],
  closing: 'Start the box without the variables of its starter, as a user of its own.',
  price: 'Programs in it greet somebody else.',
  holes: ['environment'],
  verb: 'account',
  what: 'read the name of the user',
  value: (scene) => {
    const { user, launch } = plantedStart(scene)
    return { value: user, launch }
  },
})
