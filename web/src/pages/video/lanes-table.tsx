/** The lanes as a table: one row for a few seconds each. */

import { type ReactNode, useMemo } from "react";
import { secondsPerRow } from "../../lanes/scale.ts";
import { TableTwin } from "../../lanes/table-twin.tsx";
import { clock, decimal, percent } from "../../lanes/words.ts";
import type { Heatmap } from "../../wire/rest.ts";

interface LanesTableProps {
  readonly heatmap: Heatmap;
  readonly own: readonly (number | null)[];
}

export function LanesTable({ heatmap, own }: LanesTableProps): ReactNode {
  const { seconds, starts } = heatmap;
  const perRow = secondsPerRow(seconds.length);
  const rows = useMemo(() => rowsOf(heatmap, own, perRow), [heatmap, own, perRow]);
  return (
    <TableTwin
      caption={`Means of ${perRow} s each; shares of ${starts} starts`}
      columns={[
        "At",
        "Attention",
        "n",
        "Watched (unique)",
        "Played (absolute)",
        "My own attention",
      ]}
      rows={rows}
    />
  );
}

function rowsOf(heatmap: Heatmap, own: readonly (number | null)[], perRow: number): string[][] {
  const rows: string[][] = [];
  for (let from = 0; from < heatmap.seconds.length; from += perRow) {
    const mean = (values: readonly (number | null)[]): number | null =>
      meanOf(values.slice(from, from + perRow));
    rows.push([
      clock(heatmap.seconds[from] ?? 0),
      decimal(mean(heatmap.attention)),
      String(Math.max(0, ...heatmap.n.slice(from, from + perRow))),
      percent(mean(heatmap.unique)),
      percent(mean(heatmap.absolute)),
      decimal(mean(own)),
    ]);
  }
  return rows;
}

/** Mean of what is known; null of nothing. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
