/**
 * Lets the methods of an object be passed on without the object in front.
 *
 * @param {any} object
 */
export function bindMethods(object) {
  let methods = Object.getPrototypeOf(object)
  for (; methods !== Object.prototype; methods = Object.getPrototypeOf(methods)) {
    for (const name of Object.getOwnPropertyNames(methods)) {
      if (name !== 'constructor' && !Object.hasOwn(object, name)) {
        object[name] = object[name].bind(object)
      }
    }
  }
}
