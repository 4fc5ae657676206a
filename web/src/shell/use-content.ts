/** One content, from the gateway. */

import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type Content, get } from "../wire/rest.ts";

export function useContent(contentId: string): UseQueryResult<Content> {
  return useQuery({
    queryKey: ["content", contentId],
    queryFn: () => get<Content>(`/v1/contents/${contentId}`),
    staleTime: 60_000,
  });
}
