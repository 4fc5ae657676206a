/** Under which name a student joins. */

import type { FormEvent, ReactNode } from "react";

const KEY = "rapt-name";

/** `?name=` in the link joins at once; otherwise the form asks. */
export function nameOfLink(): string | null {
  return new URLSearchParams(location.search).get("name")?.trim() || null;
}

export function JoinForm({
  title,
  join,
}: {
  readonly title: string;
  readonly join: (name: string) => void;
}): ReactNode {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "").trim();
    if (name === "") return;
    localStorage.setItem(KEY, name);
    join(name);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <h2 className="text-xl">Join {title}</h2>
      <label>
        <span className="label">Your name, as the teacher sees it</span>
        <input
          className="field"
          name="name"
          required
          maxLength={80}
          autoComplete="name"
          defaultValue={localStorage.getItem(KEY) ?? ""}
        />
      </label>
      <p className="text-text-2">
        The camera stays off until you switch it on. Everything here works without it.
      </p>
      <button type="submit" className="button button-primary">
        Join the lesson
      </button>
    </form>
  );
}
