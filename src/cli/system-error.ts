import { getSystemErrorMessage } from 'node:util'
import { GloveboxError } from '../errors.ts'

/** What to do about what the system most often refuses. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'See that the path is right.',
  ENOTDIR: 'See that the path is right.',
  EISDIR: 'Name a file, not a folder.',
  EACCES: 'Name a path that you may use, or change its permissions.',
  EPERM: 'Name a path that you may use, or change its permissions.',
  EROFS: 'Name a path on a file system that can be written.',
  ENOSPC: 'Free some space on that file system, then try again.',
  EDQUOT: 'Free some of your quota on that file system, then try again.',
  EMFILE: 'Close some programs, or raise the limit: ulimit -n',
  ENFILE: 'Close some programs, then try again.',
}

/** What the system refused (a path that is not there, a full disk), in words; undefined for an error of another kind. */
export function systemError(error: unknown): GloveboxError | undefined {
  if (!(error instanceof Error) || error instanceof GloveboxError) return undefined
  const { code, errno, syscall, path } = error as NodeJS.ErrnoException
  const remedy = REMEDIES[code ?? '']
  if (code === undefined || errno === undefined || syscall === undefined || remedy === undefined)
    return undefined
  const what = path === undefined ? syscall : `${syscall} ${path}`
  return new GloveboxError({
    code: 'SYSTEM_REFUSED',
    audience: 'host',
    message: `This system refuses ${what}: ${getSystemErrorMessage(errno)}.`,
    remedy,
    details: { errno: code, syscall, ...(path === undefined ? {} : { path }) },
    cause: error,
  })
}
