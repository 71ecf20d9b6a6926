import { escapeMarkup } from './xml.ts'

/** Markup that was made here. Nothing that comes from a result can be one, as a class is not what JSON holds. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Markup | readonly Markup[]

/** A template of HTML: every value is escaped but for markup, so that forgetting it is not possible. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(strings.reduce((text, part, at) => text + write(values[at - 1] ?? '') + part))
}

function write(value: Value): string {
  if (value instanceof Markup) return value.text
  if (typeof value === 'string' || typeof value === 'number') return escapeMarkup(String(value))
  return value.map(write).join('\n')
}

export const NOTHING = new Markup('')
