import { ownFolder } from '../../scene.ts'
import { factProbe } from './fact.ts'

export const folder = factProbe({
  id: 'identity-folder',
  number: 45,
  title: 'learn where you work',
  tries: 'Is started in a folder whose name is a nonce, and asks for its own and its starter’s folder.',
  standsFor: ['names of customers and projects in paths'],
  closing: 'Start the box in a folder of its own, without PWD.',
  price: 'A command line tool is not where its user is.',
  holes: ['environment', 'folder'],
  verb: 'folders',
  what: 'read the path of the folder it was started in',
  value: (scene) => {
    const value = scene.nonce()
    const cwd = ownFolder(scene, value)
    return { value, launch: { cwd, env: { PWD: cwd } } }
  },
})
