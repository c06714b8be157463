/** Light or dark, as the system is set until the button is used. */
import { keep, kept } from "./kept.js";

const THEME = "describe-anything.theme";

export function theme(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const before = kept("localStorage", THEME);
  if (before) document.documentElement.dataset.theme = before;
  button.addEventListener("click", () => {
    const dark = (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
    const next = dark ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    keep("localStorage", THEME, next);
  });
}
