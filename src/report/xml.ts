/** Whatever XML 1.0 does not allow (2.2, Char), lone surrogates among it: no escape makes it well-formed, so it goes. */
const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for XML and HTML, in an element or in an attribute with quotes. Marks that turn the direction of text are made visible. */
export function escapeMarkup(text: string): string {
  return text
    .replace(ILLEGAL, '')
    .replace(
      /[\p{Cf}\u007f-\u009f\u2028\u2029]/gu,
      (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`,
    )
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

export type Attributes = Readonly<Record<string, string | number>>

/** An element with escaped attributes; `content` is markup already. */
export function element(name: string, attributes: Attributes, content: readonly string[] = []): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeMarkup(String(value))}"`)
  const inside = content.filter((part) => part !== '')
  return inside.length === 0
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${inside.join('\n')}</${name}>`
}
