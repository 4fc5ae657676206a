/** A steady beat that hidden tabs do not slow down: timers of a page are throttled, those of a worker are not. */

const TICK_MS = 250;

setInterval(() => postMessage(null), TICK_MS);

export {};
