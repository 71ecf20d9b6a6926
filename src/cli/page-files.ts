import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../sdk.ts'
import { usageError } from './usage-error.ts'

/** What goes in and where the results go, both absolute. */
export interface PageFiles {
  readonly page: string
  readonly folder: string
}

/**
 * Looks at the page, the one that comes along where none is named, and makes the folder for the results.
 *
 * @throws GloveboxError PAGE_UNREADABLE, FOLDER_UNUSABLE
 */
export function choosePageFiles(page: string | undefined, out: string): PageFiles {
  return { page: readable(page ?? join(packageRoot(), 'share/try/page.html')), folder: writable(out) }
}

function readable(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    if (!statSync(path).isFile()) throw new Error('it is no file')
    return resolve(path)
  } catch (cause) {
    throw usageError(
      'PAGE_UNREADABLE',
      `Cannot read the page ${path}: ${(cause as Error).message}.`,
      'Name an HTML file that you can read.',
    )
  }
}

/** The folders above it must be there: a misspelt path is not made. */
function writable(path: string): string {
  const folder = resolve(path)
  try {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) mkdirSync(folder)
    accessSync(folder, constants.W_OK)
    return folder
  } catch (cause) {
    throw usageError(
      'FOLDER_UNUSABLE',
      `Cannot bring the results to ${path}: ${(cause as Error).message}.`,
      'Name a folder that you can write in, or a new one in such a folder, with --out.',
    )
  }
}
