/** The right end of the control bar: speed, captions, sound, full screen. */

import { type LucideIcon, Maximize, Minimize, Subtitles, Volume2, VolumeX } from "lucide-react";
import type { ReactNode } from "react";
import { type PlayerControls, RATES } from "./use-player.ts";

export function Controls({ player }: { readonly player: PlayerControls }): ReactNode {
  return (
    <div className="flex items-center justify-end">
      <select
        className="player-rate"
        aria-label="Speed"
        value={player.rate}
        onChange={({ target }) => player.setRate(Number(target.value))}
      >
        {RATES.map((rate) => (
          <option key={rate} value={rate}>
            {rate}×
          </option>
        ))}
      </select>
      {player.hasCaptions && (
        <IconButton
          icon={Subtitles}
          label="Captions"
          isPressed={player.showsCaptions}
          press={player.toggleCaptions}
        />
      )}
      <IconButton
        icon={player.isMuted ? VolumeX : Volume2}
        label={player.isMuted ? "Sound on" : "Sound off"}
        press={player.toggleSound}
      />
      <IconButton
        icon={player.isFull ? Minimize : Maximize}
        label={player.isFull ? "Leave full screen" : "Full screen"}
        press={player.toggleFull}
      />
    </div>
  );
}

interface IconButtonProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly isPressed?: boolean;
  readonly press: () => void;
}

function IconButton({ icon: Icon, label, isPressed, press }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      className="button button-quiet button-icon player-button"
      aria-label={label}
      aria-pressed={isPressed}
      title={label}
      onClick={press}
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
