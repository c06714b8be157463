/** Light or dark: as the system says, until the button says otherwise. */
const KEPT = "describe-anything.theme";

export function theme(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = localStorage.getItem(KEPT);
  if (kept) document.documentElement.dataset.theme = kept;
  button.addEventListener("click", () => {
    const dark = (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
    const next = dark ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem(KEPT, next);
  });
}
