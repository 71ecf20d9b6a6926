import type { EngineName } from '../plan/types.ts'
import { container } from './container.ts'
import { gvisor } from './gvisor.ts'
import { microvm } from './microvm.ts'
import type { Engine } from './types.ts'
import { uml } from './uml.ts'
import { vm } from './vm.ts'

/** Every technology, the quickest first. A new one is one file and one word here. */
export const ENGINES: Readonly<Record<EngineName, Engine>> = { container, gvisor, uml, microvm, vm }
