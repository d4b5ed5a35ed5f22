// Stats: animation frames, and how long after an event its picture was painted.

const KEPT_LAGS = 4000;

class Stats {
  constructor() {
    this.frames = 0; // frames received
    this.marks = 0;
    this.paints = 0; // animation frames in which something was painted
    this.lags_ms = [];
    this.waiting = []; // moments of events, in milliseconds of the page's clock
    this.offset_ms = Infinity;
    this.isWallClock = false; // whether the run's clock is that of the machine
  }

  // The run's clock is not the page's: the quickest message so far stands for no delay.
  heard(message, now_ms) {
    this.frames += message.frames.length;
    const offset_ms = now_ms - 1000 * message.now_s;
    this.offset_ms = this.isWallClock ? 0 : Math.min(this.offset_ms, offset_ms);
    for (const frame of message.frames) {
      this.marks += frame.marks.length;
      for (const mark of frame.marks) {
        if (mark.kind === "message") this.waiting.push(1000 * mark.at_s + this.offset_ms);
      }
    }
  }

  painted(now_ms) {
    this.paints += 1;
    for (const at_ms of this.waiting) this.lags_ms.push(now_ms - at_ms);
    this.waiting = [];
    if (this.lags_ms.length > KEPT_LAGS) this.lags_ms.splice(0, this.lags_ms.length - KEPT_LAGS);
  }

  reset() {
    this.lags_ms = [];
    this.waiting = [];
  }

  lag(share) {
    const sorted = [...this.lags_ms].sort((a, b) => a - b);
    return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : null;
  }

  // Animation frames a second over some time, counted by frames of its own.
  async measure(lasts_ms) {
    const began = performance.now();
    let frames = 0, now = began;
    while (now - began < lasts_ms) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      frames += 1;
      now = performance.now();
    }
    return (1000 * frames) / (now - began);
  }
}
