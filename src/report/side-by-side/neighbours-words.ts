/* Words for neighbours, alike in the document and on the page. */

/** The year of Matthews et al. */
export const THEN = '2007'

/** Did not report, as in 2007. */
export const DNR = 'DNR'

export const historicLoss = (percent: number | undefined): string =>
  percent === undefined ? DNR : `${percent} %`
