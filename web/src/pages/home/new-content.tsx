/** Creates a lesson, or a video from a file or an address. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { Trouble } from "../../shell/trouble.tsx";
import { type Content, post, putFile } from "../../wire/rest.ts";
import { lengthOf } from "./media-length.ts";

interface Wish {
  readonly title: string;
  readonly kind: "lesson" | "video";
  readonly file: File | null;
  readonly mediaUrl: string;
}

async function make({ title, kind, file, mediaUrl }: Wish): Promise<Content> {
  if (kind === "lesson") return post<Content>("/v1/contents", { title, kind, length_ms: 0 });
  const source = file === null ? mediaUrl : URL.createObjectURL(file);
  try {
    const length_ms = await lengthOf(source);
    const address = file === null ? { media_url: mediaUrl } : {};
    const content = await post<Content>("/v1/contents", { title, kind, length_ms, ...address });
    if (file !== null) await putFile(`/v1/contents/${content.id}/media`, file);
    return content;
  } finally {
    if (file !== null) URL.revokeObjectURL(source);
  }
}

export function NewContent(): ReactNode {
  const [kind, setKind] = useState<Wish["kind"]>("lesson");
  const queries = useQueryClient();
  const creation = useMutation({
    mutationFn: make,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["contents"] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const file = fields.get("file");
    const wish: Wish = {
      title: String(fields.get("title") ?? "").trim(),
      kind,
      file: file instanceof File && file.size > 0 ? file : null,
      mediaUrl: String(fields.get("media_url") ?? "").trim(),
    };
    creation.mutate(wish, { onSuccess: () => form.reset() });
  };
  return (
    <section aria-labelledby="new" className="panel max-w-[560px] p-4">
      <h2 id="new" className="mb-3 text-lg">
        Add a lesson or a video
      </h2>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <KindSwitch kind={kind} choose={setKind} />
        <label>
          <span className="label">Title</span>
          <input className="field" name="title" required maxLength={200} autoComplete="off" />
        </label>
        {kind === "video" && <MediaFields />}
        {creation.error !== null && <Trouble sentence={creation.error.message} />}
        <div>
          <button type="submit" className="button button-primary" disabled={creation.isPending}>
            {creation.isPending
              ? "Creating…"
              : kind === "lesson"
                ? "Create lesson"
                : "Create video"}
          </button>
        </div>
      </form>
    </section>
  );
}

function KindSwitch({
  kind,
  choose,
}: {
  readonly kind: Wish["kind"];
  readonly choose: (kind: Wish["kind"]) => void;
}): ReactNode {
  return (
    <fieldset className="switch self-start">
      <legend className="sr-only">Kind</legend>
      <button type="button" aria-pressed={kind === "lesson"} onClick={() => choose("lesson")}>
        Lesson
      </button>
      <button type="button" aria-pressed={kind === "video"} onClick={() => choose("video")}>
        Video
      </button>
    </fieldset>
  );
}

function MediaFields(): ReactNode {
  return (
    <>
      <label>
        <span className="label">File</span>
        <input className="field" name="file" type="file" accept="video/mp4,video/webm,video/ogg" />
      </label>
      <label>
        <span className="label">Or an address on this server</span>
        <input className="field" name="media_url" placeholder="/v1/…" autoComplete="off" />
      </label>
    </>
  );
}
