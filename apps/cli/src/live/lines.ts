import type { Socket } from 'node:net'

/** Longer than any command line or any screen of output; a peer that sends more without a line end is cut off. */
const longestLine = 64 * 1024 * 1024

/** Calls `each` with every JSON value that arrives, one a line; ends the connection at what is none. */
export function onLines(socket: Socket, each: (value: unknown) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) return void socket.destroy()
    for (const line of lines) {
      const value = parseLine(line)
      if (value === undefined) return void socket.destroy()
      each(value.json)
    }
  })
}

function parseLine(line: string): { readonly json: unknown } | undefined {
  try {
    const json: unknown = JSON.parse(line)
    return { json }
  } catch {
    return undefined
  }
}

export function sendLine(socket: Socket, value: object): void {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(value)}\n`)
}
