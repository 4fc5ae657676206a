/** The teacher's wall: everyone, the pulse, and who may need a look. Afterwards: what happened, from stored facts. */

import type { ReactNode } from "react";
import { useMemo } from "react";
import { Header } from "../../shell/header.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { useContent } from "../../shell/use-content.ts";
import { useTitle } from "../../shell/use-title.ts";
import { useViewing } from "../../shell/use-viewing.ts";
import { AfterWall } from "./after.tsx";
import { LiveWall } from "./live-wall.tsx";
import { isAnyoneHere } from "./person.ts";

export default function WallPage({ contentId }: { readonly contentId: string }): ReactNode {
  const content = useContent(contentId);
  const watching = useMemo(
    () => ({ contentId, name: "Teacher", role: "teacher" as const, watchesWall: true }),
    [contentId],
  );
  const { viewing, state } = useViewing(watching);
  useTitle(content.data === undefined ? undefined : `Wall of ${content.data.title}`);
  const trouble = content.error?.message ?? (state.line === "stopped" ? state.reason : null);
  if (trouble !== null || content.data === undefined || viewing === null) {
    return (
      <>
        <Header title={content.data?.title ?? "Wall"} />
        <main className="mx-auto max-w-[720px] px-4 py-8">
          {trouble !== null && <Trouble sentence={trouble} />}
        </main>
      </>
    );
  }
  const { wall } = state.live;
  if (!wall.isReady) return <Header title={content.data.title} />;
  if (!isAnyoneHere(wall)) return <AfterWall content={content.data} />;
  const { line, live } = state;
  const { title } = content.data;
  return <LiveWall title={title} viewing={viewing} line={line} measuring={live.measuring} />;
}
