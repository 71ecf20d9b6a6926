import { HOLDER } from '../engine/types.ts'
import { GloveboxError } from '../errors.ts'
import { readRelease } from '../host/kernel.ts'
import { LearnedFacts } from '../host/learned.ts'
import { parseVersion } from '../host/tools.ts'
import { tryGvisor, versionInHolder } from '../host/trials.ts'
import { type RememberVerified, takeProgram } from '../image/tools-runtime.ts'
import type { ResolvedImage } from '../image/types.ts'
import type { ImageContext } from '../image/unpack.ts'
import type { BoxContext } from './context.ts'
import type { ToolsRuntime } from './start.ts'

const RUNSC = '/usr/bin/runsc'

/**
 * gVisor's runtime out of the tools image: taken out once, checked, and tried. What works is remembered by the
 * program's digest and the kernel's release.
 *
 * @throws GloveboxError GVISOR_UNUSABLE, and what taking it out refuses
 */
export async function readyGvisor(
  context: BoxContext,
  images: ImageContext,
  tools: ResolvedImage,
): Promise<ToolsRuntime> {
  const runtime = await lookAtGvisor(context, images, tools)
  if (runtime.platform !== undefined) return runtime
  throw new GloveboxError({
    code: 'GVISOR_UNUSABLE',
    audience: 'host',
    message: `Cannot start engine gvisor: neither systrap nor ptrace, by which runsc ${runtime.version} catches system calls, works on this machine.`,
    remedy: 'Choose another with --engine; glovebox engines says which work here.',
  })
}

/** The same, where no platform works as well. */
export async function lookAtGvisor(
  context: BoxContext,
  images: ImageContext,
  tools: ResolvedImage,
): Promise<ToolsRuntime> {
  const learned = new LearnedFacts(context.paths.facts)
  const { path, digest } = await takeProgram(images, tools, RUNSC, verifiedIn(learned))
  context.checkPrograms()
  const seen = { source: path, target: HOLDER.runtime }
  const version = learned.get(`version ${digest}`, () =>
    parseVersion(versionInHolder(seen, context.holder, context.ids)),
  )
  const platform = learned.get(`platform ${digest} ${readRelease()}`, () =>
    tryGvisor(seen, context.holder, context.ids),
  )
  return {
    ...{ name: 'runsc', path, version: version ?? 'unknown', digest },
    ...(platform === undefined ? {} : { platform }),
  }
}

const verifiedIn =
  (learned: LearnedFacts): RememberVerified =>
  async (digest, stamp, verify) => {
    const key = `verified ${digest} ${stamp}`
    if (learned.get(key, () => undefined) !== undefined) return true
    return (await verify()) && learned.get(key, () => 'yes') !== undefined
  }
