import { findTool } from '../host/spawn.ts'
import type { ForeignLine } from './foreign.ts'

/** Whether a ready line can be tried here at all: its tool is installed, and it is not for another user. */
export function isFor(line: ForeignLine, uid: number): boolean {
  return findTool(line.tool) !== undefined && (uid === 0 || line.rootOnly !== true)
}
