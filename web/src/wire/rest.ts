/**
 * The gateway's REST, typed.
 *
 * 64-bit ids are decimal strings. A refusal is a `Refused` with the sentence of its problem document.
 */

import { token } from "./access.ts";

export interface Content {
  readonly id: string;
  readonly title: string;
  readonly kind: "video" | "lesson";
  readonly length_ms: number;
  /** Empty without a file or an address. */
  readonly media_url: string;
  readonly created_at: string;
}

export interface Ticket {
  readonly session_id: string;
  readonly ticket: string;
  readonly expires_at: string;
  readonly websocket_path: string;
}

export interface Heatmap {
  readonly seconds: readonly number[];
  readonly starts: number;
  readonly absolute: readonly number[];
  readonly unique: readonly number[];
  readonly attention: readonly (number | null)[];
  readonly n: readonly number[];
}

/** One second of a session. */
export interface FactRow {
  /** Whole seconds since the session opened. */
  readonly t_s: number;
  /** Media position when the second began. */
  readonly media_ms: number;
  /** Media played in it; 0 = not playing. */
  readonly advance_ms: number;
  /** "focused", …; null without a verdict. */
  readonly state: string | null;
  readonly probability: number;
  readonly attention: number | null;
  readonly player: string;
  readonly visible: boolean;
  /** Verdicts in it. */
  readonly frames: number;
}

/** The class at one wall second. */
export interface PulseRow {
  readonly at_s: number;
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly present: number;
}

/** One stored session. */
export interface SessionRow {
  readonly session_id: string;
  readonly name: string;
  readonly role: string;
  readonly opened_at: string;
  readonly seen_at: string;
  readonly exit_reason: string;
  /** Media played, visible, repeats counted. */
  readonly watched_ms: number;
  readonly attention: number | null;
}

/** The gateway said no, or could not be reached. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

export async function get<T>(path: string): Promise<T> {
  return (await call(path, { method: "GET" })).json() as Promise<T>;
}

export async function post<T>(path: string, body: unknown, bearer?: string): Promise<T> {
  const init = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  };
  return (await call(path, init, bearer)).json() as Promise<T>;
}

/** Sends a file as the body. */
export async function putFile(path: string, file: File): Promise<void> {
  await call(path, {
    method: "PUT",
    body: file,
    headers: { "content-type": file.type || "application/octet-stream" },
  });
}

/** Sends last words while the page goes away. */
export function sendLastWords(
  sessionId: string,
  ticket: string,
  body: Uint8Array<ArrayBuffer>,
): void {
  void fetch(`/v1/sessions/${sessionId}/events`, {
    method: "POST",
    keepalive: true,
    body,
    headers: { authorization: `Bearer ${ticket}`, "content-type": "application/x-protobuf" },
  }).catch(() => undefined); // the page is gone: nobody is left to be told
}

async function call(path: string, init: RequestInit, bearer = token()): Promise<Response> {
  const headers = new Headers(init.headers);
  if (bearer !== null) headers.set("authorization", `Bearer ${bearer}`);
  const response = await reach(path, { ...init, headers });
  if (response.ok) return response;
  throw new Refused(response.status, await sentenceOf(response));
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw new Refused(0, "The gateway does not answer. Is ./rapt up still running?");
  }
}

async function sentenceOf(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { detail?: unknown; title?: unknown };
    if (typeof problem.detail === "string" && problem.detail !== "") return problem.detail;
    if (typeof problem.title === "string" && problem.title !== "") return problem.title;
  } catch {
    // Not a problem document: the status has to do.
  }
  return `The gateway answered ${response.status}.`;
}
