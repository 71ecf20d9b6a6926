/** An option of a command. Without `value` it is a switch, with it the option takes one word. */
export interface OptionSpec {
  /** What stands for its word in help: `SIZE`, `NAME`. */
  readonly value?: string
  /** May be given several times. */
  readonly many?: true
  /** `--no-NAME` says the contrary of a switch; unsaid, it is undefined. */
  readonly negatable?: true
  readonly short?: string
  readonly help: string
  /** Words to be offered by shells. */
  readonly choices?: readonly string[]
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** What the options become: switches are booleans, repeatable ones lists. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { readonly value: string }
    ? Specs[Name] extends { readonly many: true }
      ? readonly string[]
      : string | undefined
    : Specs[Name] extends { readonly negatable: true }
      ? boolean | undefined
      : boolean
}

export interface Example {
  readonly command: string
  readonly does: string
}

/** What a command is given beside its own words. */
export interface CommandContext {
  /** Ends long work when the user presses Ctrl-C; asked for only by commands that can end in order. */
  readonly signal: () => AbortSignal
  /** Loads the definition of a command, for help and completion. */
  readonly load: (name: string) => Command
}

/** Exit code, or nothing for 0. */
export type CommandEnd = number | undefined

/** One command of `glovebox`; every file of src/cli/commands exports one as `command`. */
export interface Command {
  /** As it is typed: `run`, `image build`. */
  readonly name: string
  /** One line for lists. */
  readonly summary: string
  /** Behind the name: `[OPTIONS] [--] COMMAND [ARGUMENT…]` */
  readonly usage: string
  /** What a newcomer must know, in paragraphs. */
  readonly about: string
  readonly options: OptionSpecs
  readonly positionals: Positionals
  readonly examples: readonly Example[]
  readonly run: (input: Input<OptionSpecs>, context: CommandContext) => Promise<CommandEnd> | CommandEnd
}

/** How many words a command takes. */
export interface Positionals {
  readonly least: number
  readonly most: number
  /** What they are called in errors and completions: `BOX`, `IMAGE`. */
  readonly names: readonly string[]
  /** Words from the `leading`-th on, or behind `--`, are a command line of the user's and are not looked at. */
  readonly command?: { readonly leading: number }
}

export interface Input<Specs extends OptionSpecs> {
  readonly options: OptionValues<Specs>
  /** Words that are no options; the user's command line is apart. */
  readonly words: readonly string[]
  readonly command: readonly string[]
}

interface Definition<Specs extends OptionSpecs> extends Omit<Command, 'options' | 'run'> {
  readonly options: Specs
  readonly run: (
    input: Input<Specs>,
    context: CommandContext,
  ) => Promise<CommandEnd | undefined> | CommandEnd | undefined
}

/** Ties the type of the parsed options to what is declared. */
export function defineCommand<const Specs extends OptionSpecs>(definition: Definition<Specs>): Command {
  return definition as unknown as Command
}
