import type { Stress } from './result-types.ts'

/** What was measured once, as data: figures of others are shown beside ours, with their source, and never mixed with them. */
export interface History {
  readonly source: string
  readonly technologies: readonly HistoricTechnology[]
}

export interface HistoricTechnology {
  readonly name: string
  /** The kind of wall, as its authors call it. */
  readonly kind: string
  readonly losses: Readonly<Record<Stress, HistoricLoss>>
}

/** Percent of good answers that were lost; undefined where the server did not report (DNR). */
export interface HistoricLoss {
  readonly well: number | undefined
  readonly bad: number | undefined
}

/** Did not report. */
const DNR = undefined
const loss = (well: number | undefined, bad: number | undefined): HistoricLoss => ({ well, bad })

export const NEIGHBOURS_2007: History = {
  source:
    'Matthews, Hu, Hapuarachchi, Deshane, Dimatos, Hamilton, McCabe and Owens: Quantifying the Performance Isolation Properties of Virtualization Systems, ExpCS 2007, table 1',
  technologies: [
    {
      name: 'VMware',
      kind: 'VMware Workstation 5.5, full virtualization',
      losses: {
        memory: loss(0, 91.3),
        fork: loss(0, DNR),
        cpu: loss(0, 0),
        disk: loss(0, 39.8),
        transmit: loss(0, 52.9),
        receive: loss(0, 0),
      },
    },
    {
      name: 'Xen',
      kind: 'Xen 3.0, paravirtualization',
      losses: {
        memory: loss(0.03, DNR),
        fork: loss(0.04, DNR),
        cpu: loss(0.01, 0),
        disk: loss(1.67, 11.53),
        transmit: loss(0, 0.33),
        receive: loss(0.04, 0.03),
      },
    },
    {
      name: 'OpenVZ',
      kind: 'OpenVZ, a container',
      losses: {
        memory: loss(0, DNR),
        fork: loss(0.01, 87.8),
        cpu: loss(0, 0),
        disk: loss(2.52, 2.63),
        transmit: loss(21.3, 28.97),
        receive: loss(DNR, DNR),
      },
    },
  ],
}
