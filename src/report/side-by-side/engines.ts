import { ENGINES } from '../../engine/index.ts'
import type { Finding } from '../../exam/result-types.ts'
import type { Asset } from '../../exam/types.ts'
import type { SideResult } from '../../price/result-types.ts'
import { assetState, benefitOf } from './benefit.ts'
import { isEmulated, type Technology } from './technologies.ts'

/* Engines among what was compared, and whether they are machines: by the engines' own table, never by a name. */

/** A virtual machine: a kernel of its own on a machine of its own. */
export const isMachine = (engine: string | undefined): boolean =>
  Object.values(ENGINES).some(({ name, machine }) => name === engine && machine !== undefined)

export type Examined = Technology & { readonly exam: NonNullable<Technology['exam']> }

/** Engines of Glovebox of which the exam can say anything. */
export const examinedEngines = (technologies: readonly Technology[]): Examined[] =>
  technologies.filter((one): one is Examined => !one.foreign && benefitOf(one) !== undefined)

export const isExaminedMachine = ({ exam }: Examined): boolean => isMachine(exam.subject.engine)

/** Other sandboxes of which the exam can say anything. */
export const examinedOthers = (technologies: readonly Technology[]): Examined[] =>
  technologies.filter((one): one is Examined => one.foreign && benefitOf(one) !== undefined)

export const breachesIn = ({ exam }: Examined, asset?: Asset): Finding[] =>
  exam.findings.filter((one) => one.verdict === 'breach' && (asset === undefined || one.asset === asset))

export const findingOf = ({ exam }: Examined, probe: string): Finding | undefined =>
  exam.findings.find((one) => one.probe === probe)

export const stateOf = ({ exam }: Examined, asset: Asset) =>
  assetState(exam.findings.filter((finding) => finding.asset === asset))

/** Of these breaches of another, those that were shown to be held by each of them. */
export const shutByAll = (engines: readonly Examined[], breaches: readonly Finding[]): Finding[] =>
  breaches.filter(({ probe }) => engines.every((one) => findingOf(one, probe)?.verdict === 'held'))

/** `vm (emulated)`: said wherever a figure of it stands. */
export const marked = (name: string, emulated: boolean): string => `${name}${emulated ? ' (emulated)' : ''}`
export const nameOf = (technology: Technology): string => marked(technology.name, isEmulated(technology))
export const sideName = ({ subject, emulated }: SideResult): string => marked(subject.name, emulated)
