import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Box,
  DEFAULT_POLICY,
  describePolicy,
  type Glovebox,
  GloveboxError,
  type OnProgress,
} from '../sdk.ts'
import type { PageFiles } from './page-files.ts'
import { printLine } from './print.ts'
import { withProgress } from './progress.ts'

/** Where the page lies in the box: the folder of the box's own user. */
const IN_BOX = '/home/user/try'

/** The browser's own sandbox stays on: the box is the second wall, not the only one. */
const POLICY = { ...DEFAULT_POLICY, network: 'none' as const, grants: ['user-namespaces'] as const }

/** Long enough for the slowest machine; a page that never ends is ended. */
const VIRTUAL_TIME_MS = 20_000
const DEADLINE_MS = 180_000

/** Renders a page with Chromium in a disposable box, and brings a screenshot and a PDF out. */
export async function renderPage(
  glovebox: Glovebox,
  { page: source, folder }: PageFiles,
  signal: AbortSignal,
): Promise<undefined> {
  const request = { image: 'browser', policy: POLICY }
  const results = await withProgress(async (onProgress) => {
    await buildBrowser(glovebox, { onProgress, signal })
    onProgress({ step: 'Start a box and hand the page in' })
    await using box = await glovebox.boxes.create(request, { signal })
    await (await box.exec(['mkdir', '-p', IN_BOX])).result()
    await box.copyIn(source, `${IN_BOX}/page.html`)
    onProgress({ step: 'Render the page in the box' })
    await render(box, signal)
    onProgress({ step: 'Bring the results out' })
    return await bringOut(box, folder)
  })
  printLine(`\nThe page ${source} was rendered in a box that is gone now. What came out of it:`)
  for (const path of results) printLine(`  ${path}`)
  const { plan } = await glovebox.boxes.plan(request)
  return printLine(`\n${describePolicy(plan.policy, plan.enforcement).trimEnd()}`)
}

/** Where the mirror cannot be asked, the browser of the last time will do. */
async function buildBrowser(
  glovebox: Glovebox,
  options: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await glovebox.images.build('browser', options)
  } catch (error) {
    if (!(error instanceof GloveboxError) || error.code !== 'MIRROR_UNREACHABLE') throw error
    if (!(await glovebox.images.list()).some(({ name }) => name === 'browser')) throw error
    options.onProgress?.({ step: 'Take the browser that is there', detail: 'the mirror cannot be asked' })
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
  if (deadline.aborted)
    throw new GloveboxError({
      code: 'RENDER_TIMEOUT',
      audience: 'box',
      message: `Cannot render the page: it was not done after ${DEADLINE_MS / 1000} seconds, and was ended.`,
      remedy: 'See whether it has a script that never ends.',
    })
  throw new GloveboxError({
    code: 'RENDER_FAILED',
    audience: 'box',
    message: `Cannot render the page: Chromium ended with ${exitCode}. ${stderr.toString().trim().split('\n').slice(-3).join(' | ')}`,
    remedy:
      'Try it by hand: glovebox run --image browser --grant user-namespaces -- chromium --headless --dump-dom …',
  })
}

async function bringOut(box: Box, folder: string): Promise<string[]> {
  const paths: string[] = []
  for (const name of ['page.png', 'page.pdf']) {
    // The one before; a box never writes over a file by itself.
    rmSync(join(folder, name), { force: true })
    paths.push(await box.copyOut(`${IN_BOX}/${name}`, folder))
  }
  return paths
}
