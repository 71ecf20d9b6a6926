import { corrupt, type Descriptor, parseDescriptor } from './layout.ts'
import { type Digest, ENGINE_WISHES, type ImageConfig } from './types.ts'

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json'
/** Labels of our own, in the image configuration. */
export const GRANTS_LABEL = 'org.glovebox.needs'
/** What it asks for of the network: `none` or `internet`. */
export const NETWORK_LABEL = 'org.glovebox.network'
/** The technology that it prefers. */
export const ENGINE_LABEL = 'org.glovebox.engine'

/** How a layer's bytes are packed, by media type (image-spec layer.md, and Docker's own names for the same). */
const LAYER_TYPES: Readonly<Record<string, Compression>> = {
  'application/vnd.oci.image.layer.v1.tar': 'none',
  'application/vnd.oci.image.layer.v1.tar+gzip': 'gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd': 'zstd',
  'application/vnd.docker.image.rootfs.diff.tar': 'none',
  'application/vnd.docker.image.rootfs.diff.tar.gzip': 'gzip',
}
export type Compression = 'none' | 'gzip' | 'zstd'

/** As many as overlayfs and the holder's table of layers take. */
export const MAX_LAYERS = 127

export interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly annotations: Readonly<Record<string, string>>
}

export function compressionOf(layer: Descriptor): Compression {
  const compression = LAYER_TYPES[layer.mediaType]
  if (compression === undefined)
    throw corrupt(`a layer has the unknown media type ${JSON.stringify(layer.mediaType.slice(0, 100))}`)
  return compression
}

export function parseManifest(value: unknown): Manifest {
  const { config, layers, annotations } = (value ?? {}) as Record<string, unknown>
  if (!Array.isArray(layers)) throw corrupt('its manifest lists no layers')
  if (layers.length > MAX_LAYERS)
    throw corrupt(`it has ${layers.length} layers, more than the ${MAX_LAYERS} allowed`)
  const parsed = layers.map(parseDescriptor)
  for (const layer of parsed) compressionOf(layer)
  return {
    config: parseDescriptor(config),
    layers: parsed,
    annotations: (annotations ?? {}) as Record<string, string>,
  }
}

export interface ConfigDocument {
  readonly architecture: string
  readonly os: string
  readonly created?: string
  readonly config: Readonly<Record<string, unknown>>
  readonly diffIds: readonly Digest[]
  readonly history: readonly unknown[]
}

/** The image configuration (image-spec config.md); every field that is used is checked, as it comes from anywhere. */
export function parseConfig(value: unknown): ConfigDocument {
  const { architecture, os, created, config, rootfs, history } = (value ?? {}) as Record<string, unknown>
  const diffIds = (rootfs as { diff_ids?: unknown } | undefined)?.diff_ids
  if (!Array.isArray(diffIds) || !diffIds.every((one) => /^sha256:[0-9a-f]{64}$/.test(String(one))))
    throw corrupt('its configuration names no layers')
  return {
    architecture: typeof architecture === 'string' ? architecture : 'amd64',
    os: typeof os === 'string' ? os : 'linux',
    ...(typeof created === 'string' ? { created } : {}),
    config: typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {},
    diffIds: diffIds as Digest[],
    history: Array.isArray(history) ? history : [],
  }
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export function imageConfig(document: ConfigDocument): ImageConfig {
  const { config } = document
  const labels = (config['Labels'] ?? {}) as Record<string, unknown>
  const engine = ENGINE_WISHES.find((wish) => wish === labels[ENGINE_LABEL])
  return {
    user: text(config['User']),
    workdir: text(config['WorkingDir']),
    env: texts(config['Env']),
    entrypoint: texts(config['Entrypoint']),
    cmd: texts(config['Cmd']),
    neededGrants: text(labels[GRANTS_LABEL]).split(',').filter(Boolean),
    asksNetwork: text(labels[NETWORK_LABEL]) === 'internet',
    ...(engine === undefined ? {} : { engine }),
  }
}
