import type { Probe } from '../../types.ts'
import { accessibility } from './accessibility.ts'
import { clipboard } from './clipboard.ts'
import { gpgAgent } from './gpg-agent.ts'
import { keys } from './keys.ts'
import { microphone } from './microphone.ts'
import { opener } from './opener.ts'
import { portal } from './portal.ts'
import { screenshot } from './screenshot.ts'
import { secretService } from './secret-service.ts'
import { sshAgent } from './ssh-agent.ts'
import { systemdUnit } from './systemd-unit.ts'
import { typing } from './typing.ts'
import { wayland } from './wayland.ts'
import { x11Abstract } from './x11-abstract.ts'
import { x11Path } from './x11-path.ts'

export const DESKTOP: readonly Probe[] = [
  ...[x11Path, x11Abstract, keys, screenshot, clipboard, typing, wayland],
  ...[systemdUnit, portal, accessibility, microphone, sshAgent, secretService, gpgAgent, opener],
]
