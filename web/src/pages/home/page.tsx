/** All contents, each with its heat, and the two ways to add one. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Header } from "../../shell/header.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { useTitle } from "../../shell/use-title.ts";
import { type Content, get } from "../../wire/rest.ts";
import { ContentRow } from "./content-row.tsx";
import { NewContent } from "./new-content.tsx";

export default function HomePage(): ReactNode {
  useTitle("Contents");
  const contents = useQuery({
    queryKey: ["contents"],
    queryFn: () => get<Content[]>("/v1/contents"),
    refetchInterval: 10_000,
  });
  return (
    <>
      <Header title="Rapt" />
      <main className="mx-auto max-w-[1040px] px-4 py-8">
        <h2 className="text-xl">Lessons and videos</h2>
        <p className="mb-6 max-w-[72ch] text-text-2">
          Attention, second by second, and where it was lost.
        </p>
        {contents.error !== null && <Trouble sentence={contents.error.message} />}
        {contents.data !== undefined && <ContentList contents={contents.data} />}
        <NewContent />
      </main>
    </>
  );
}

function ContentList({ contents }: { readonly contents: readonly Content[] }): ReactNode {
  if (contents.length === 0) {
    return (
      <p className="panel mb-8 px-4 py-6 text-text-2">
        Here will be every lesson and video, with the heat of its attention. Create the first one
        below, or run <code className="font-mono text-text">./rapt demo</code> for a whole class.
      </p>
    );
  }
  const newestFirst = [...contents].sort((a, b) => b.created_at.localeCompare(a.created_at));
  return (
    <ul className="panel mb-8 divide-y divide-line">
      {newestFirst.map((content) => (
        <ContentRow key={content.id} content={content} />
      ))}
    </ul>
  );
}
