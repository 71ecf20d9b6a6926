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

/** As SVG says it: which end of the words stands at their x. */
type Anchor = 'start' | 'middle' | 'end'

export interface Placed {
  /** Where the words are anchored, and their base line. */
  readonly x: number
  readonly y: number
  readonly anchor: Anchor
  /** It stands so far off that a line must say whose it is. */
  readonly led: boolean
}

/** Of the font that the plot is drawn with: 12 px, and a wide guess of a letter, as nobody knows the reader's font. */
const LETTER = 7.6
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
    return found.placed
  })
}

interface Candidate {
  readonly box: Box
  readonly placed: Placed
}

function candidates({ x, y, label }: Point): Candidate[] {
  const width = label.length * LETTER
  const candidate = (anchor: Anchor, at: number, left: number, step: number, led: boolean): Candidate => ({
    box: { left, right: left + width, top: y + step - LINE / 2, bottom: y + step + LINE / 2 },
    placed: { x: at, y: y + step + 4, anchor, led },
  })
  return STEPS.flatMap((step) => [
    candidate('start', x + OFF, x + OFF, step, step !== 0),
    candidate('end', x - OFF, x - OFF - width, step, step !== 0),
    candidate('middle', x, x - width / 2, step, Math.abs(step) > 16),
  ])
}

const touches = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const isWithin = (inner: Box, outer: Box): boolean =>
  inner.left >= outer.left &&
  inner.right <= outer.right &&
  inner.top >= outer.top &&
  inner.bottom <= outer.bottom
