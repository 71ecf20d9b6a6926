import { Markup } from '../html.ts'

/** On top of the style of the exam's page. */
export const COMPARISON_STYLE = new Markup(`
:root { --accent: #0b5cad; --accent-page: #cfe1f5; }
@media (prefers-color-scheme: dark) { :root { --accent: #82b8f5; --accent-page: #1f3d5f; } }
body { max-width: 84rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.cards .subject { margin: 0; }
.cards .headline { font-size: 1rem; }
.differs { margin: .75rem 0; padding: .5rem 1rem .5rem 2rem; border-radius: .4rem; background: var(--open-page); color: var(--open); }
.plot { display: block; width: 100%; height: auto; max-width: 54rem; margin: .5rem 0; font: 12px system-ui, sans-serif; }
.plot.small { display: none; max-width: 26rem; }
.plot text { fill: var(--text); } .plot .tick, .plot .axis { fill: var(--quiet); }
.plot .name { font-weight: 600; paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; }
.plot line { stroke: var(--line); } .plot .bare { stroke: var(--quiet); } .plot .lead { stroke: var(--quiet); }
.plot .lane { stroke: var(--quiet); stroke-dasharray: 3 3; }
.point { fill: var(--accent); stroke: var(--accent); stroke-width: 2; }
.point.emulated { fill: var(--page); }
.point.unpriced { fill: var(--quiet); stroke: var(--quiet); }
.tag { display: inline-block; padding: 0 .4rem; border: 1px solid currentColor; border-radius: .3rem; color: var(--quiet);
  font-size: .75rem; font-weight: 400; white-space: nowrap; }
.state.held { color: var(--good); } .state.breach { color: var(--bad); } .state.granted, .state.unknown { color: var(--open); }
.bar { display: block; margin: .2rem 0; }
.bar .length { fill: var(--accent-page); } .bar .interval { fill: var(--accent); } .bar .one { fill: var(--quiet); }
.bar.equal .length, .bar.unclear .length { fill: none; } .bar.equal .interval, .bar.unclear .interval { fill: var(--quiet); }
.price td + td { min-width: 10rem; } .price th[scope=row] { min-width: 9rem; }
.probes { width: auto; } .probes th[scope=row] { min-width: 14rem; }
table.sortable { overflow-wrap: normal; } .sortable th, .sortable td { padding: .35rem .55rem; } .sortable .mark { font-size: .75rem; padding: 0 .4rem; }
.wide { border: 1px solid var(--line); border-radius: .4rem; }
.wide tbody tr:last-child > * { border-bottom: 0; }
.sortable tbody th[scope=row] { position: sticky; left: 0; background: var(--page); }
.sortable th { font-weight: 600; } .sortable th .quiet { font-weight: 400; }
.sortable thead th button { padding: 0; border: 0; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer; }
.sortable thead th button::after { content: " ↕"; color: var(--quiet); }
.sortable thead th[aria-sort=ascending] button::after { content: " ↑"; }
.sortable thead th[aria-sort=descending] button::after { content: " ↓"; }
.mark { white-space: normal; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 3rem; }
  .plot.large { display: none; } .plot.small { display: block; }
  .summary td:nth-child(2), .summary td:last-child { min-width: 11rem; }
  .sortable tbody th[scope=row] { max-width: 8rem; min-width: 7rem; }
  th, td { padding: .35rem .5rem; }
}
@page { size: A4 landscape; margin: 10mm; }
@media print {
  :root { --accent: #0b4a8a; --accent-page: #cfe1f5; }
  body { font-size: 9pt; line-height: 1.3; }
  h1 { font-size: 16pt; } h2 { margin: 1.2rem 0 .4rem; font-size: 12pt; }
  .cards { grid-template-columns: repeat(auto-fill, minmax(5.5cm, 1fr)); gap: .4rem; }
  .cards .subject { padding: .4rem .7rem; }
  .plot.large { display: block; max-width: 17cm; } .plot.small { display: none; }
  .bar, .plot { print-color-adjust: exact; break-inside: avoid; }
  .wide { overflow: visible; border: 0; }
  table { font-size: 7.5pt; overflow-wrap: break-word; }
  thead { display: table-header-group; break-inside: avoid; }
  .price td + td, .price th[scope=row], .probes th[scope=row], .controls { min-width: 0; }
  .bar { max-width: 100%; }
  .sortable th, .sortable td, th, td { padding: .1rem .3rem; }
  .mark, .sortable .mark { padding: 0 .25rem; font-size: 7pt; white-space: normal; }
  .tag { font-size: 6.5pt; white-space: normal; }
  .sortable tbody th[scope=row] { position: static; }
  .sortable thead th button { display: contents; }
  .sortable thead th button::after { content: ""; }
  .cards .headline { font-size: 9pt; }
  .about { padding: 0 0 .4rem 1rem; font-size: 8pt; }
  dl { margin: 0 0 .2rem; gap: 0 1rem; } p { margin: .2rem 0; }
  summary { padding: .2rem 0; }
}
`)
