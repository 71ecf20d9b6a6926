/** Ids from `first` on, `length` of them. */
export interface Range {
  readonly first: number
  readonly length: number
}

/** An entry of /etc/subuid or /etc/subgid (subuid(5)): the owner is a login name or a uid. */
export interface SubordinateEntry extends Range {
  readonly owner: string
}

/** The largest id: 2^32 - 1 stands for "no id" in system calls (setresuid(2)). */
const MAX_ID = 2 ** 32 - 2
const NUMBER = /^\d{1,10}$/

/** Lines that are no entry are left out, as newuidmap(1) does: no range is read out of a line that it would not grant. */
export function parseSubordinate(text: string): SubordinateEntry[] {
  return text.split('\n').flatMap((line) => {
    const [owner = '', first = '', length = '', ...rest] = line.split(':')
    if (owner === '' || rest.length > 0 || !NUMBER.test(first) || !NUMBER.test(length)) return []
    const entry = { owner, first: Number(first), length: Number(length) }
    return entry.length > 0 && entry.first + entry.length - 1 <= MAX_ID ? [entry] : []
  })
}

/** The ids of /etc/passwd or /etc/group: both have theirs in the third field (passwd(5), group(5)). */
export function parseAccountIds(text: string): number[] {
  return text.split('\n').flatMap((line) => {
    const id = line.split(':')[2] ?? ''
    return NUMBER.test(id) ? [Number(id)] : []
  })
}

/** The ids that exist in this user namespace: the first and third column of uid_map (user_namespaces(7)). */
export function parseNamespaceMap(text: string): Range[] {
  return text.split('\n').flatMap((line) => {
    const [first, , length] = line.trim().split(/\s+/).map(Number)
    return first !== undefined && length !== undefined && length > 0 ? [{ first, length }] : []
  })
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first < b.first + b.length && b.first < a.first + a.length
}

export function holds(range: Range, id: number): boolean {
  return id >= range.first && id < range.first + range.length
}

/** Whether all ids of `range` exist: neighbours in the map may share it. */
export function exists(range: Range, namespace: readonly Range[]): boolean {
  let next = range.first
  const end = range.first + range.length
  while (next < end) {
    const part = namespace.find((one) => holds(one, next))
    if (part === undefined) return false
    next = part.first + part.length
  }
  return true
}

/** The first `length` ids, counted in steps of it from `lowest`, that are behind every range in `taken`. */
export function nextFreeRange(taken: readonly Range[], lowest: number, length: number): Range {
  const end = Math.max(lowest, ...taken.map((range) => range.first + range.length))
  return { first: lowest + Math.ceil((end - lowest) / length) * length, length }
}
