/** The table behind a picture. */

import { type ReactNode, useState } from "react";

interface TableTwinProps {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Closed until asked for; the first column is the heading of its row. */
export function TableTwin({ caption, columns, rows }: TableTwinProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="twin" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Show as table</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
        <section className="twin-scroll" tabIndex={0} aria-label={caption}>
          <table className="table">
            <caption className="sr-only">{caption}</caption>
            <thead>
              <tr>
                {columns.map((column, i) => (
                  <th key={column} scope="col" className={i > 0 ? "number" : ""}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row[0]}>
                  {row.map((cell, i) => (
                    <td key={columns[i]} className={i > 0 ? "number" : ""}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
