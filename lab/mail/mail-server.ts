import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface Mail {
  from: string
  to: string[]
  parsed: ParsedMail
}

export interface MailServer extends AsyncDisposable {
  /** `smtp://127.0.0.1:port` */
  url: string
  /** In the order they came, read back by another library than the one that writes them. */
  mails: Mail[]
}

/** A real SMTP server that keeps what it is sent. */
export async function openMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 50,
    onData(stream, session, callback) {
      simpleParser(stream).then((parsed) => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          parsed,
        })
        callback()
      }, callback)
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => server.close(closed)),
  }
}
