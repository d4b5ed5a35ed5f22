// What stands around the drawing: built once, when the film and vis-network are there.

Object.assign(View.prototype, {
  build(vis) {
    this.looks = new Looks(this.about.colors);
    this.looks.kindOrder = this.film.latest.kinds();
    this.holder = make("div", { className: "p2p-canvas", tabIndex: 0, role: "img" });
    this.place = make("div", { className: "p2p-place" }, this.holder);
    this.controls = new Controls(this);
    this.conditions = new Conditions(this);
    this.timeline = new Timeline(this);
    this.panel = new Panel(this);
    this.player = new Player(this);
    this.legend = make("div", { className: "p2p-legend" });
    this.caption = make("span", { className: "p2p-caption" });
    this.status = make("span", { className: "p2p-status", role: "status" });
    const stage = make("div", { className: "p2p-stage" }, this.place, this.panel.element);
    const foot = make("div", { className: "p2p-foot" }, this.legend, this.caption, this.status);
    this.root.append(this.controls.element, stage, this.player.element, this.timeline.element, this.conditions.element, foot);
    this.stage = new Stage(vis, this.holder, this.given.model, this.looks);
    this.stage.setPlaces(this.places);
    this.pulses = new Pulses(this.place, this.stage, this.looks);
    this.controls.build();
    this.conditions.build();
    this.listen();
    this.resume();
    this.stage.fit();
    this.say(this.said ?? "");
    if (this.given.play) this.player.play(this.given.play);
  },

  // The whole film is new: draw what it shows now.
  resume() {
    this.stage.setPlaces(this.places);
    this.conditions.update(this.about);
    this.changed.all = true;
    this.drawAll();
    this.follow();
  },

  listen() {
    const { network, marked } = this.stage;
    const shape = (name) => (this.scene.pairs.has(name) ? name : null);
    network.on("click", ({ nodes, edges }) => this.select(nodes[0] ?? shape(edges[0]) ?? null));
    network.on("hoverNode", ({ node }) => { marked.hovered = node; this.stage.redraw(); });
    network.on("blurNode", () => { marked.hovered = null; this.stage.redraw(); });
    network.once("afterDrawing", () => { this.root.dataset.drawn = "yes"; });
    network.on("afterDrawing", () => this.wake());
    this.holder.addEventListener("keydown", (event) => this.onKey(event));
    network.on("zoom", () => { this.isMoved = true; });
    network.on("dragEnd", ({ nodes }) => { this.isMoved ||= !nodes.length; });
    this.sizes = new ResizeObserver(() => { if (!this.isMoved) this.stage?.fit(); this.wake(); });
    this.sizes.observe(this.holder);
  },

  // Arrows walk through the nodes, Escape leaves them.
  onKey(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (event.key === "Escape") return this.select(null);
    if (!(event.key in steps)) return undefined;
    event.preventDefault();
    const names = [...this.stage.shown.nodes.keys()].sort();
    const place = names.indexOf(this.settings.selected) + steps[event.key];
    return this.select(names[(place + names.length) % names.length]);
  },

  chrome(now = performance.now()) {
    clearTimeout(this.later);
    this.later = undefined;
    this.chromeAt = now;
    if (!this.stage) return;
    this.controls.update(this.scene);
    this.timeline.update();
    this.panel.update();
    this.describe();
  },

  describe() {
    const rows = [...this.looks.legend(this.scene, this.settings), ...this.player.legend()];
    const text = JSON.stringify(rows);
    if (text !== this.legendShown) {
      this.legendShown = text;
      this.legend.replaceChildren(...rows.map(([mark, color, said]) => make("span", {}, swatch(mark, color), said)));
    }
    const caption = this.captionText();
    if (this.caption.textContent === caption) return;
    this.caption.textContent = caption;
    this.holder.setAttribute("aria-label", `The overlay: ${caption}. Arrow keys walk through the nodes.`);
    this.root.setAttribute("aria-label", this.about.title);
  },

  captionText() {
    const { nodes, edges, pairs } = this.scene;
    const ours = [...nodes.values()].filter((node) => node.state !== "foreign");
    const dead = ours.filter((node) => node.state === "dead").length;
    const drawn = this.share < 1 ? `; ${this.stage.shown.edges.size.toLocaleString("en")} of ${pairs.size.toLocaleString("en")} pairs are drawn` : "";
    const lost = dead ? `, ${dead} dead${this.settings.show_dead ? "" : " (hidden)"}` : "";
    return `${ours.length.toLocaleString("en")} nodes${lost}, ${edges.size.toLocaleString("en")} edges of who knows whom${drawn}`;
  },

  say(text) {
    this.said = text;
    if (this.status) this.status.textContent = text;
    else if (text) this.root.textContent = text;
  },

  close() {
    this.observer.disconnect();
    this.sizes?.disconnect();
    clearTimeout(this.later);
    clearTimeout(this.panel?.timer);
    if (!this.stage) return;
    this.pulses.clear();
    this.stage.network.destroy();
    this.stage = null;
  },
});
