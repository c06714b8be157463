/**
 * The works that the browser keeps, in IndexedDB: a list to show, the state of each, and its files apart, since these do
 * not change. Where the browser keeps nothing, they last as long as the page.
 */
const NAME = "describe-anything",
  PARTS = ["shelf", "states", "files"];

export async function openStore() {
  try {
    return new Store(await database());
  } catch {
    return new Memory();
  }
}

function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => PARTS.forEach((part) => asked.result.createObjectStore(part));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => reject(asked.error);
  });
}

class Store {
  constructor(db) {
    this.db = db;
  }

  /** Runs one action on the parts and waits until it is on disk. */
  run(mode, action) {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(PARTS, mode),
        asked = action(Object.fromEntries(PARTS.map((part) => [part, transaction.objectStore(part)])));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  /** Entries of the list, the newest first: {id, name, when, thumbnail, regions, video}. */
  async list() {
    const all = await this.run("readonly", ({ shelf }) => shelf.getAll());
    return all.sort((a, b) => b.when - a.when);
  }

  state(id) {
    return this.run("readonly", ({ states }) => states.get(id));
  }

  /** {frames: [{name, blob, time}], source: the file of a video} */
  files(id) {
    return this.run("readonly", ({ files }) => files.get(id));
  }

  /** @param files undefined if they are kept already */
  put(entry, state, files) {
    return this.run("readwrite", (parts) => {
      parts.shelf.put(entry, entry.id);
      parts.states.put(state, entry.id);
      if (files) parts.files.put(files, entry.id);
    });
  }

  remove(id) {
    return this.run("readwrite", (parts) => {
      for (const part of PARTS) parts[part].delete(id);
    });
  }
}

class Memory {
  all = new Map();

  async list() {
    return [...this.all.values()].map(({ entry }) => entry).sort((a, b) => b.when - a.when);
  }

  async state(id) {
    return this.all.get(id)?.state;
  }

  async files(id) {
    return this.all.get(id)?.files;
  }

  async put(entry, state, files = this.all.get(entry.id)?.files) {
    this.all.set(entry.id, { entry, state, files });
  }

  async remove(id) {
    this.all.delete(id);
  }
}
