/** Which page an address shows. */

import { lazy, type ReactNode, Suspense } from "react";
import { Route, Switch } from "wouter";
import { NoAccess } from "./shell/no-access.tsx";
import { NotFound } from "./shell/not-found.tsx";
import { token } from "./wire/access.ts";

const HomePage = lazy(() => import("./pages/home/page.tsx"));
const StudentPage = lazy(() => import("./pages/student/page.tsx"));
const WallPage = lazy(() => import("./pages/wall/page.tsx"));
const VideoPage = lazy(() => import("./pages/video/page.tsx"));

export function App(): ReactNode {
  if (token() === null) return <NoAccess />;
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/">
          <HomePage />
        </Route>
        <Route path="/lessons/:contentId/student">
          {({ contentId }) => <StudentPage key={contentId} contentId={contentId} />}
        </Route>
        <Route path="/wall/:contentId">
          {({ contentId }) => <WallPage key={contentId} contentId={contentId} />}
        </Route>
        <Route path="/videos/:contentId">
          {({ contentId }) => <VideoPage key={contentId} contentId={contentId} />}
        </Route>
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Suspense>
  );
}
