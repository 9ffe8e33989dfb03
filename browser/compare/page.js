/** Three ways to show the same list. Each runs in the page and resolves once every picture is there. */

/** How a page of CometChat's own SDK shows it: the token of this login behind each URL. */
export async function byFat({ urls, width, height }) {
  const fat = CometChat.getFat()
  return window.fill(urls.map((url) => window.picture(`${url}?fat=${fat}`, width, height)))
}

/** How users of supabase-js show it: a signed URL for each picture, one call each. */
export async function bySignedUrls({ urls, width, height, line, authToken }) {
  const sign = async (url) => {
    const answer = await fetch(`${line.apiUrl}/v3/media/presign`, {
      method: 'POST',
      headers: { appid: line.appId, authtoken: authToken, 'content-type': 'application/json' },
      body: JSON.stringify({ urls: [url] })
    })
    return (await answer.json()).data[0].presignedUrl
  }
  const pictures = urls.map(async (url) => {
    const src = await sign(url)
    return window.picture(src, width, height)
  })
  return window.fill(pictures)
}

/** Ours. */
export async function byElements({ urls, width, height }) {
  const pictures = urls.map((url) => {
    const image = document.createElement('cloak-img')
    image.setAttribute('width', width)
    image.setAttribute('height', height)
    image.src = url
    return image
  })
  return window.fill(pictures)
}

/** Runs in the page before any of them. */
export function prepare() {
  window.picture = (src, width, height) => Object.assign(new Image(width, height), { src })
  window.fill = async (pictures) => {
    const list = document.body.appendChild(document.createElement('div'))
    list.style.cssText = 'display:flex;flex-wrap:wrap;gap:2px'
    const each = pictures.map(async (coming) => {
      const picture = await coming
      list.append(picture)
      await new Promise((resolve, reject) => {
        if (picture.complete) resolve()
        picture.addEventListener('load', resolve)
        picture.addEventListener('error', () =>
          reject(new Error(`it does not load: ${picture.src}`))
        )
        picture.addEventListener('cloak-state', ({ detail }) => {
          if (detail.state === 'shown') resolve()
        })
      })
    })
    await Promise.all(each)
  }
}
