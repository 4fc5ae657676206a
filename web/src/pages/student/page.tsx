/** A student in a live lesson: what was sent, what was said about it, and why. Complete without a camera. */

import { type ReactNode, useState } from "react";
import { Header } from "../../shell/header.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { useContent } from "../../shell/use-content.ts";
import { useTitle } from "../../shell/use-title.ts";
import { JoinForm, nameOfLink } from "./join-form.tsx";
import { Lesson } from "./lesson.tsx";

export default function StudentPage({ contentId }: { readonly contentId: string }): ReactNode {
  const content = useContent(contentId);
  const [name, setName] = useState(nameOfLink);
  useTitle(content.data?.title);
  if (content.data !== undefined && name !== null) {
    return <Lesson content={content.data} name={name} />;
  }
  return (
    <>
      <Header title={content.data?.title ?? "Lesson"} />
      <main className="mx-auto max-w-[360px] px-4 py-12">
        {content.error !== null && <Trouble sentence={content.error.message} />}
        {content.data !== undefined && <JoinForm title={content.data.title} join={setName} />}
      </main>
    </>
  );
}
