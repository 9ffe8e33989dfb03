import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UploadFileListener, UploadFileRequest } from '../src/index.js'
import { CometChatException } from '../src/exception.js'

const file = (text) => new File([text], `${text}.txt`, { type: 'text/plain' })

/** A server that grants every form, and answers each by a script: the file's text tells which. */
function server(script = {}) {
  const asked = []
  const sent = []
  const call = async ({ path, body }) => {
    asked.push([path, body.receiver, body.receiverType])
    const [[id, { name }]] = Object.entries(body.files)
    if (name === 'refused.txt')
      return { data: { [id]: { error: { code: 'ERR_FILE_SIZE_EXCEEDED', message: 'x' } } } }
    return { data: { [id]: { request: { url: `u/${id}`, body: { token: `t-${id}` } } } } }
  }
  const sendForm = async (url, form, onProgress) => {
    assert.equal([...form.keys()].at(-1), 'file', 'the file is the last part')
    const text = await form.get('file').text()
    sent.push([url, form.get('token'), text])
    onProgress(text.length, text.length)
    const answer = script[text]?.shift()
    if (answer === 'away') throw new TypeError('no network')
    return (
      answer ?? {
        status: 200,
        text: JSON.stringify({ data: { attachment: { url: `m/${text}`, name: text } } })
      }
    )
  }
  return { asked, sent, request: new UploadFileRequest(call, sendForm, 'bob', 'user') }
}

const upload = (request, files) =>
  new Promise((resolve) => {
    const events = []
    const note =
      (kind) =>
      (id, ...more) =>
        events.push([kind, id, more[0]?.code ?? more.at(-1)?.url ?? more.at(-1)])
    request.uploadAttachments(
      files,
      new UploadFileListener({
        onFileProgress: note('progress'),
        onFileUploaded: note('uploaded'),
        onFileError: note('error'),
        onFileFailure: note('failure'),
        onComplete: (result) => resolve({ events, result })
      })
    )
  })

test('each file gets a form of its own, and its attachment goes into a message', async () => {
  const { asked, sent, request } = server()
  const { events, result } = await upload(request, [{ fileId: 'a', file: file('one') }])
  assert.deepEqual(asked, [['files/upload-url', 'bob', 'user']])
  assert.deepEqual(sent, [['u/a', 't-a', 'one']])
  assert.deepEqual(events, [
    ['progress', 'a', 100],
    ['uploaded', 'a', 'm/one']
  ])
  assert.equal(result.successful.length, 1)
  assert.deepEqual(
    request.getAttachments().map(({ url }) => url ?? ''),
    ['m/one']
  )
})

test('what is refused stays refused, and what did not arrive may be sent again', async () => {
  const { request } = server({
    gone: ['away'],
    bad: [{ status: 415, text: '{"error":{"code":"ERR_FILE_TYPE_REFUSED","message":"no"}}' }],
    full: [{ status: 502, text: '<html>' }]
  })
  const files = ['gone', 'bad', 'full', 'refused'].map((text) => ({
    fileId: text,
    file: file(text)
  }))
  const { result } = await upload(request, files)
  assert.deepEqual(result.rejected.map(({ fileId, error }) => [fileId, error.code]).sort(), [
    ['bad', 'ERR_FILE_TYPE_REFUSED'],
    ['refused', 'ERR_FILE_SIZE_EXCEEDED']
  ])
  assert.deepEqual(result.failed.map(({ fileId }) => fileId).sort(), ['full', 'gone'])
  assert.ok(result.failed.every(({ error }) => error instanceof CometChatException))
  assert.equal(request.getAttachment('gone'), null)
  request.retryAttachment('gone')
  request.retryAttachment('bad')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(request.getAttachments().length, 1, 'only what had not arrived is sent again')
})

test('no more files are on their way at once than was said', async () => {
  let moving = 0
  let most = 0
  const call = async ({ body }) => ({
    data: { [Object.keys(body.files)[0]]: { request: { url: 'u' } } }
  })
  const sendForm = async () => {
    most = Math.max(most, ++moving)
    await new Promise((resolve) => setImmediate(resolve))
    moving -= 1
    return { status: 200, text: '{"data":{"attachment":{"url":"m"}}}' }
  }
  const request = new UploadFileRequest(call, sendForm, 'trip', 'group').setConcurrency(2)
  const files = Array.from({ length: 7 }, (_, i) => ({ fileId: `${i}`, file: file('x') }))
  await upload(request, files)
  assert.equal(most, 2)
})
