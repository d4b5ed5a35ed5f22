// Time: the run so far as a slider, with what happened to it as ticks.

const TICK_ROWS = 3; // what happens at the same time stands in rows
const TICK_PX = 3;

class Timeline {
  constructor(view) {
    this.view = view;
    this.playing = null;
    this.noted = "";
    this.build();
  }

  build() {
    this.pause = button("Pause", "Stop the picture; the cluster goes on", () => this.toggle(), { className: "p2p-pause" });
    this.input = make("input", { type: "range", min: 0, max: 1, step: 0.01, value: 1, "aria-label": "Time of the run",
      oninput: () => this.scrub(Number(this.input.value)) });
    this.ticks = make("div", { className: "p2p-ticks", "aria-hidden": "true" });
    this.said = make("output", { className: "p2p-now" });
    this.speed = choice("at", [[0.01, "1/100"], [0.1, "1/10"], [0.25, "1/4"], [1, "real speed"], [4, "4 times"], [16, "16 times"]], "1", () => {});
    this.play = button("Play", "Play from here", () => this.playFrom(), { className: "p2p-play" });
    this.live = button("Live", "Back to now", () => this.view.set({ at_s: null, paused: false }), { className: "p2p-live" });
    const track = make("div", { className: "p2p-track" }, this.input, this.ticks);
    this.element = make("div", { className: "p2p-bar p2p-time", role: "group", "aria-label": "Time" }, this.pause, track, this.said, this.play, this.speed, this.live);
  }

  toggle() {
    const { settings, scene } = this.view;
    this.stop();
    if (settings.paused) this.view.set({ paused: false, at_s: null });
    else this.view.set({ paused: true, at_s: scene.at_s });
  }

  scrub(at_s) {
    this.stop();
    this.view.set({ at_s, paused: true });
  }

  playFrom() {
    if (this.playing) return this.stop();
    const { film, settings } = this.view;
    const ended = settings.at_s === null || settings.at_s >= film.last_s;
    const from_s = ended ? film.first_s : settings.at_s;
    this.playing = { from_s, began: performance.now() };
    this.view.set({ at_s: from_s, paused: true });
    this.view.wake();
  }

  stop() {
    this.playing = null;
    this.view.wake();
  }

  // Called once a frame: where playing stands now.
  advance(now) {
    if (!this.playing) return;
    const factor = Number(this.speed.querySelector("select").value);
    const { film } = this.view;
    const at_s = this.playing.from_s + (factor * (now - this.playing.began)) / 1000;
    if (at_s >= film.last_s) this.stop();
    this.view.moveTo(Math.min(at_s, film.last_s), 1 / factor);
  }

  update() {
    const { film, settings, scene } = this.view;
    const isLive = settings.at_s === null && !settings.paused;
    this.input.min = film.first_s;
    this.input.max = Math.max(film.last_s, film.first_s + 0.01);
    this.input.step = (this.input.max - this.input.min) / 1000;
    this.input.value = isLive ? this.input.max : scene.at_s;
    // Time also passes while nothing changes that a frame would tell.
    const last_s = Math.max(film.last_s, this.view.about.now_s ?? 0);
    const now = `${seconds(isLive ? last_s : scene.at_s)} of ${seconds(last_s)}`;
    this.input.setAttribute("aria-valuetext", now);
    this.said.textContent = now;
    this.pause.textContent = settings.paused ? "Go on" : "Pause";
    this.pause.setAttribute("aria-pressed", String(settings.paused));
    this.live.classList.toggle("p2p-on", isLive);
    this.live.setAttribute("aria-pressed", String(isLive));
    this.play.textContent = this.playing ? "Stop" : "Play";
    this.updateTicks();
  }

  updateTicks() {
    const { film } = this.view;
    const span_s = Math.max(film.last_s - film.first_s, 0.01);
    const notes = [...film.latest.notes.values()].slice(-100);
    const text = JSON.stringify([notes, Math.round(film.first_s), Math.round(film.last_s)]);
    if (text === this.noted) return;
    this.noted = text;
    const place = (at_s) => 100 * Math.min(1, Math.max(0, (at_s - film.first_s) / span_s));
    const ends = []; // of the last tick in each row, so that no two hide each other
    this.ticks.replaceChildren(...notes.map((note) => {
      const until_s = note.until_s === null ? film.last_s : note.until_s;
      const free = ends.findIndex((end) => end < place(note.at_s));
      const row = free >= 0 ? free : Math.min(ends.length, TICK_ROWS - 1);
      ends[row] = Math.max(place(until_s), place(note.at_s) + 0.5);
      const tick = make("span", { title: `${seconds(note.at_s)}: ${note.text}` });
      tick.style.top = `${row * TICK_PX}px`;
      tick.style.left = `${place(note.at_s)}%`;
      tick.style.width = `max(2px, ${place(until_s) - place(note.at_s)}%)`;
      return tick;
    }));
  }
}
