// @vitest-environment happy-dom
/** The token of the link. */

import { beforeEach, expect, it } from "vitest";
import { takeToken, token } from "../../src/wire/access.ts";

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/");
});

it("leaves the address at once and stays for the tab", () => {
  history.replaceState(null, "", "/wall/7?name=Ada#token=secret");
  expect(takeToken()).toBe("secret");
  expect(location.hash).toBe("");
  expect(location.pathname + location.search).toBe("/wall/7?name=Ada");
  expect(token()).toBe("secret");
});

it("is kept when a page is opened without one", () => {
  history.replaceState(null, "", "/#token=secret");
  takeToken();
  history.replaceState(null, "", "/videos/7");
  expect(takeToken()).toBe("secret");
});

it("is missing when no link was ever opened", () => {
  expect(takeToken()).toBeNull();
});
