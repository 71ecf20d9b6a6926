import type { Talk } from './planted-socket.ts'

/** The longest line of the Assuan protocol, in bytes. */
const MOST_LINE = 1000

/** What the agent was asked for. */
export interface AgentLog {
  /** Hashes that were signed. */
  readonly signed: string[]
}

/** A gpg-agent with one key, which asks for no passphrase: SIGKEY, SETHASH, PKSIGN (gpg-agent(1), "Agent's Assuan Protocol"). */
export function assuanTalk(keygrip: string, log: AgentLog): Talk {
  return (send) => {
    const say = (line: string): void => send(Buffer.from(`${line}\n`))
    let [key, hash] = ['', '']
    const obey = (line: string): string => {
      const [command, ...words] = line.split(' ')
      if (command === 'SIGKEY') key = words[0] ?? ''
      else if (command === 'SETHASH') hash = words[1] ?? ''
      else if (command === 'PKSIGN') return sign()
      else return 'ERR 67109139 Unknown IPC command <GPG Agent>'
      return 'OK'
    }
    const sign = (): string => {
      if (key !== keygrip || !/^[0-9A-F]{64}$/.test(hash)) return 'ERR 67108881 No secret key <GPG Agent>'
      if (log.signed.length < 100) log.signed.push(hash)
      say(`D (7:sig-val(5:eddsa(1:r32:${'r'.repeat(32)})(1:s32:${'s'.repeat(32)})))`)
      return 'OK'
    }
    say('OK Pleased to meet you')
    return (received) => {
      const lines = received.toString('latin1').split('\n')
      const rest = lines.pop() ?? ''
      for (const line of lines) say(obey(line.slice(0, MOST_LINE)))
      return rest.length > MOST_LINE ? undefined : Buffer.from(rest, 'latin1')
    }
  }
}
