import { factProbe } from './fact.ts'
import { firstTelling, readFirst } from './hardware.ts'

const FILES = [
  'product_uuid',
  'product_serial',
  'board_serial',
  'chassis_serial',
  'chassis_asset_tag',
  'modalias',
]
const PATHS = [
  ...FILES.map((name) => `/sys/class/dmi/id/${name}`),
  '/sys/firmware/devicetree/base/serial-number',
]

const own = (): string | undefined => firstTelling(PATHS.map((path) => readFirst(path)))

export const board = factProbe({
  id: 'identity-board',
  number: 48,
  title: 'read serial numbers of your board',
  tries:
    'Reads serial number, UUID or model as the firmware tells them, as far as this user may, and compares them with the host’s.',
  standsFor: ['ATT&CK T1082', 'DMI serial numbers'],
  closing: 'Give the box no /sys of the host.',
  price: 'Tools that list hardware find none.',
  holes: ['files'],
  verb: 'matches',
  words: PATHS,
  what: 'read what the firmware of the host tells',
  moot: () => (own() === undefined ? 'the firmware of this machine tells this user no number' : undefined),
  value: (scene) => ({ value: own() ?? scene.nonce() }),
})
