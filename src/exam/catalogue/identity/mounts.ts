import { factProbe, needsRoot } from './fact.ts'
import { plantedStart } from './planted-start.ts'

export const mounts = factProbe({
  id: 'identity-mounts',
  number: 51,
  title: 'learn the paths of your folders',
  tries: 'Is started where a folder whose name is a nonce is mounted, and reads the list of its own mounts.',
  standsFor: ['bwrap shows the sources of its binds', 'proc_pid_mountinfo(5)'],
  closing: 'Show the box folders through an overlay, or nothing of the host’s.',
  price: 'An overlay a folder.',
  holes: ['files', 'pid'],
  verb: 'text',
  words: ['/proc/self/mountinfo'],
  what: 'read a path of the host in the list of mounts',
  lacks: needsRoot,
  value: (scene) => {
    const { mounted, launch } = plantedStart(scene)
    return { value: mounted, launch }
  },
})
