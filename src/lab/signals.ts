/** What a terminal sends to all of its foreground: the command decides what comes of it, and the lab ends with that. */
const OF_TERMINALS = ['SIGINT', 'SIGQUIT', 'SIGHUP'] as const

export function keepThroughSignals(): void {
  for (const name of OF_TERMINALS) process.on(name, () => undefined)
}
