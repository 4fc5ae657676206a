/** What stands at an address that is no page. */

import type { ReactNode } from "react";
import { Link } from "wouter";
import { Header } from "./header.tsx";

export function NotFound(): ReactNode {
  return (
    <>
      <Header title="Rapt" />
      <main className="mx-auto max-w-[360px] px-4 py-12">
        <h2 className="mb-2 text-xl">Nothing is at this address</h2>
        <p>
          <Link href="/" className="link">
            All contents
          </Link>
        </p>
      </main>
    </>
  );
}
