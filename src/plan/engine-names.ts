/** The technologies, from the weakest wall to the strongest. */
export const ENGINE_NAMES = ['container', 'gvisor', 'uml', 'microvm', 'vm'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

/** Those whose boxes have a kernel of their own on a processor of their own. */
export const MACHINE_NAMES: readonly EngineName[] = ['uml', 'microvm', 'vm']
