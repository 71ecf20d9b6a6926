import type { BoxRequest } from '../../src/plan/types.ts'
import { Glovebox } from '../../src/sdk.ts'

// run-box REQUEST: becomes the box of a request in JSON, as the command line does; the folders are the environment's.

const [request = '{}'] = process.argv.slice(2)
await new Glovebox().boxes.run(JSON.parse(request) as BoxRequest)
