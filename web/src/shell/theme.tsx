/** Light or dark: the system's wish until the person chooses. */

import { Moon, Sun } from "lucide-react";
import { type ReactNode, useState } from "react";

type Theme = "light" | "dark";

function current(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

function choose(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("rapt-theme", theme);
  } catch {
    // Storage refused: the choice holds for this page.
  }
}

export function ThemeToggle(): ReactNode {
  const [theme, setTheme] = useState(current);
  const other = theme === "dark" ? "light" : "dark";
  const Icon = other === "dark" ? Moon : Sun;
  const toggle = (): void => {
    choose(other);
    setTheme(other);
  };
  return (
    <button
      type="button"
      className="button button-quiet button-icon"
      onClick={toggle}
      aria-label={`Use the ${other} theme`}
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
