/** How long a video is, asked of the browser itself. */

const PATIENCE_MS = 15_000;

/** Milliseconds; refuses what the browser cannot play. */
export function lengthOf(source: string): Promise<number> {
  if (source === "") return Promise.reject(new Error("Choose a file or give an address."));
  return new Promise((resolve, reject) => {
    const video = document.createElement("video");
    const refuse = (): void =>
      reject(new Error("This browser cannot play that video. MP4 (H.264) and WebM work."));
    const timer = setTimeout(refuse, PATIENCE_MS);
    video.preload = "metadata";
    video.onerror = refuse;
    video.onloadedmetadata = () => {
      clearTimeout(timer);
      if (Number.isFinite(video.duration)) resolve(Math.round(video.duration * 1000));
      else refuse();
    };
    video.src = source;
  });
}
