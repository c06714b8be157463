/** What the browser keeps between visits or for a tab. One that is told to keep nothing throws when it is asked. */
export function kept(storage, name) {
  try {
    return window[storage].getItem(name);
  } catch {
    return null;
  }
}

export function keep(storage, name, value) {
  try {
    window[storage].setItem(name, value);
  } catch {
    // It is gone with the page then.
  }
}
