/* Where a figure stands on a line. */

export interface Scale {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}

/** Ratios, over pixels: ticks at 1, 2, 5, 10 … of which only so many are left that their words do not touch. Holds 1, the bare host. */
export function ratioScale(
  values: readonly number[],
  [from, to]: readonly [number, number],
  tickRoom = 40,
): Scale {
  const least = Math.min(1, ...values) / 1.15
  const most = Math.max(2, ...values) * 1.2
  const at = (value: number): number =>
    from + ((to - from) * Math.log(value / least)) / Math.log(most / least)
  const between = (mantissas: readonly number[]): number[] => {
    const decades = Array.from({ length: 32 }, (_, step) => 10 ** (step - 16))
    return decades
      .flatMap((decade) => mantissas.map((mantissa) => Number((mantissa * decade).toPrecision(3))))
      .filter((tick) => tick >= least && tick <= most)
  }
  const isLoose = (ticks: readonly number[]): boolean =>
    ticks.every((tick, place) => place === 0 || at(tick) - at(ticks[place - 1] ?? tick) >= tickRoom)
  const choices = [[1, 2, 5], [1, 3], [1]].map(between)
  return { at, ticks: choices.find(isLoose) ?? [1] }
}

/** To a tenth of a pixel: what is finer nobody sees, and it makes pages long. */
export const pixels = (value: number): number => Math.round(value * 10) / 10
