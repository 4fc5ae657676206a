/** An error as a person needs it: what happened, what we kept, what to do. */

import type { ReactNode } from "react";

export function Trouble({ sentence }: { readonly sentence: string }): ReactNode {
  return (
    <p role="alert" className="panel border-error px-4 py-3 text-error">
      {sentence}
    </p>
  );
}
