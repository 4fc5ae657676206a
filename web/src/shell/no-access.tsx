/** What stands here without a token: where to get the link. */

import type { ReactNode } from "react";
import { Header } from "./header.tsx";

export function NoAccess(): ReactNode {
  return (
    <>
      <Header title="Rapt" />
      <main className="mx-auto max-w-[360px] px-4 py-12">
        <h2 className="mb-2 text-xl">This page needs its link</h2>
        <p className="text-text-2">
          Open the link that <code className="font-mono text-text">./rapt up</code> prints in the
          terminal: it carries the key to this page.
        </p>
      </main>
    </>
  );
}
