/** Forwards bytes to a server, and breaks the connection in the middle of them. */
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect, createServer } from 'node:net'

export class CuttingProxy {
  /** How many connections it has broken. */
  broken = 0
  /** @type {Agent} its clients keep the URL, and with it the `Host`, of the server itself */
  agent = new Agent({ keepAlive: false })
  #server
  #sockets = new Set()

  constructor(server) {
    this.#server = server
  }

  /**
   * @param {number} port of the server
   * @param {number[]} breakAt how many bytes clients have sent, all together, when it breaks the
   *   connection on which they come
   */
  static async start(port, breakAt) {
    const left = [...breakAt]
    let sent = 0
    const server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1')
      const end = () => {
        client.destroy()
        upstream.destroy()
      }
      for (const socket of [client, upstream]) {
        proxy.#sockets.add(socket)
        socket.on('error', end)
        socket.on('close', () => {
          proxy.#sockets.delete(socket)
          end()
        })
      }
      client.on('data', (bytes) => {
        sent += bytes.length
        if (left.length > 0 && sent >= left[0]) {
          left.shift()
          proxy.broken += 1
          end()
        }
      })
      client.pipe(upstream)
      upstream.pipe(client)
    })
    const proxy = new CuttingProxy(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port: own } = server.address()
    proxy.agent.createConnection = () => connect(own, '127.0.0.1')
    return proxy
  }

  close() {
    this.agent.destroy()
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}
