import type { GrantName } from './types.ts'

/** A grant in words: what the application gets, and what it costs in safety. */
export interface Grant {
  readonly gives: string
  readonly price: string
}

/** Every grant there is. The record is exhaustive by type: a new name without its price does not compile. */
export const GRANTS: Readonly<Record<GrantName, Grant>> = {
  'user-namespaces': {
    gives: 'programs may make user namespaces of their own, as the own sandbox of a browser does',
    price: 'opens more of the kernel to the application (as in CVE-2021-41133 and CVE-2022-0185)',
  },
}

export const GRANT_NAMES = Object.freeze(Object.keys(GRANTS)) as readonly GrantName[]
