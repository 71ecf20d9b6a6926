import type { Scene } from './scene.ts'
import { Session } from './session.ts'

/** The probe program on the host, beside the sandboxes: it ends with the exam. */
export const openHost = ({ program, signal }: Scene, startMs = 10_000): Promise<Session> =>
  Session.start({ argv: [program, 'probe'], startMs, signal })
