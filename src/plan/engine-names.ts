/** The technologies, from the weakest wall to the strongest. */
export const ENGINE_NAMES = ['container', 'gvisor', 'uml', 'microvm', 'vm'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]
