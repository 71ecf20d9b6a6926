/** A command in lists; its definition is loaded only when it is called. */
export interface ListedCommand {
  /** As it is typed. */
  readonly name: string
  /** File below commands/, without the ending. */
  readonly file: string
  readonly summary: string
}

const listed = (name: string, summary: string): ListedCommand => ({
  name,
  file: name.replace(' ', '-'),
  summary,
})

/** Every command, in the order of `glovebox --help`. A test holds the summaries to the definitions'. */
export const COMMAND_GROUPS: readonly {
  readonly title: string
  readonly commands: readonly ListedCommand[]
}[] = [
  {
    title: 'Start here',
    commands: [
      listed('try', 'Set up, build a browser image, and render a page in a disposable box'),
      listed('setup', 'Install what is missing on this machine, after asking'),
      listed('doctor', 'Say what works on this machine, and the command that mends what does not'),
    ],
  },
  {
    title: 'Boxes',
    commands: [
      listed('run', 'Run a command in a new, disposable box'),
      listed('ps', 'List boxes'),
      listed('exec', 'Run a further command in a running box'),
      listed('logs', 'Show what a detached box has printed'),
      listed('events', 'Tell what happens to boxes'),
      listed('stop', 'End boxes'),
      listed('rm', 'Delete kept and ended boxes'),
      listed('cp', 'Copy files into a running box or out of it'),
      listed('diff', 'List what a kept box has changed'),
      listed('commit', 'Make an image of a kept box'),
      listed('gc', 'Remove what ended boxes and interrupted builds left behind'),
    ],
  },
  {
    title: 'Network',
    commands: [
      listed('network show', "Show what a running box's network lets through"),
      listed('network allow', 'Open a name or address to a running box, at once'),
      listed('network deny', 'Close a name or address to a running box, at once'),
      listed('network log', 'Tell whom a box talked to, and what it was refused'),
      listed('lab', 'Try in a small world of its own what a box reaches'),
    ],
  },
  {
    title: 'Images',
    commands: [
      listed('image build', 'Build an image from a recipe'),
      listed('image import', 'Import an OCI image, a docker archive or a root file system'),
      listed('image list', 'List images'),
      listed('image show', 'Show what an image is made of'),
      listed('image verify', 'Check images against their digests'),
      listed('image tag', 'Give an image a further name'),
      listed('image remove', 'Remove an image'),
      listed('image export', 'Write an image to a folder or archive'),
    ],
  },
  {
    title: 'Policy and engines',
    commands: [
      listed('policy show', 'Say in words what a box may do'),
      listed('engines', 'List isolation technologies, and whether they work here'),
      listed('snapshot', 'Keep the memory of a booted machine, for boxes to start from'),
      listed('snapshot list', 'List the kept memories of booted machines'),
      listed('snapshot remove', 'Remove kept memories of machines'),
      listed('tools show', 'Show the virtual machine monitors and guest kernels, with their versions'),
      listed('tools update', 'Build the virtual machine monitors and guest kernels from what is current'),
    ],
  },
  {
    title: 'The isolation exam',
    commands: [
      listed('exam', 'Prove how real the isolation is: canaries outside, probes inside'),
      listed('exam list', 'List the probes of the exam'),
      listed('exam explain', 'Say what a probe did, what it saw here, how to close it and what that costs'),
      listed('exam diff', 'Say what changed between two exams'),
      listed('exam verify', 'Check the signature of a certificate, and say what it certifies'),
    ],
  },
  {
    title: 'Price and choice',
    commands: [
      listed('price', 'Measure what the isolation costs on this machine'),
      listed('compare', 'Show what each technology gives and what it costs, side by side'),
      listed('choose', 'Name the cheapest technology that holds what you require'),
    ],
  },
  {
    title: 'Help',
    commands: [
      listed('help', 'Explain a command or a topic'),
      listed('completion', 'Print the completions for a shell'),
    ],
  },
]

export const COMMANDS: readonly ListedCommand[] = COMMAND_GROUPS.flatMap((group) => group.commands)
