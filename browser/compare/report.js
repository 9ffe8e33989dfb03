/** The page of `npm run compare`. */

/**
 * @param {Map<string, Map<string, { requests: number, bytes: number, milliseconds: number }[]>>} rows
 *   by way and moment
 * @param {{ pictures: number, rounds: number, machine: string, load: number[], remarks: string,
 *   network: { latencyMs: number, megabitsPerSecond: number } }} about `load` of the machine, one
 *   number a round; `remarks` are written by hand and stand at the end
 * @returns {string} Markdown
 */
export function report(rows, { pictures, rounds, machine, load, network, remarks }) {
  const lines = [...rows].flatMap(([way, moments]) =>
    [...moments].map(([moment, costs]) => {
      const requests = median(costs.map((it) => it.requests))
      const kilobytes = median(costs.map((it) => it.bytes)) / 1000
      const times = costs.map((it) => it.milliseconds)
      const spread = `${Math.round(Math.min(...times))}, ${Math.round(Math.max(...times))}`
      const time =
        median(times) === 0 ? 'nothing to do | ' : `${Math.round(median(times))} | ${spread}`
      return `| ${moment} | ${way} | ${requests} | ${Math.round(kilobytes)} | ${time} |`
    })
  )
  return `# Performance of the JavaScript SDK

Written by \`npm run compare\` in \`browser/\`; run it on your own machine before you rely on a number.

One list of ${pictures} pictures, all of them on the screen, shown in three ways against the same server:
with \`<cloak-img>\`, in both modes; with a URL signed for each picture by a call of its own and signed again before
it ends, as users of supabase-js do; and with the token of the login behind each URL, as CometChat's
own SDK does. Rounds: ${rounds}, each way once in a round; medians, and in the last column least and
most. Network as emulated by the browser: ${network.latencyMs} ms, ${network.megabitsPerSecond} Mbit/s. Requests are calls of
the API and of the media host, without preflights; bytes are what came over the network.

On this server a copy is revalidated under any credential (\`No-Vary-Search\`), whoever made the URL.
*Elsewhere* is the same in a browser with that switched off: what the two ways cost on a server
without it.

${machine}. Load of the machine: ${Math.min(...load).toFixed(0)} to ${Math.max(...load).toFixed(0)}; where that is more
than its cores, requests and bytes repeat and times do not.

| moment | way | requests | kB | ms to the last picture | least, most |
|---|---|---|---|---|---|
${lines.sort().join('\n')}

${remarks.trim()}
`
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
