// Player: a trace as an animation on the overlay, step by step or in its own time.

const SHORTEST_HOP_MS = 250;

class Player {
  constructor(view) {
    this.view = view;
    this.hops = [];
    this.title = make("span", { role: "status" });
    const back = button("◀", "One step back", () => this.step(-1), { "aria-label": "One step back" });
    const on = button("▶", "One step on", () => this.step(1), { "aria-label": "One step on", className: "p2p-hop" });
    const again = button("Play again", "Play the path from its begin", () => this.begin());
    const clear = button("Clear", "Take the path out of the picture", () => this.clear());
    this.element = make("div", { className: "p2p-bar p2p-path", role: "group", "aria-label": "Path", hidden: true }, this.title, back, on, again, clear);
  }

  play({ hops, speed, title, step }) {
    this.hops = hops;
    this.view.looks.deepest = Math.max(...hops.map((hop) => hop.depth || 1));
    this.speed = speed;
    this.name = title;
    this.element.hidden = false;
    if (step) this.show(0); else this.begin();
  }

  begin() {
    const now = performance.now();
    const first_s = Math.min(...this.hops.map((hop) => hop.at_s));
    this.count = this.hops.length;
    this.view.pulses.path = this.hops.map((hop) => this.drawn(hop,
      now + (1000 * (hop.at_s - first_s)) / this.speed,
      Math.max((1000 * hop.took_s) / this.speed, SHORTEST_HOP_MS)));
    this.say();
    this.view.wake();
  }

  drawn(hop, began, lasts_ms) {
    return { ...hop, depth: hop.depth || 1, began, lasts_ms, moving: true };
  }

  step(by) {
    this.show(Math.min(Math.max((this.count ?? 0) + by, 0), this.hops.length), by > 0);
  }

  show(count, moves) {
    const now = performance.now();
    this.count = count;
    this.view.pulses.path = this.hops.slice(0, count).map((hop, place) =>
      this.drawn(hop, moves && place === count - 1 ? now : now - 1e6, 400));
    this.say();
    this.view.wake();
  }

  say() {
    const last = this.hops[this.count - 1];
    const where = last && this.count < this.hops.length ? `: ${last.source} to ${last.target}` : "";
    this.title.textContent = `${this.name}: ${this.count} of ${this.hops.length} hops${where}`;
  }

  legend() {
    const depths = [...new Set(this.view.pulses.path.filter((hop) => hop.ok).map((hop) => hop.depth))].sort((a, b) => a - b);
    const failed = this.view.pulses.path.some((hop) => !hop.ok) ? [["dash", this.view.looks.colors.failed, "no answer"]] : [];
    if (depths.length > 8) return failed;
    return [...depths.map((depth) => ["line", this.view.looks.hopColor(depth), `hop ${depth}`]), ...failed];
  }

  clear() {
    this.hops = [];
    this.view.pulses.path = [];
    this.element.hidden = true;
    this.view.wake();
  }
}
