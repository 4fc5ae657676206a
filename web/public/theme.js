// Sets the theme before the first paint. A file of its own: the security policy allows no inline script.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("rapt-theme");
  } catch {
    // Storage refused: the system decides.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen ?? (dark ? "dark" : "light");
})();
