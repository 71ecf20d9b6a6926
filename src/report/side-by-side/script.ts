import { Markup } from '../html.ts'

/**
 * All that the page does with a script, and can do without: heads of tables become buttons that sort, a link to a probe opens it,
 * and paper has every probe. It has no `<` and no `&`, so that it is the same as HTML and as XML.
 */
export const PAGE_SCRIPT = new Markup(`
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells]
  const valueOf = (row, column) => {
    const cell = row.cells[column]
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value)
    return cell.classList.contains('quiet') ? undefined : cell.textContent.trim()
  }
  const order = (a, b) => typeof a === 'number' ? a - b : a.localeCompare(b, 'en', { numeric: true })
  const compare = (column, sign) => (one, other) => {
    const [a, b] = [valueOf(one, column), valueOf(other, column)]
    if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0)
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
    return sign * order(a, b)
  }
  heads.forEach((head, column) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...head.childNodes)
    head.append(button)
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending'
      for (const one of heads) one.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending')
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare(column, up ? 1 : -1)))
    })
  })
}
const openTarget = () => {
  const target = document.getElementById(location.hash.slice(1))
  if (target instanceof HTMLDetailsElement) target.open = true
}
addEventListener('hashchange', openTarget)
openTarget()
let closed = []
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('details:not([open])')]
  for (const one of closed) one.open = true
})
addEventListener('afterprint', () => {
  for (const one of closed) one.open = false
})
`)
