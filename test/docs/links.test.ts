import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const documents = globSync(['*.md', '{docs,guest,native,bench,test}/**/*.md'], { cwd: root }).sort()

/** `[text](target)` and `![text](target)` outside of fenced blocks. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '')
}

/** As GitHub makes them: lower case, no punctuation, hyphens for blanks. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.match(/^#{1,6} .*$/gm) ?? []
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}

let checked = 0
for (const document of documents)
  test(`every relative link of ${document} leads somewhere`, () => {
    const text = readFileSync(join(root, document), 'utf8')
    for (const link of linksOf(text).filter((target) => !/^[a-z]+:/.test(target))) {
      checked += 1
      const [path = '', anchor] = link.split('#')
      const file = path === '' ? join(root, document) : join(root, dirname(document), path)
      assert.ok(existsSync(file), `${document}: ${link}`)
      if (anchor !== undefined)
        assert.ok(anchorsOf(readFileSync(file, 'utf8')).includes(anchor), `${document}: ${link}`)
    }
  })

test('there were links to check', () => {
  assert.ok(checked > 15, `${checked} links in ${documents.length} documents`)
})
