/** The native player with our own control bar, whose slider is the head of the lanes below. */

import { Maximize, Minimize, Pause, Play, Subtitles, Volume2, VolumeX } from "lucide-react";
import { type CSSProperties, type ReactNode, type RefObject, useEffect, useState } from "react";
import { clock } from "../../lanes/words.ts";
import { type CrossHair, usePlayedAt } from "./cross-hair.ts";
import { RATES, usePlayer } from "./use-player.ts";

interface PlayerProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly source: string;
  readonly lengthS: number;
  readonly startS: number;
  readonly hair: CrossHair;
  readonly begin: () => void;
}

export function Player({ video, source, lengthS, startS, hair, begin }: PlayerProps): ReactNode {
  const [frame, setFrame] = useState<HTMLDivElement | null>(null);
  const player = usePlayer(video, frame, hair, begin);
  const { element } = player;
  useEffect(() => {
    if (element !== null && startS > 0) element.currentTime = startS;
  }, [element, startS]);
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
      />
      <div className="lane player-bar">
        <div className="flex items-center gap-1">
          <button
            type="button"
            className="button button-primary button-icon"
            data-testid="play"
            aria-label={player.isPlaying ? "Pause" : "Play"}
            onClick={player.toggle}
          >
            {player.isPlaying ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
          </button>
          <Position hair={hair} />
        </div>
        <Slider hair={hair} lengthS={lengthS} seek={player.seek} />
        <div className="flex items-center justify-end">
          <RateChooser rate={player.rate} choose={player.setRate} />
          {player.hasCaptions && (
            <button
              type="button"
              className="button button-quiet button-icon player-button"
              aria-pressed={player.showsCaptions}
              aria-label="Captions"
              onClick={player.toggleCaptions}
            >
              <Subtitles size={16} aria-hidden />
            </button>
          )}
          <button
            type="button"
            className="button button-quiet button-icon player-button"
            aria-label={player.isMuted ? "Sound on" : "Sound off"}
            onClick={player.toggleSound}
          >
            {player.isMuted ? <VolumeX size={16} aria-hidden /> : <Volume2 size={16} aria-hidden />}
          </button>
          <button
            type="button"
            className="button button-quiet button-icon player-button"
            aria-label={player.isFull ? "Leave full screen" : "Full screen"}
            onClick={player.toggleFull}
          >
            {player.isFull ? (
              <Minimize size={16} aria-hidden />
            ) : (
              <Maximize size={16} aria-hidden />
            )}
          </button>
        </div>
      </div>
    </div>
  );
}

function Position({ hair }: { readonly hair: CrossHair }): ReactNode {
  return <span className="ps-1 text-sm font-medium">{clock(usePlayedAt(hair))}</span>;
}

function Slider({
  hair,
  lengthS,
  seek,
}: {
  readonly hair: CrossHair;
  readonly lengthS: number;
  readonly seek: (atS: number) => void;
}): ReactNode {
  const [wishedS, setWishedS] = useState<number | null>(null);
  const playedS = usePlayedAt(hair);
  const shownS = wishedS ?? Math.min(playedS, lengthS);
  const commit = (): void => {
    if (wishedS !== null) seek(wishedS);
    setWishedS(null);
    hair.look(null);
  };
  return (
    <input
      type="range"
      className="player-slider"
      aria-label="Position"
      aria-valuetext={`${clock(shownS)} of ${clock(lengthS)}`}
      min={0}
      max={lengthS}
      step={0.1}
      value={shownS}
      style={{ "--share": String((shownS / lengthS) * 100) } as CSSProperties}
      onChange={({ target }) => {
        setWishedS(Number(target.value));
        hair.look(Number(target.value));
      }}
      onPointerUp={commit}
      onKeyUp={commit}
      onBlur={commit}
    />
  );
}

function RateChooser({
  rate,
  choose,
}: {
  readonly rate: number;
  readonly choose: (rate: number) => void;
}): ReactNode {
  return (
    <select
      className="player-rate"
      aria-label="Speed"
      value={rate}
      onChange={({ target }) => choose(Number(target.value))}
    >
      {RATES.map((value) => (
        <option key={value} value={value}>
          {value}×
        </option>
      ))}
    </select>
  );
}
