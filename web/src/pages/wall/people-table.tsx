/** The wall as a table: the same people, sortable, for phones and screen readers. */

import { type ReactNode, useState } from "react";
import { clock, decimal } from "../../lanes/words.ts";
import { StateWord } from "../../states/glyph.tsx";
import { type Person, secondsIn } from "./person.ts";

type Order = "seat" | "name" | "state";

export function PeopleTable({
  people,
  nowMs,
}: {
  readonly people: readonly Person[];
  readonly nowMs: number;
}): ReactNode {
  const [order, setOrder] = useState<Order>("seat");
  return (
    <table className="table">
      <caption className="sr-only">Everyone in the lesson</caption>
      <thead>
        <tr>
          <Column order="seat" by={order} choose={setOrder} label="Seat" />
          <Column order="name" by={order} choose={setOrder} label="Name" />
          <Column order="state" by={order} choose={setOrder} label="State" />
          <th scope="col" className="number">
            For
          </th>
          <th scope="col" className="number">
            Attention
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted(people, order).map((person) => (
          <tr
            key={person.seat}
            id={`seat-${person.seat}`}
            tabIndex={-1}
            data-testid="wall-row"
            data-state={person.showing}
          >
            <td>{person.seat + 1}</td>
            <th scope="row">{person.name}</th>
            <td>
              <StateWord showing={person.showing} />
            </td>
            <td className="number">{clock(secondsIn(person, nowMs))}</td>
            <td className="number">{decimal(person.attention)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Column({
  order,
  by,
  choose,
  label,
}: {
  readonly order: Order;
  readonly by: Order;
  readonly choose: (order: Order) => void;
  readonly label: string;
}): ReactNode {
  return (
    <th scope="col" aria-sort={order === by ? "ascending" : "none"}>
      <button type="button" className="sort" onClick={() => choose(order)}>
        {label}
        {order === by ? " ↓" : ""}
      </button>
    </th>
  );
}

/** By seat, name or state word; never by attention. */
function sorted(people: readonly Person[], order: Order): readonly Person[] {
  switch (order) {
    case "seat":
      return people;
    case "name":
      return [...people].sort((a, b) => a.name.localeCompare(b.name));
    case "state":
      return [...people].sort((a, b) => a.showing.localeCompare(b.showing) || a.seat - b.seat);
  }
}
