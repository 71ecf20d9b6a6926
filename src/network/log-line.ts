/** The fields of a line of one of the logs: whatever they are, nothing of them is trusted. */
export type Fields = Readonly<Record<string, unknown>>

/** The object of a line of JSON; undefined where it is none. Pure; never throws. */
export function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined
  } catch {
    // No JSON is no line of a log: that is what undefined says.
    return undefined
  }
}

export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0
