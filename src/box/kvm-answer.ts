import type { HostPaths } from '../host/paths.ts'

/** What a trial of KVM comes to. */
export type KvmTrialEnd =
  | { readonly kind: 'works' }
  /** The guest was not up at the deadline. */
  | { readonly kind: 'hangs' }
  /** QEMU ended; `words` are its last, and not trusted. */
  | { readonly kind: 'aborts'; readonly words: string }
  /** It was no word of KVM's: the jail did not start. Not remembered. */
  | { readonly kind: 'untried'; readonly words: string }

/** Whether guests run under KVM here. */
export type KvmAnswer =
  | KvmTrialEnd
  | { readonly kind: 'missing' }
  | { readonly kind: 'forbidden'; readonly group: string | undefined }

/** Where a trial's box lies. */
export const trialFolder = ({ runtime }: Pick<HostPaths, 'runtime'>): string => `${runtime}/trial`
