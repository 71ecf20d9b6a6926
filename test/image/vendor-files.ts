import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

// Software as vendors publish it, made from nothing.

const run = (program: string, words: readonly string[]): void => {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Writes files below a folder, by path; those that begin with `#!` are programs. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    chmodSync(file, content.startsWith('#!') ? 0o755 : 0o644)
  }
  return folder
}

/** A static program that says `WORD ARGUMENT`. */
export function compile(folder: string, word: string): string {
  const source = join(folder, `${word}.c`)
  writeFileSync(
    source,
    `#include <stdio.h>\nint main(int n, char **v) { printf("${word} %s\\n", n > 1 ? v[1] : ""); return 0; }\n`,
  )
  run('musl-gcc', ['-static', '-s', '-o', join(folder, word), source])
  return join(folder, word)
}

/** A program with the mark of an AppImage (at byte 8: AI, type), and a squashfs of these files behind it. */
export function appImage(folder: string, runtime: string, files: string, type = 2): string {
  const inner = join(folder, 'app.squashfs')
  run('mksquashfs', [files, inner, '-noappend', '-quiet', '-no-progress', '-all-root'])
  const head = readFileSync(runtime)
  head.write('AI', 8, 'latin1')
  head[10] = type
  const path = join(folder, `type${type}.AppImage`)
  writeFileSync(path, Buffer.concat([head, readFileSync(inner)]), { mode: 0o755 })
  return path
}

/** A .deb of these files; DEBIAN/control is among them. */
export function debPackage(path: string, files: string): string {
  run('dpkg-deb', ['--build', '--root-owner-group', files, path])
  return path
}

/** A tarball of a folder, as a vendor's machine packs it: another's ids, and nobody else may read it. */
export function tarball(path: string, folder: string): string {
  run('tar', [
    '--create',
    '--auto-compress',
    `--file=${path}`,
    '--owner=4000000',
    '--group=4000000',
    '--mode=go=',
    `--directory=${folder}`,
    '.',
  ])
  return path
}
