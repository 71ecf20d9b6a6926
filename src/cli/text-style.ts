import { PLAIN, type TextStyle } from '../report/wrap.ts'
import { hasColour, styled } from './text.ts'

/** Lines are not made longer than this, however wide the terminal is. */
const MOST_COLUMNS = 120

/** The width of standard output, and its colours where it has any. */
export function textStyle(): TextStyle {
  const colour = hasColour(process.stdout)
  const width = process.stdout.isTTY
    ? Math.min(process.stdout.columns || PLAIN.width, MOST_COLUMNS)
    : PLAIN.width
  return { width, paint: (text, style) => styled(text, style, colour) }
}
