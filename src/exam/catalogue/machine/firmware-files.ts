import { failureOf, inOneLine } from '../../sightings.ts'
import { guestProbe } from './guest-probe.ts'
import { withoutPc } from './survey.ts'

/** Files that QEMU itself makes for a firmware and a kernel (its docs/specs/fw_cfg.rst); none is of the host's user. */
const OWN =
  /^(?:bios-geometry|bootorder|etc\/(?:acpi\/(?:rsdp|tables)|boot-fail-wait|boot\/(?:kernel|initrd|cmdline)|e820|fdt|irq0-override|max-cpus|msr_feature_control|ramfb|reserved-memory-end|smbios\/smbios-(?:anchor|tables)|smi\/(?:features-ok|requested-features|supported-features)|system-states|table-loader|tpm\/log|vmgenid_(?:addr|guid))|genroms\/[\w.-]+\.(?:bin|rom))$/

export const firmwareFiles = guestProbe({
  id: 'machine-firmware-files',
  number: 120,
  title: "read what the host has put beside the machine's firmware",
  tries:
    'Boots the guest of an attacker and lists the files of QEMU’s firmware interface (fw_cfg) by its ports. One that QEMU does not make by itself, as opt/… of the control with its nonce, is a breach.',
  severity: 'host leak',
  standsFor: ['QEMU fw_cfg opt/ files', 'secrets handed to guests by firmware tables'],
  closing: 'Hand nothing to a machine by -fw_cfg or -smbios.',
  price: 'None.',
  notFor: withoutPc,
  sight: ({ firmware }, { nonce }) => {
    const names = [...firmware.text.matchAll(/^file (\S+)/gm)].map(([, name = '']) => name)
    const foreign = names.filter((name) => !OWN.test(name))
    if (firmware.text.includes(nonce) || foreign.length > 0)
      return { reached: true, evidence: inOneLine(`files of somebody else: ${foreign.join(', ')}`) }
    const none = { reached: false, evidence: `${names.length} files, all of them QEMU’s own` }
    return names.length > 0 ? none : (failureOf(firmware) ?? none)
  },
})
