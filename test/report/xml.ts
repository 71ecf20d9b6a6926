import assert from 'node:assert/strict'

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** Legal characters of XML 1.0 (2.2), with references resolved; fails on anything that is not well-formed. */
function resolve(raw: string): string {
  assert.doesNotMatch(raw, /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u, 'an illegal character')
  assert.doesNotMatch(raw, /</, 'markup in text')
  assert.doesNotMatch(raw, /\]\]>/, 'the end of a CDATA section in text')
  return raw.replace(/&(?:([\w#]+);)?/g, (whole, name: string) => {
    assert.ok(ENTITIES[name] !== undefined, `a reference to nothing: ${whole}`)
    return ENTITIES[name] ?? ''
  })
}

/** A strict reader of the XML that reports use: elements, attributes in double quotes, text. Enough to see that it is well-formed. */
export function readXml(document: string): { root: XmlElement; text: string } {
  const top: XmlElement = { name: '', attributes: {}, children: [] }
  const open = [top]
  let text = ''
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  for (const [, tag, content] of body.matchAll(/<([^>]*)>|([^<]+)/g)) {
    if (tag === undefined) text += resolve(content ?? '')
    else if (tag.startsWith('/')) assert.equal(open.pop()?.name, tag.slice(1))
    else {
      const found = /^([a-z][\w-]*)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)$/.exec(tag)
      assert.ok(found, `a tag that is none: ${tag}`)
      const [, name = '', attributes = '', closed] = found
      const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(
        ([, key = '', value = '']) => [key, resolve(value)] as const,
      )
      assert.equal(new Set(pairs.map(([key]) => key)).size, pairs.length, 'an attribute twice')
      const element: XmlElement = { name, attributes: Object.fromEntries(pairs), children: [] }
      open.at(-1)?.children.push(element)
      if (closed === '') open.push(element)
    }
  }
  assert.deepEqual([open.length, top.children.length], [1, 1], 'one root, and every element closed')
  const [root] = top.children
  assert.ok(root)
  return { root, text }
}
