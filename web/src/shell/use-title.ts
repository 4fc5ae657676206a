/** The title of the tab. */

import { useEffect } from "react";

export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? "Rapt" : `${title} · Rapt`;
  }, [title]);
}
