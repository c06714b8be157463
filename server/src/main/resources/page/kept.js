/** localStorage and sessionStorage by name. Browsers that are set to store nothing throw on every access. */
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
    // Then it lasts as long as the page.
  }
}
