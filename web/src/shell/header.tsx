/** The 48-pixel header of every page. */

import type { ReactNode } from "react";
import { Link } from "wouter";
import { ThemeToggle } from "./theme.tsx";

interface HeaderProps {
  readonly title: string;
  /** Figures or state, in the middle. */
  readonly children?: ReactNode;
  /** Always in the same corner: what is recording, live, or paused. */
  readonly pill?: ReactNode;
}

export function Header({ title, children, pill }: HeaderProps): ReactNode {
  return (
    <header className="header">
      <Link href="/" className="header-home" aria-label="Rapt, all contents">
        <img src="/icon.svg" width={24} height={24} alt="" />
      </Link>
      <h1 className="header-title">{title}</h1>
      <div className="header-middle">{children}</div>
      <div className="header-end">
        <ThemeToggle />
        {pill}
      </div>
    </header>
  );
}

/** One number of the header: value above, what it is below. */
export function Figure({
  value,
  label,
  title,
  testId,
}: {
  readonly value: ReactNode;
  readonly label: string;
  readonly title?: string;
  readonly testId?: string;
}): ReactNode {
  return (
    <div className="figure" title={title} data-testid={testId}>
      <span className="figure-value">{value}</span>
      <span className="figure-label">{label}</span>
    </div>
  );
}
