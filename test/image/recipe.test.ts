import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { parseRecipe } from '../../src/image/recipe.ts'
import { recipeJsonSchema } from '../../src/image/recipe-schema.ts'

const root = new URL('../../', import.meta.url)

function problems(text: string, file = 'web.yaml'): string[] {
  try {
    parseRecipe(text, file)
  } catch (error) {
    assert.ok(error instanceof GloveboxError)
    assert.equal(error.code, 'RECIPE_INVALID')
    assert.equal(error.audience, 'usage')
    const found = error.details['problems'] as { line: number; column: number; message: string }[]
    return found.map(({ line, column, message }) => `${line}:${column}: ${message}`)
  }
  return []
}

test('a short recipe is enough, and says everything once it is read', () => {
  assert.deepEqual(parseRecipe('base: {debian: trixie}\n', '/some/where/web.yaml'), {
    name: 'web',
    base: { debian: { suite: 'trixie', components: ['main'], variant: 'minbase' } },
    packages: [],
    files: [],
    vendor: [],
    env: {},
    needs: [],
  })
})

test('every field of a recipe is read', () => {
  const recipe = parseRecipe(
    `
name: web
base: {recipe: base}
packages: [vim, "libc6:amd64", hello=2.10-3+b1]
files:
  - {path: /etc/motd, content: hi, mode: 0600, owner: {uid: 7}}
  - {path: /opt/x, source: x.bin, mode: "755"}
vendor:
  - deb: a.deb
  - {appimage: b.AppImage, name: b}
  - {tarball: c.tar.xz, name: c, link: bin/c}
user: {name: me, uid: 1234}
command: [web, --now]
entrypoint: [/usr/bin/env]
env: {VERSION: 1.10, DEBUG: yes, EMPTY: ""}
workdir: /srv
needs: [user-namespaces]
`,
    'web.yaml',
  )
  assert.deepEqual(recipe.files, [
    { path: '/etc/motd', from: { content: 'hi' }, mode: 0o600, owner: { uid: 7, gid: 0 } },
    { path: '/opt/x', from: { source: 'x.bin' }, mode: 0o755, owner: { uid: 0, gid: 0 } },
  ])
  assert.deepEqual(recipe.vendor, [
    { deb: 'a.deb' },
    { appimage: 'b.AppImage', name: 'b' },
    { tarball: 'c.tar.xz', name: 'c', link: 'bin/c' },
  ])
  assert.deepEqual(recipe.env, { VERSION: '1.10', DEBUG: 'yes', EMPTY: '' })
  assert.deepEqual(recipe.user, { name: 'me', uid: 1234, home: '/home/me' })
})

const wrong: readonly (readonly [claim: string, text: string, problem: RegExp])[] = [
  [
    'an unknown field is shown, with the one that was meant',
    'base: {debian: trixie}\npakages: [a]\n',
    /^2:1: "pakages" is no field of a recipe; packages was probably meant$/,
  ],
  [
    'an unknown field deep inside too',
    'base:\n  debian:\n    suite: trixie\n    miror: x\n',
    /^4:5: "miror" is no field of base\.debian; mirror was probably meant$/,
  ],
  ['a missing base', 'name: x\n', /^1:1: base is missing/],
  [
    'two bases',
    'base:\n  debian: trixie\n  tar: x.tar\n',
    /^3:8: base\.tar needs exactly one of .*, but has debian and tar$/,
  ],
  ['an empty base', 'base: {}\n', /^1:7: base needs exactly one of/],
  ['a value of the wrong kind', 'base: {debian: trixie}\npackages: vim\n', /^2:11: packages must be a list$/],
  ['a base of the wrong kind', 'base: {debian: [x]}\n', /^1:16: base\.debian must be a text or a mapping/],
  [
    'a package name with a blank',
    'base: {debian: trixie}\npackages:\n  - vim\n  - "a b"\n',
    /^4:5: packages\[1\] must be a Debian package name/,
  ],
  [
    'a package name that apt would take for an option',
    'base: {debian: trixie}\npackages: ["-o=x"]\n',
    /^2:12: packages\[0\] must be/,
  ],
  [
    'a relative path',
    'base: {debian: trixie}\nfiles: [{path: etc/x, content: ""}]\n',
    /^2:16: files\[0\]\.path must be an absolute path/,
  ],
  [
    'a path that climbs',
    'base: {debian: trixie}\nfiles: [{path: /etc/../x, content: ""}]\n',
    /must not hold/,
  ],
  [
    'a path below a mount of the box',
    'base: {debian: trixie}\nfiles: [{path: /proc/x, content: ""}]\n',
    /mount of its own/,
  ],
  [
    'a set-user-id mode',
    'base: {debian: trixie}\nfiles: [{path: /x, content: "", mode: 4755}]\n',
    /^2:39: files\[0\]\.mode must be three octal digits/,
  ],
  [
    'content and source at once',
    'base: {debian: trixie}\nfiles: [{path: /x, content: "", source: y}]\n',
    /exactly one of content and source/,
  ],
  [
    'a tarball without a name',
    'base: {debian: trixie}\nvendor: [{tarball: x.tgz}]\n',
    /^2:10: vendor\[0\] needs a name/,
  ],
  [
    'a link out of the tarball',
    'base: {debian: trixie}\nvendor: [{tarball: x.tgz, name: x, link: ../../bin/sh}]\n',
    /inside the tarball/,
  ],
  [
    'a grant that does not exist',
    'base: {debian: trixie}\nneeds: [root]\n',
    /^2:9: needs\[0\] must be one of user-namespaces$/,
  ],
  [
    'an image reference of the host’s storage',
    'base: {image: "dir:/etc"}\n',
    /^1:15: base\.image must begin with docker:/,
  ],
  [
    'a variable with a strange name',
    'base: {debian: trixie}\nenv: {"A-B": x}\n',
    /^2:\d+: env\.A-B is no field/,
  ],
  [
    'the root user as the account',
    'base: {debian: trixie}\nuser: {name: me, uid: 0}\n',
    /^2:23: user\.uid is less than the 1 allowed$/,
  ],
  ['a tab for indentation', 'base:\n\tdebian: trixie\n', /^2:1: /],
  ['a field given twice', 'base: {debian: trixie}\nname: a\nname: b\n', /^3:1: .*unique/],
  ['two documents', 'base: {debian: trixie}\n---\nbase: {debian: sid}\n', /document/],
  ['no mapping at all', '- a\n- b\n', /^1:1: must be a mapping/],
  ['nothing at all', '', /^1:1: must be a mapping/],
]
for (const [claim, text, problem] of wrong)
  test(`a recipe is refused at its line and column: ${claim}`, () => {
    const found = problems(text)
    assert.ok(
      found.some((one) => problem.test(one)),
      `${JSON.stringify(found)} has no ${problem}`,
    )
  })

test('the message names file, line and column of each problem, in the order of the file', () => {
  assert.throws(() => parseRecipe('base: {debian: trixie}\nneeds: [x]\nfoo: 1\n', 'dir/web.yaml'), {
    message:
      'The recipe has 2 problems:\n' +
      'dir/web.yaml:2:9: needs[0] must be one of user-namespaces.\n' +
      'dir/web.yaml:3:1: "foo" is no field of a recipe; it has name, description, base, packages, files, vendor, user, command, entrypoint, env, workdir, needs, network, engine.',
  })
})

test('aliases that multiply without end are refused', () => {
  const lists = Array.from(
    { length: 9 },
    (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join(', ')}]`,
  )
  assert.notDeepEqual(problems(`base: {debian: trixie}\nl0: &l0 [x]\n${lists.join('\n')}\n`), [])
})

test('the parser ends with a recipe or a named refusal, whatever it is given', () => {
  const sound = 'base: {debian: trixie}\npackages: [vim]\nfiles: [{path: /x, content: "y", mode: 0644}]\n'
  let state = 12345
  const random = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state % below
  }
  for (let run = 0; run < 500; run++) {
    const text = [...sound]
    for (let change = 0; change <= random(6); change++)
      text.splice(random(text.length), random(3), [...':{}[]-&*!|>\n\t "#x0\u0000'][random(19)] ?? '')
    assert.ok(Array.isArray(problems(text.join(''))), text.join(''))
  }
})

test('every field of the published schema is described', () => {
  const undescribed: string[] = []
  const walk = (schema: Record<string, unknown>, path: string): void => {
    for (const [name, field] of Object.entries(
      (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>,
    )) {
      if (typeof field['description'] !== 'string') undescribed.push(`${path}.${name}`)
      walk(field, `${path}.${name}`)
      walk((field['items'] ?? {}) as Record<string, unknown>, `${path}.${name}[]`)
    }
  }
  walk(JSON.parse(recipeJsonSchema()) as Record<string, unknown>, '')
  assert.deepEqual(undescribed, [])
})

test('the recipes that come along are sound, and named as their files', () => {
  const files = readdirSync(new URL('recipes/', root)).filter((name) => name.endsWith('.yaml'))
  for (const name of ['base', 'browser', 'firefox', 'shell', 'voice'])
    assert.ok(files.includes(`${name}.yaml`))
  for (const file of files) {
    const recipe = parseRecipe(readFileSync(new URL(`recipes/${file}`, root), 'utf8'), file)
    assert.equal(`${recipe.name}.yaml`, file)
    if (recipe.name !== 'base' && recipe.name !== 'tools') assert.deepEqual(recipe.base, { recipe: 'base' })
  }
})
