import { failureOf, inOneLine } from '../../sightings.ts'
import type { Place } from '../../types.ts'
import { guestProbe } from './guest-probe.ts'

/** What each machine is given (src/engine/qemu.ts, uml.ts) by PCI ids and virtio device numbers (VIRTIO 1.2, 5). */
const CHANNEL_AND_DISKS = ['virtio 0x0002', 'virtio 0x0002', 'virtio 0x0003', 'disk vda', 'disk vdb']
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  uml: ['disk ubda', 'disk ubdb'],
  microvm: CHANNEL_AND_DISKS,
  vm: [
    ...CHANNEL_AND_DISKS,
    /* The host bridge, the ISA bridge, and what the chipset of q35 brings along: SATA and SMBus. */
    ...['pci 0x8086 0x29c0', 'pci 0x8086 0x2918', 'pci 0x8086 0x2922', 'pci 0x8086 0x2930'],
    /* virtio's disks and console on the bus. */
    ...['pci 0x1af4 0x1001', 'pci 0x1af4 0x1001', 'pci 0x1af4 0x1003'],
  ],
}

/** With a network, which the image may ask for, there may be one card. */
function givenTo({ subject }: Place): string[] {
  if (subject.kind !== 'engine') return []
  const { engine, policy } = subject
  const given = [...(GIVEN[engine] ?? [])]
  if (policy.network === 'none') return given
  const card = engine === 'uml' ? 'card vec0' : 'card eth0'
  return [...given, card, 'virtio 0x0001', ...(engine === 'vm' ? ['pci 0x1af4 0x1000'] : [])]
}

/** Devices that are listed more often than they were given. */
function beyond(listed: readonly string[], given: readonly string[]): string[] {
  const left = [...given]
  return listed.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

export const deviceList = guestProbe({
  id: 'machine-device-list',
  number: 119,
  title: 'find a device that the machine was not to have',
  tries:
    'Boots the guest of an attacker, lists PCI, virtio, USB and SCSI devices, disks and cards in it, and looks for one beyond those that Glovebox gives. The control is the same machine with one disk more.',
  severity: 'host leak',
  standsFor: ['CVE-2015-3456 (VENOM): a floppy drive that nobody had asked for'],
  closing: 'Start the machine with no default devices (QEMU: -nodefaults) and only the ones it needs.',
  price: 'None; what a guest needs beyond them must be named.',
  sight: ({ devices }, _canaries, place) => {
    const failure = failureOf(devices)
    if (failure !== undefined) return failure
    const listed = devices.text.split('\n').filter((line) => line !== '')
    const more = beyond(listed, givenTo(place))
    return more.length > 0
      ? { reached: true, evidence: inOneLine(`it was not given: ${more.join(', ')}`) }
      : { reached: false, evidence: `${listed.length} devices, all of them given` }
  },
})
