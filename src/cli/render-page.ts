import { accessSync, constants, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type Box,
  DEFAULT_POLICY,
  describePolicy,
  type Glovebox,
  GloveboxError,
  packageRoot,
} from '../sdk.ts'
import { printLine } from './print.ts'
import { withProgress } from './progress.ts'
import { usageError } from './usage-error.ts'

/** Where the page lies in the box: the folder of the box's own user. */
const IN_BOX = '/home/user/try'

/** The browser's own sandbox stays on: the box is the second wall, not the only one. */
const POLICY = { ...DEFAULT_POLICY, grants: ['user-namespaces'] as const }

/** Long enough for the slowest machine; a page that never ends is ended. */
const VIRTUAL_TIME_MS = 20_000
const DEADLINE_MS = 180_000

/** Renders a page with Chromium in a disposable box, and brings a screenshot and a PDF to the folder `out`. */
export async function renderPage(
  glovebox: Glovebox,
  page: string | undefined,
  out: string,
  signal: AbortSignal,
): Promise<undefined> {
  const source = readable(page ?? join(packageRoot(), 'share/try/page.html'))
  const request = { image: 'browser', policy: POLICY }
  const results = await withProgress(async (onProgress) => {
    await glovebox.images.build('browser', { onProgress, signal })
    onProgress({ step: 'Start a box and hand the page in' })
    await using box = await glovebox.boxes.create(request, { signal })
    await (await box.exec(['mkdir', '-p', IN_BOX])).result()
    await box.copyIn(source, `${IN_BOX}/page.html`)
    onProgress({ step: 'Render the page in the box' })
    await render(box, signal)
    onProgress({ step: 'Bring the results out' })
    return await bringOut(box, out)
  })
  printLine(`\nThe page ${source} was rendered in a box that is gone now. What came out of it:`)
  for (const path of results) printLine(`  ${path}`)
  const { plan } = glovebox.boxes.plan(request)
  return printLine(`\n${describePolicy(plan.policy, plan.enforcement).trimEnd()}`)
}

function readable(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    return resolve(path)
  } catch (cause) {
    throw usageError(
      'PAGE_UNREADABLE',
      `Cannot read the page ${path}: ${(cause as Error).message}.`,
      'Name an HTML file that you can read.',
    )
  }
}

async function render(box: Box, signal: AbortSignal): Promise<void> {
  const words = [
    ...['chromium', '--headless', '--disable-gpu', '--no-first-run', '--hide-scrollbars'],
    ...['--window-size=1280,1100', `--virtual-time-budget=${VIRTUAL_TIME_MS}`, '--no-pdf-header-footer'],
    ...[`--screenshot=${IN_BOX}/page.png`, `--print-to-pdf=${IN_BOX}/page.pdf`],
    `file://${IN_BOX}/page.html`,
  ]
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  const browser = await box.exec(words, { signal: AbortSignal.any([signal, deadline]) })
  browser.stdin.end()
  const { exitCode, stderr } = await browser.result()
  signal.throwIfAborted()
  if (exitCode === 0) return
  throw new GloveboxError({
    code: 'RENDER_FAILED',
    audience: 'box',
    message: `Cannot render the page: Chromium ended with ${exitCode}. ${stderr.toString().trim().split('\n').slice(-3).join(' | ')}`,
    remedy:
      'Try it by hand: glovebox run --image browser --grant user-namespaces -- chromium --headless --dump-dom …',
  })
}

async function bringOut(box: Box, out: string): Promise<string[]> {
  const folder = resolve(out)
  mkdirSync(folder, { recursive: true })
  const paths: string[] = []
  for (const name of ['page.png', 'page.pdf']) {
    // The one before; a box never writes over a file by itself.
    rmSync(join(folder, name), { force: true })
    paths.push(await box.copyOut(`${IN_BOX}/${name}`, folder))
  }
  return paths
}
