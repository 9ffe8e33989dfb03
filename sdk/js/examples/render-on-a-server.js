/**
 * Server-side rendering: the first paint shows pictures at once, by URLs that this server signs
 * itself with a delegated key; the elements take over when the page's script has run.
 */

/** @import { DelegatedSigner } from '@cloakroom/sdk/signing' */

/** Long enough for the page to load, short enough that a copied URL is soon worth nothing. */
const TTL_SECONDS = 120

/**
 * @param {{ text: string, url?: string, alt?: string }[]} messages as the app's own store has them
 * @param {string} uid who will read the page: the URLs open as this user may open them
 * @param {DelegatedSigner} signer
 * @returns {Promise<string>} HTML without any token
 */
export async function renderMessages(messages, uid, signer) {
  const items = messages.map(async ({ text, url, alt = '' }) => {
    if (url === undefined) return `<li><p>${escape(text)}</p></li>`
    const { url: signed } = await signer.sign(url, { uid, ttlSeconds: TTL_SECONDS })
    // The placeholder is what a browser shows until the element is defined, and without scripts.
    return `<li><p>${escape(text)}</p>
      <cloak-img src="${escape(url)}" alt="${escape(alt)}"><img slot="placeholder" src="${escape(signed)}"
        alt="${escape(alt)}" referrerpolicy="no-referrer"></cloak-img></li>`
  })
  return `<ol>${(await Promise.all(items)).join('\n')}</ol>`
}

/** @param {string} text */
function escape(text) {
  const names = /** @type {Record<string, string>} */ ({
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;'
  })
  return text.replace(/[&<>"]/g, (character) => names[character] ?? character)
}
