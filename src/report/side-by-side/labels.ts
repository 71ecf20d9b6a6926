/* Labels beside points, of which no two may lie on each other. */

export interface Point {
  readonly x: number
  readonly y: number
  readonly label: string
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface Placed {
  /** Left end of the words, and their base line. */
  readonly x: number
  readonly y: number
  /** It stands so far off that a line must say whose it is. */
  readonly led: boolean
}

/** Of the font that the plot is drawn with: 12 px, and a wide guess of a letter, as nobody knows the reader's font. */
const LETTER = 7
const LINE = 14
const OFF = 9

/** Tried in this order: beside the point first, then over and under it, then further and further off. */
const STEPS: readonly number[] = [0, 16, -16, 32, -32, 48, -48, 64, -64, 80, -80]

/** A place for each label, absent where there is none left: then the table has to do. */
export function placeLabels(points: readonly Point[], area: Box): (Placed | undefined)[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 6, top: y - 6, right: x + 6, bottom: y + 6 }))
  return points.map((point) => {
    const found = candidates(point).find(
      ({ box }) => isWithin(box, area) && !taken.some((one) => touches(one, box)),
    )
    if (found === undefined) return undefined
    taken.push(found.box)
    return { x: found.box.left, y: found.box.bottom - 3, led: found.led }
  })
}

function candidates({ x, y, label }: Point): { readonly box: Box; readonly led: boolean }[] {
  const width = label.length * LETTER
  const box = (left: number, middle: number): Box => ({
    ...{ left, right: left + width, top: middle - LINE / 2, bottom: middle + LINE / 2 },
  })
  return STEPS.flatMap((step) => [
    { box: box(x + OFF, y + step), led: step !== 0 },
    { box: box(x - OFF - width, y + step), led: step !== 0 },
    { box: box(x - width / 2, y + step), led: Math.abs(step) > 16 },
  ])
}

const touches = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const isWithin = (inner: Box, outer: Box): boolean =>
  inner.left >= outer.left &&
  inner.right <= outer.right &&
  inner.top >= outer.top &&
  inner.bottom <= outer.bottom
