import * as run from './commands/run.ts'
import { main } from './dispatch.ts'
import { loadCommand } from './load-command.ts'

// The launcher starts this one for `glovebox run`: each file that Node loads costs half a millisecond of a start.
void main((file) => (file === 'run' ? run : loadCommand(file)))
