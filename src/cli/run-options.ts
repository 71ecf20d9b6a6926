import { ENGINE_NAMES } from '../plan/engine-names.ts'
import type { BoxAsk, BoxRequest, EngineName, Glovebox, Policy } from '../sdk.ts'
import type { OptionSpecs, OptionValues } from './command.ts'
import { POLICY_OPTIONS, policyWords } from './policy-options.ts'
import { readDuration } from './read-duration.ts'
import { usageError } from './usage-error.ts'

export const RUN_OPTIONS = {
  image: { value: 'IMAGE', short: 'i', help: 'Image to run: a name or a digest (default base)' },
  engine: {
    value: 'ENGINE',
    help: "Isolation technology: glovebox help engines. Default: the image's, else container. auto: the cheapest that holds",
    choices: [...ENGINE_NAMES, 'auto'],
  },
  require: {
    value: 'ASSETS',
    many: true,
    help: 'With --engine auto: what must be held; default files,processes,terminal,desktop,network,persistence',
  },
  budget: {
    value: 'BOUNDS',
    many: true,
    help: 'With --engine auto: what it may cost, such as start<500ms,memory<200M',
  },
  keep: { value: 'NAME', help: 'Keep what the box writes under this name; a second run goes on with it' },
  home: { value: 'NAME', help: "Keep only the user's home folder, under this name" },
  env: { value: 'NAME=VALUE', short: 'e', many: true, help: 'Set an environment variable in the box' },
  workdir: { value: 'PATH', short: 'w', help: 'Working folder in the box' },
  user: { value: 'USER', short: 'u', help: 'Run as this user of the image: NAME, UID or UID:GID' },
  hostname: { value: 'NAME', help: "The box's name for itself (default box)" },
  tty: {
    short: 't',
    negatable: true,
    help: 'Give it a terminal, or none (default: as this command has one)',
  },
  detach: { short: 'd', help: 'Run in the background; see: glovebox logs' },
  put: { value: 'SRC:DST', many: true, help: 'Copy a file or folder of this machine into the box first' },
  get: {
    value: 'SRC:DST',
    many: true,
    help: 'Copy a file or folder out of the box when the command has ended',
  },
  warm: {
    help: "Go on from a booted machine's kept memory instead of booting (engines vm and microvm); made on first use",
  },
  flows: { value: 'FILE', help: 'Append a line of JSON for each flow of its network to this file' },
  capture: { value: 'FILE', help: 'Write every frame that it sends or gets to this file, as pcapng' },
  'require-verified': {
    value: 'AGE',
    help: 'Refuse to start where no exam of this very box, kernel and tools is younger than AGE, such as 7d',
  },
  signers: { value: 'FILE', help: 'With --require-verified: it must be signed by one of these (ssh-keygen)' },
  ...POLICY_OPTIONS,
  'dry-run': { help: 'Show the plan and the OCI bundle; start nothing' },
  json: { help: 'Print JSON (with --dry-run and --detach), and errors as JSON' },
} as const satisfies OptionSpecs

/** What the options of `glovebox run` ask the SDK for. */
export function requestOf(
  options: OptionValues<typeof RUN_OPTIONS>,
  command: readonly string[],
  policy: Policy,
): BoxAsk {
  const { image, engine, keep, home, workdir, user, hostname, tty, env, warm, flows, capture } = options
  const asked = {
    ...{ image, keep, home, workdir, user, hostname, flows, capture },
    engine: engine === undefined || engine === 'auto' ? engine : engineOf(engine),
    require: options.require.length === 0 ? undefined : options.require,
    budget: options.budget.length === 0 ? undefined : options.budget,
    terminal: tty,
    warm: warm ? true : undefined,
    command: command.length === 0 ? undefined : command,
    env: env.length === 0 ? undefined : readVariables(env),
  }
  return { ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)), policy }
}

/**
 * The request with its technology; one that was chosen is told on standard error, with why.
 *
 * @throws GloveboxError CHOICE_WITHOUT_EXAM, CHOICE_WITHOUT_PRICE, NOTHING_TO_CHOOSE, REQUIRE_WITHOUT_AUTO
 */
export async function settledRequest(
  { boxes }: Glovebox,
  ask: BoxAsk,
  options: OptionValues<typeof RUN_OPTIONS>,
): Promise<BoxRequest> {
  const { request, choice } = await boxes.settle(ask, boxWords(options))
  if (choice !== undefined) {
    const { choiceLine } = await import('../report/choice-line.ts')
    process.stderr.write(`${choiceLine(choice, new Date())}\n`)
  }
  return request
}

/** The options that say image and policy, for commands that are told. */
export const boxWords = (
  options: OptionValues<typeof POLICY_OPTIONS> & { readonly image: string | undefined },
): string[] => [...(options.image === undefined ? [] : ['--image', options.image]), ...policyWords(options)]

/**
 * The request as it may be started: without --require-verified as it is.
 *
 * @throws GloveboxError EXAM_NOT_VERIFIED
 */
export async function verifiedRequest(
  { exams }: Glovebox,
  request: BoxRequest,
  options: OptionValues<typeof RUN_OPTIONS>,
): Promise<BoxRequest> {
  const { 'require-verified': age, signers } = options
  if (age === undefined && signers === undefined) return request
  if (age === undefined)
    throw usageError(
      'SIGNERS_ALONE',
      'Cannot use --signers alone: nothing is to be verified.',
      'Add --require-verified 7d',
    )
  return exams.requireVerified(request, {
    maxAgeMs: readDuration(age, '--require-verified'),
    examOptions: policyWords(options),
    ...(signers === undefined ? {} : { signers }),
  })
}

export function engineOf(name: string): EngineName {
  const found = ENGINE_NAMES.find((engine) => engine === name)
  if (found !== undefined) return found
  throw usageError(
    'UNKNOWN_ENGINE',
    `Cannot use ${JSON.stringify(name)} for --engine: there is no engine of this name.`,
    `Choose from: ${ENGINE_NAMES.join(', ')}`,
  )
}

/** `NAME=VALUE`; a bare `NAME` takes the value that it has here, as docker-run(1) does. */
export function readVariables(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.flatMap((word): [string, string][] => {
      const at = word.indexOf('=')
      if (at >= 0) return [[word.slice(0, at), word.slice(at + 1)]]
      const value = process.env[word]
      return value === undefined ? [] : [[word, value]]
    }),
  )
}
