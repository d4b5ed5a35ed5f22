// View: one overlay in one element. It keeps the film, so time can be scrubbed without
// asking anybody; it tells its port what was clicked, and hears frames from it.

const CHROME_MS = 200; // between two updates of what stands around the drawing
const RESTYLE_MS = 500; // between two colorings by a quantity that always changes
const HELLO_MS = 1000; // between two questions for the whole film

class View {
  constructor(element, port) {
    this.me = Math.random().toString(36).slice(2);
    this.port = port;
    this.settings = { color_by: "state", size_by: null, kinds: null, paused: false, at_s: null, selected: null, show_dead: false };
    this.stats = new Stats();
    this.calls = new Map();
    this.changed = { nodes: new Set(), pairs: new Set(), all: true };
    this.isVisible = true;
    this.chromeAt = this.restyledAt = this.askedAt = 0;
    this.root = make("section", { className: "p2pkit", "aria-label": "The overlay" });
    this.root.view = this; // for tests, benchmarks and the curious
    element.append(this.root);
    this.observer = new IntersectionObserver((entries) => this.see(entries.at(-1).isIntersecting));
    this.observer.observe(this.root);
    port.onMessage((message) => this.receive(message));
  }

  receive(message) {
    const handlers = { hello: "onHello", frames: "onFrames", set: "onSet", reply: "onReply", play: "onPlay", places: "onPlaces", about: "onAbout", ended: "onEnded", lost: "onLost" };
    if (message.from !== this.me && message.type in handlers) this[handlers[message.type]](message);
  }

  // --- what comes in ---------------------------------------------------------------

  onHello(message) {
    this.about = message.about;
    this.film = new Film(message.film, message.limit);
    this.places = message.places;
    this.frozen = null;
    Object.assign(this.settings, message.settings);
    this.say("");
    if (this.stage) return this.resume();
    this.given ??= message;
    this.building ??= loadVis(LIBRARY).then((vis) => this.build(vis), (error) => this.say(`The drawing could not be loaded: ${error}`));
  }

  onFrames(message) {
    if (!this.film) return;
    Object.assign(this.places, message.places);
    this.stage?.setPlaces(message.places);
    if (message.after > this.film.latest.number) return this.askAll();
    const now = performance.now();
    this.stats.heard(message, performance.timeOrigin + now);
    for (const frame of message.frames) {
      if (frame.number <= this.film.latest.number) continue;
      this.film.append(frame);
      if (this.isLive) this.take(frame, now, message.now_s);
    }
    if (!this.isVisible) this.stats.waiting = [];
    this.wake();
  }

  onSet({ changes }) {
    const before = JSON.stringify(this.settings);
    Object.assign(this.settings, changes);
    if (JSON.stringify(this.settings) !== before) this.follow();
  }

  onReply({ to, call, ...answer }) {
    if (to !== this.me || !this.calls.has(call)) return;
    this.calls.get(call)(answer);
    this.calls.delete(call);
  }

  onPlay(message) {
    this.given = { ...this.given, play: message };
    this.player?.play(message);
  }

  onPlaces({ places }) {
    if (!this.film) return;
    Object.assign(this.places, places);
    this.stage?.setPlaces(places);
    this.wake();
  }

  onAbout({ changes }) {
    Object.assign(this.about, changes);
    this.conditions?.update(this.about);
    if (this.stage) this.later ??= setTimeout(() => this.chrome(), CHROME_MS);
  }

  onEnded({ text }) {
    if (!this.about) return;
    this.about.live = false;
    this.about.can = [];
    for (const answer of this.calls.values()) answer({ ok: false, error: text });
    this.calls.clear();
    this.conditions?.element.remove();
    this.say(text);
    this.chrome();
  }

  onLost({ text }) {
    if (this.about?.live !== false) this.say(text);
  }

  // Something between the film and these frames is missing.
  askAll() {
    const now = performance.now();
    if (now - this.askedAt < HELLO_MS) return;
    this.askedAt = now;
    this.port.send({ type: "hello", from: this.me });
  }

  // --- what goes out ---------------------------------------------------------------

  set(changes) {
    Object.assign(this.settings, changes);
    this.untold = { ...this.untold, ...changes };
    this.telling ??= setTimeout(() => {
      this.port.send({ type: "set", from: this.me, changes: this.untold });
      this.telling = this.untold = undefined;
    }, 60);
    this.follow();
  }

  select(name) {
    this.set({ selected: name });
  }

  command(name, args, quiet = false) {
    if (!this.about.live) return Promise.resolve({ ok: false, error: "The cluster has ended." });
    const call = Math.random().toString(36).slice(2);
    this.port.send({ type: "command", from: this.me, call, name, args });
    const answered = new Promise((resolve) => this.calls.set(call, resolve));
    if (!quiet) answered.then((answer) => this.say(answer.ok ? answer.said : answer.error));
    return answered;
  }

  // --- the scene that is shown -----------------------------------------------------

  get isLive() { return this.settings.at_s === null && !this.settings.paused; }
  get scene() { return this.frozen ?? this.film.latest; }

  isKindShown(kind) { return this.settings.kinds === null || this.settings.kinds.includes(kind); }
  isShown(node) { return node !== undefined && (node.state !== "dead" || this.settings.show_dead); }

  // Take in a frame: remember what to draw anew, and let its marks fly.
  take(frame, now, now_s = frame.at_s, slower = 1) {
    for (const node of frame.nodes) this.changed.nodes.add(node.name);
    if (frame.nodes.some((node) => this.isShown(node) !== this.stage?.shown.nodes.has(node.name))) this.changed.all = true;
    if (frame.gone.length) this.changed.all = true;
    for (const [source, target] of frame.linked) this.changed.pairs.add(pairKey(source, target));
    for (const [source, target] of frame.unlinked) this.changed.pairs.add(pairKey(source, target));
    if (!this.isVisible || !this.pulses) return;
    for (const mark of frame.marks) this.pulses.add(mark, now, 1000 * (now_s - mark.at_s), slower);
  }

  follow() {
    if (!this.stage) return;
    if (this.isLive) this.frozen = null;
    else if (!this.timeline.playing) this.frozen = this.film.sceneAt(this.settings.at_s ?? this.film.last_s);
    this.changed.all = true;
    const { selected } = this.settings;
    this.root.classList.toggle("p2p-open", Boolean(selected));
    this.panel.open(!selected ? null : selected.includes(" ") ? { edge: selected.split(" ") } : { node: selected });
    this.chrome();
    this.wake();
  }

  // While the run is played: the frames up to a moment, with their marks.
  moveTo(at_s, slower) {
    const now = performance.now();
    const from_s = this.frozen?.at_s ?? Infinity;
    if (at_s < from_s) {
      this.frozen = this.film.sceneAt(at_s);
      this.changed.all = true;
    } else {
      for (const frame of this.film.between(from_s, at_s)) {
        this.frozen.apply(frame);
        this.take(frame, now, frame.at_s, slower);
      }
      this.frozen.at_s = at_s;
    }
    this.settings.at_s = at_s;
  }

  // --- drawing ---------------------------------------------------------------------

  see(isVisible) {
    this.isVisible = isVisible;
    this.changed.all = true;
    if (isVisible) this.wake();
  }

  wake() {
    if (this.ticking || !this.stage || !this.isVisible) return;
    this.ticking = true;
    requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.ticking = false;
    this.timeline.advance(now);
    this.restyle(now);
    if (this.changed.all) this.drawAll();
    else if (this.changed.nodes.size || this.changed.pairs.size) this.drawChanged();
    this.changed = { nodes: new Set(), pairs: new Set(), all: false };
    this.stage.ease(now);
    this.pulses.paint(now, this.emphasis());
    this.stats.painted(performance.timeOrigin + performance.now());
    if (now - this.chromeAt > CHROME_MS) this.chrome(now);
    else this.later ??= setTimeout(() => this.chrome(), CHROME_MS);
    if (this.pulses.isBusy || this.stage.moving.size || this.timeline.playing) this.wake();
  }

  // Quantities change all the time, and each change of color draws everything.
  restyle(now) {
    const { color_by, size_by } = this.settings;
    if ((color_by === "state" && !size_by) || now - this.restyledAt < RESTYLE_MS) return;
    if (!this.changed.all && !this.changed.nodes.size) return;
    this.restyledAt = now;
    this.looks.measure(this.scene, this.settings);
    for (const name of this.scene.nodes.keys()) this.changed.nodes.add(name);
  }

  drawAll() {
    this.looks.measure(this.scene, this.settings);
    this.share = MOST_PAIRS / Math.max(this.scene.pairs.size, 1);
    const nodes = new Map(), edges = new Map();
    for (const name of this.scene.nodes.keys()) nodes.set(name, this.nodeItem(name));
    for (const key of this.scene.pairs.keys()) edges.set(key, this.edgeItem(key));
    for (const key of this.stage.shown.nodes.keys()) if (!nodes.has(key)) nodes.set(key, null);
    for (const key of this.stage.shown.edges.keys()) if (!edges.has(key)) edges.set(key, null);
    this.stage.show(nodes, edges);
  }

  drawChanged() {
    const nodes = new Map([...this.changed.nodes].map((name) => [name, this.nodeItem(name)]));
    const edges = new Map([...this.changed.pairs].map((key) => [key, this.edgeItem(key)]));
    this.stage.show(nodes, edges);
  }

  nodeItem(name) {
    const node = this.scene.nodes.get(name);
    return this.isShown(node) ? this.looks.node(this.scene, node, this.settings, this.scene.nodes.size) : null;
  }

  edgeItem(key) {
    const kind = this.kindOf(key);
    const [from, to] = key.split(" ");
    const { nodes, pairs } = this.scene;
    if (kind === undefined || !isSampled(key, this.share)) return null;
    if (!this.isShown(nodes.get(from)) || !this.isShown(nodes.get(to))) return null;
    const faint = Math.round(255 * Math.max(0.25, Math.min(0.85, 400 / pairs.size)));
    const color = this.looks.kindColor(kind) + faint.toString(16).padStart(2, "0");
    return { id: key, from, to, color: { color, hover: color, highlight: color }, width: 1 };
  }

  // The first of a pair's kinds, in the order of the boxes, that is shown.
  kindOf(key) {
    const edges = [...(this.scene.pairs.get(key) ?? [])].map((one) => this.scene.edges.get(one)[2]);
    const kinds = edges.filter((kind) => this.isKindShown(kind));
    return this.looks.kindOrder.find((kind) => kinds.includes(kind)) ?? kinds[0];
  }

  // The edges of the node that is pointed at or selected: [color, pairs].
  emphasis() {
    const { selected, hovered } = this.stage.marked;
    const found = new Map();
    const name = hovered ?? selected;
    if (!name || !this.isShown(this.scene.nodes.get(name.split(" ")[0]))) return found;
    if (name.includes(" ")) return found.set("#cc3311", [name.split(" ")]);
    if (this.emphasized?.[0] === name && this.emphasized[1] === this.scene.edges.size) return this.emphasized[2];
    const [known, knowing] = [[], []];
    for (const [source, target, kind] of this.scene.edges.values()) {
      if (!this.isKindShown(kind) || !this.isShown(this.scene.nodes.get(target))) continue;
      if (source === name) known.push([source, target]);
      else if (target === name && this.isShown(this.scene.nodes.get(source))) knowing.push([source, target]);
    }
    if (knowing.length) found.set("#88ccee99", knowing);
    if (known.length) found.set("#00448877", known);
    this.emphasized = [name, this.scene.edges.size, found];
    return found;
  }
}
