import type { Plan } from '../plan/types.ts'

/** What a virtual machine gets as descriptors, as its jail's user could open none of them. */
export type Device = 'kvm' | 'tap'

/** In the order of their numbers, from 3 on (native/inside.c). */
export function devicesOf({ machine, network }: Plan): readonly Device[] {
  return [
    ...(machine?.accelerator === 'kvm' ? (['kvm'] as const) : []),
    ...(machine !== undefined && network?.link === 'tap' ? (['tap'] as const) : []),
  ]
}

export const FIRST_DEVICE = 3

/** Its number in the jail. */
export function descriptorOf(plan: Plan, device: Device): number {
  return FIRST_DEVICE + devicesOf(plan).indexOf(device)
}

/** The monitor's first words (guest/monitor_options.c). */
export function deviceWords(plan: Plan): string[] {
  return devicesOf(plan).map((device) => `--${device}`)
}
