import { byNonce } from '../../sightings.ts'
import { guestProbe } from './guest-probe.ts'
import { withoutGuest } from './survey.ts'

export const hostFiles = guestProbe({
  id: 'machine-host-files',
  number: 122,
  title: "mount the host's files as the guest's root",
  tries:
    'Boots the guest of an attacker and mounts hostfs of User-Mode Linux in it, for the folder of a planted file. The control has that folder in the jail of the machine.',
  severity: 'escape',
  standsFor: ['User-Mode Linux, mount -t hostfs', 'ATT&CK T1611'],
  closing: 'Run User-Mode Linux in a jail that has no files but the machine’s own.',
  price: 'A start of a jail: some 50 ms.',
  notFor: (subject) =>
    withoutGuest(subject) ??
    (subject.kind === 'engine' && subject.engine !== 'uml'
      ? 'only User-Mode Linux has hostfs; QEMU’s machines are given no files of the host'
      : undefined),
  sight: ({ hostFiles: found }, { nonce }) => byNonce(found, nonce, 'mounted hostfs'),
})
