import type { Progress } from '../sdk.ts'

/** A step of a price; how many technologies are done says something only where there are several. */
export const priceStep = (side: string, detail: string, done: number, total: number): Progress => ({
  ...{ step: `Measure ${side}`, detail },
  ...(total > 1 ? { done, total } : {}),
})
