import type { AptSource } from './apt-sources.ts'
import { ENGINE_LABEL, GRANTS_LABEL, NETWORK_LABEL } from './manifest.ts'
import { isLockedVendor, type LockedSource, type LockedVendor } from './package-lock.ts'
import type { Recipe } from './recipe-types.ts'

/** Where an image's packages came from; a recipe on top of it goes on from there. */
export const SOURCES_LABEL = 'org.glovebox.sources'
/** Software that came from files beside the recipe, of all recipes that the image stands on. */
export const VENDOR_LABEL = 'org.glovebox.vendor'
/** Name of the recipe that made the image. */
export const RECIPE_LABEL = 'org.glovebox.recipe'

/** A source of packages, and what it held. */
export type PackageSource = AptSource & LockedSource

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

type Config = Readonly<Record<string, unknown>>

/** The `config` object of a built image (image-spec config.md): the base's, with what the recipe says over it. */
export function configOf(
  recipe: Recipe,
  base: Config,
  sources: readonly PackageSource[],
  vendor: readonly LockedVendor[],
): Config {
  const labels: Record<string, string> = { ...textsOf(base['Labels']), [RECIPE_LABEL]: recipe.name }
  if (sources.length > 0) labels[SOURCES_LABEL] = JSON.stringify(sources)
  const allVendor = [...vendorIn(base), ...vendor]
  if (allVendor.length > 0) labels[VENDOR_LABEL] = JSON.stringify(allVendor)
  if (recipe.needs.length > 0) labels[GRANTS_LABEL] = recipe.needs.join(',')
  if (recipe.network !== undefined) labels[NETWORK_LABEL] = recipe.network
  if (recipe.engine !== undefined) labels[ENGINE_LABEL] = recipe.engine
  /* As in a Dockerfile: a new entrypoint makes the base's command meaningless. */
  const command = recipe.command ?? (recipe.entrypoint === undefined ? base['Cmd'] : undefined)
  return {
    ...pick('User', recipe.user?.name ?? base['User']),
    Env: environment(base['Env'], recipe.env),
    ...pick('Entrypoint', recipe.entrypoint ?? base['Entrypoint']),
    ...pick('Cmd', command),
    ...pick('WorkingDir', recipe.workdir ?? recipe.user?.home ?? base['WorkingDir']),
    Labels: labels,
  }
}

const pick = (name: string, value: unknown): Config => (value === undefined ? {} : { [name]: value })

function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function environment(base: unknown, own: Readonly<Record<string, string>>): string[] {
  const before = Array.isArray(base) ? base.filter((one): one is string => typeof one === 'string') : [PATH]
  const kept = before.filter((one) => own[one.slice(0, one.indexOf('='))] === undefined)
  return [...kept, ...Object.entries(own).map(([name, value]) => `${name}=${value}`)]
}

/** What the label of a base says of its sources; it comes from an image and is checked. */
export const sourcesIn = (config: Config): PackageSource[] => listIn(config, SOURCES_LABEL).filter(isSource)

/** The same, of software from files. */
export const vendorIn = (config: Config): LockedVendor[] =>
  listIn(config, VENDOR_LABEL).filter(isLockedVendor)

function listIn(config: Config, name: string): unknown[] {
  const label = textsOf(config['Labels'])[name]
  if (label === undefined) return []
  try {
    const list: unknown = JSON.parse(label)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

function isSource(value: unknown): value is PackageSource {
  const { url, suite, components, inRelease, dateSeconds } = (value ?? {}) as Record<string, unknown>
  return (
    /^(https?|file|copy):\/\/?[^\s[\]]+$/.test(String(url)) &&
    /^[a-z][a-z0-9./-]*$/.test(String(suite)) &&
    Array.isArray(components) &&
    components.every((one) => /^[a-z][a-z-]*$/.test(String(one))) &&
    /^[0-9a-f]{64}$/.test(String(inRelease)) &&
    Number.isSafeInteger(dateSeconds)
  )
}
