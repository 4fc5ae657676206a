/**
 * The local access token: from the link, for this tab only.
 *
 * It comes in the fragment, which never leaves the browser, and is removed from the address at once.
 */

const KEY = "rapt-token";

/** Takes the token out of the address; returns the one to use, or null. */
export function takeToken(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  if (token !== null && token !== "") {
    sessionStorage.setItem(KEY, token);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
}

/** The token of this tab, or null. */
export function token(): string | null {
  return sessionStorage.getItem(KEY);
}
