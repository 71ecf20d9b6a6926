import { Markup } from './html.ts'

/** For screens by day and by night, and for paper, where every probe is open. No font, picture or script is fetched. */
export const PAGE_STYLE = new Markup(`
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1c1e21; --quiet: #5a6068; --line: #d8dce1; --raised: #f5f6f8;
  --bad: #b3141d; --bad-page: #fdeceb; --open: #7a5200; --open-page: #fdf3dc; --good: #146c34; --good-page: #e7f5ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --text: #e6e8eb; --quiet: #9ca4ad; --line: #363b42; --raised: #1e2125;
    --bad: #ff8a85; --bad-page: #3d1a1b; --open: #f0c060; --open-page: #37290c; --good: #7fd495; --good-page: #14311d;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 70rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; break-after: avoid; }
h2::first-letter { text-transform: uppercase; }
h3 { margin: 0; font-size: 1.1rem; }
p { margin: .4rem 0; }
code { font: .875em/1.4 ui-monospace, monospace; }
a { color: inherit; }
.quiet { color: var(--quiet); }
.subject { margin: 1rem 0; padding: 1rem 1.25rem; border: 1px solid var(--line); border-left: .35rem solid var(--quiet);
  border-radius: .4rem; background: var(--raised); break-inside: avoid; }
.subject.breach { border-left-color: var(--bad); }
.subject.unknown { border-left-color: var(--open); }
.subject.held { border-left-color: var(--good); }
.headline { font-size: 1.1rem; font-weight: 600; }
.breach > .headline { color: var(--bad); } .unknown > .headline { color: var(--open); } .held > .headline { color: var(--good); }
.subject ul { margin: .4rem 0; padding-left: 1.25rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .925rem; overflow-wrap: break-word; }
th, td { padding: .4rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--quiet); font-weight: 600; }
.mark { display: inline-block; padding: 0 .5rem; border-radius: .75rem; background: var(--raised); color: var(--quiet);
  font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.mark.breach { background: var(--bad-page); color: var(--bad); }
.mark.error, .mark.inconclusive { background: var(--open-page); color: var(--open); }
.mark.held { background: var(--good-page); color: var(--good); }
details { border-bottom: 1px solid var(--line); }
summary { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; padding: .5rem 0; cursor: pointer; }
summary::before { content: "▸"; color: var(--quiet); }
details[open] > summary::before { content: "▾"; }
summary .title { flex: 1 1 20rem; }
.about { padding: 0 0 1rem 1.4rem; }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: .25rem 1rem; margin: .25rem 0 .75rem; }
dt { color: var(--quiet); } dd { margin: 0; }
.controls { min-width: 18rem; }
.legend dl { grid-template-columns: 8rem 1fr; }
@media (max-width: 40rem) { dl, .legend dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } }
@media print {
  :root { --page: #fff; --text: #000; --quiet: #444; --line: #bbb; --raised: #fff; --bad: #a00; --bad-page: #fff;
    --open: #640; --open-page: #fff; --good: #052; --good-page: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  summary::before, details[open] > summary::before { content: ""; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { break-after: avoid; }
  dl, tr { break-inside: avoid; }
  .mark { border: 1px solid currentColor; }
}
`)
