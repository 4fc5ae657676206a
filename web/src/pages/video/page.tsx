/** A video with its lanes: where attention was, where people stayed, and how I watched it myself. */

import type { ReactNode } from "react";
import { Header } from "../../shell/header.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { useContent } from "../../shell/use-content.ts";
import { useTitle } from "../../shell/use-title.ts";
import { Video } from "./video.tsx";

export default function VideoPage({ contentId }: { readonly contentId: string }): ReactNode {
  const content = useContent(contentId);
  useTitle(content.data?.title);
  if (content.data !== undefined) return <Video content={content.data} />;
  return (
    <>
      <Header title="Video" />
      <main className="mx-auto max-w-[720px] px-4 py-8">
        {content.error !== null && <Trouble sentence={content.error.message} />}
      </main>
    </>
  );
}
