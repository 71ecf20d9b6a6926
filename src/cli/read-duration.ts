import { parseDuration } from '../policy/units.ts'

/** Milliseconds of the value of an option. */
export function readDuration(text: string, option: string): number {
  return parseDuration(text, { name: option, example: `${option} 10s` })
}
