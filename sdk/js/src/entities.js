/** A person of the chat app. */
export class User {
  #raw

  /** @param {Record<string, any> | string} raw as the server sent it, or a uid */
  constructor(raw) {
    this.#raw = typeof raw === 'string' ? { uid: raw } : raw
  }

  /** @returns {string} */
  getUid() {
    return this.#raw['uid']
  }

  /** @returns {string} */
  getName() {
    return this.#raw['name'] ?? ''
  }

  /** @returns {string | undefined} ready for `<img>` in embedded mode */
  getAvatar() {
    return this.#raw['avatar']
  }

  /** @returns {string | undefined} */
  getStatus() {
    return this.#raw['status']
  }

  /** @returns {string | undefined} */
  getRole() {
    return this.#raw['role']
  }

  /** @returns {Record<string, any>} as the server sent it */
  toJSON() {
    return this.#raw
  }
}

/** A conversation of many users. */
export class Group {
  #raw

  /**
   * @param {Record<string, any> | string} raw as the server sent it, or a guid
   * @param {string} [name]
   * @param {string} [type] value of `CometChat.GROUP_TYPE`
   * @param {string} [password] of a group of type `password`
   */
  constructor(raw, name, type, password) {
    this.#raw = typeof raw === 'string' ? { guid: raw, name, type, password } : raw
  }

  /** @returns {string} */
  getGuid() {
    return this.#raw['guid']
  }

  /** @returns {string} */
  getName() {
    return this.#raw['name'] ?? ''
  }

  /** @returns {string} value of `CometChat.GROUP_TYPE` */
  getType() {
    return this.#raw['type']
  }

  /** @returns {string | undefined} ready for `<img>` in embedded mode */
  getIcon() {
    return this.#raw['icon']
  }

  /** @returns {number} */
  getMembersCount() {
    return this.#raw['membersCount'] ?? 0
  }

  /** @returns {Record<string, any>} as the server sent it */
  toJSON() {
    return this.#raw
  }
}
