import { GloveboxError } from '../errors.ts'

/** hostname(7): labels of letters, digits and inner hyphens with dots between; Linux takes 64 bytes (HOST_NAME_MAX). */
const HOST_NAME =
  /^(?=.{1,64}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/

/** @throws GloveboxError BAD_HOSTNAME */
export function checkHostname(name: string): string {
  if (HOST_NAME.test(name)) return name
  throw new GloveboxError({
    code: 'BAD_HOSTNAME',
    audience: 'usage',
    message: `Cannot name the box ${JSON.stringify(name)}: a host name is letters, digits and inner "-", with "." between, 64 at most.`,
    remedy: 'Choose another, as in: --hostname web-1',
  })
}

/**
 * The working folder of a process. What a user asks for must be absolute; an image's own may lack the slash.
 *
 * @throws GloveboxError BAD_WORKDIR
 */
export function chooseWorkdir(asked: string | undefined, ofImage: string, home: string): string {
  if (asked === undefined) return ofImage === '' || ofImage.startsWith('/') ? ofImage || home : `/${ofImage}`
  if (asked.startsWith('/') && !asked.includes('\0')) return asked
  throw new GloveboxError({
    code: 'BAD_WORKDIR',
    audience: 'usage',
    message: `Cannot work in ${JSON.stringify(asked)}: it is no absolute path of the box.`,
    remedy: 'Write it from the root on, as in: --workdir /work',
  })
}
