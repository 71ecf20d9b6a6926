import type { Probe } from '../../types.ts'
import { keepReading } from './keep-reading.ts'
import { pasteConsole } from './paste-console.ts'
import { pushInput } from './push-input.ts'
import { show } from './show.ts'

export const TERMINAL: readonly Probe[] = [pushInput, pasteConsole, keepReading, show]
