import { main } from './dispatch.ts'
import { loadCommand } from './load-command.ts'

void main(loadCommand)
