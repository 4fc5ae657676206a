/** Starts the page: takes the token out of the address, then draws. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./styles/main.css";
import { takeToken } from "./wire/access.ts";
import { Refused } from "./wire/rest.ts";

takeToken();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; only a gateway that does not answer is asked again.
      retry: (failures, error) => failures < 3 && !(error instanceof Refused && error.status !== 0),
      refetchOnWindowFocus: false,
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
