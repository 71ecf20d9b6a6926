/**
 * PATH without what depends on the working folder (an empty entry, `.`, `bin`): a command that is started in somebody
 * else's folder would take that one's newuidmap for the system's.
 */
export function searchPath(path: string | undefined = process.env['PATH']): string {
  const folders = (path ?? '').split(':').filter((folder) => folder.startsWith('/'))
  return folders.length > 0 ? folders.join(':') : '/usr/local/bin:/usr/bin:/bin'
}
