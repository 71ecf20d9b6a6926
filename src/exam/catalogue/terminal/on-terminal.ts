import type { Launch } from '../../types.ts'

/** Several write to one terminal, which is looked at when the session has ended. */
export const ON_TERMINAL: Launch = { key: 'on a terminal', terminal: true, ends: true }
