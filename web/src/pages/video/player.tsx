/** The native player with our own control bar, whose slider is the head of the lanes below. */

import { Pause, Play } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useState } from "react";
import { clock } from "../../lanes/words.ts";
import { Controls } from "./controls.tsx";
import { type CrossHair, usePlayedAt } from "./cross-hair.ts";
import type { SharedAxis } from "./lane.tsx";
import { Slider } from "./slider.tsx";
import { type PlayerControls, usePlayer } from "./use-player.ts";

interface PlayerProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly source: string;
  readonly startS: number;
  readonly axis: SharedAxis;
  readonly begin: () => void;
}

export function Player({ video, source, startS, axis, begin }: PlayerProps): ReactNode {
  const [frame, setFrame] = useState<HTMLDivElement | null>(null);
  const [isBroken, setBroken] = useState(false);
  const player = usePlayer(video, frame, axis.hair, begin);
  const { element } = player;
  useEffect(() => {
    if (element !== null && startS > 0) element.currentTime = startS;
  }, [element, startS]);
  if (source === "" || isBroken) return <NoVideo isBroken={isBroken} />;
  return (
    <div ref={setFrame} className="player">
      {/* biome-ignore lint/a11y/useMediaCaption: captions belong to the file; the button shows them where there are any */}
      <video
        ref={player.attach}
        className="player-video"
        src={source}
        playsInline
        preload="metadata"
        onPlay={begin}
        onClick={player.toggle}
        onError={() => setBroken(true)}
      />
      <div className="lane player-bar">
        <div className="flex items-center gap-1">
          <PlayButton player={player} />
          <Position hair={axis.hair} />
        </div>
        <Slider {...axis} />
        <Controls player={player} />
      </div>
    </div>
  );
}

function NoVideo({ isBroken }: { readonly isBroken: boolean }): ReactNode {
  return (
    <p className="panel px-4 py-6 text-text-2">
      {isBroken
        ? "This browser cannot play this video, or its server does not allow it."
        : "There is no video file here."}{" "}
      The lanes below show what was watched.
    </p>
  );
}

function PlayButton({ player }: { readonly player: PlayerControls }): ReactNode {
  const Icon = player.isPlaying ? Pause : Play;
  return (
    <button
      type="button"
      className="button button-primary button-icon"
      data-testid="play"
      aria-label={player.isPlaying ? "Pause" : "Play"}
      onClick={player.toggle}
    >
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}

function Position({ hair }: { readonly hair: CrossHair }): ReactNode {
  return <span className="ps-1 text-sm font-medium">{clock(usePlayedAt(hair))}</span>;
}
