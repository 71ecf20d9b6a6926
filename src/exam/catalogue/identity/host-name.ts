import { factProbe, needsRoot } from './fact.ts'
import { plantedStart } from './planted-start.ts'

export const hostName = factProbe({
  id: 'identity-host-name',
  number: 45,
  title: 'learn the name of your computer',
  tries:
    'Is started on a host whose name is a nonce (in a UTS namespace of the exam’s), and asks for it in three ways.',
  standsFor: ['ATT&CK T1082'],
  closing: 'Give the box a UTS namespace and a name of its own.',
  price: 'Programs in it show another name.',
  holes: ['uts', 'files'],
  verb: 'host-name',
  what: 'read the name of the host',
  lacks: needsRoot,
  value: (scene) => {
    const { hostName, launch } = plantedStart(scene)
    return { value: hostName, launch }
  },
})
