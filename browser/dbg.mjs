import { launchBrowser, Watch } from './harness/browser.js'
import { Demo } from './harness/demo.js'
import { PlainPage } from './harness/plain_page.js'
import { ask, attachments, clean, login, presigned, showImage } from './harness/media.js'
const adv = Number(process.argv[2] ?? 0)
const demo = await Demo.start(), b = await launchBrowser(), plain = await PlainPage.serve(demo.line.demoUrl)
try {
if (adv) await demo.advance(adv)
const c = await b.newContext(), p = await c.newPage(), w = await Watch.of(p)
await plain.open(p, demo, 'EMBEDDED'); await login(p, demo)
const f = (await attachments(p, demo)).filter(a => a.mimeType === 'image/jpeg')
console.log(f.map(a => a.name))
const first = f[0].url
w.forget()
console.log('first', await showImage(p, first))
await p.evaluate(() => CometChat.logout()); await login(p, demo)
const all = (await attachments(p, demo)).filter(a => a.mimeType === 'image/jpeg')
const second = all.find(a => clean(a.url) === clean(first)).url
console.log('second', await showImage(p, second), second === first)
console.log(w.requests(demo.line.mediaUrl).map(x => [x.status, x.conditional, x.url.slice(0, 60)]))
console.log(await ask(p, second), w.complaints)
const r = await fetch(second); console.log(r.status, [...r.headers]); const e=r.headers.get('etag'); await r.arrayBuffer()
const r2 = await fetch(second, {headers:{'if-none-match': e}}); console.log(r2.status, [...r2.headers])
} finally { await b.close(); plain.close(); await demo.stop() }
