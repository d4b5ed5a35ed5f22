// Film: the run so far, as a base scene and the frames since; the same fold as in Python.

const RATE_S = 1; // seconds over which a rate per second is smoothed

const edgeKey = (source, target, kind) => `${source} ${target} ${kind}`;
const pairKey = (a, b) => (a < b ? `${a} ${b}` : `${b} ${a}`);

class Scene {
  constructor() {
    this.nodes = new Map(); // name -> node
    this.edges = new Map(); // "source target kind" -> [source, target, kind]
    this.pairs = new Map(); // "a b" -> Set of edge keys, both directions
    this.incoming = new Map(); // name -> how many know it
    this.rates = new Map(); // name -> {at_s, load, traffic}: per second
    this.notes = new Map(); // "at_s text" -> note, told again when it ends
    this.number = 0;
    this.at_s = 0;
  }

  copy() {
    const other = new Scene();
    other.at_s = this.at_s;
    other.number = this.number;
    other.notes = new Map(this.notes);
    other.nodes = new Map(this.nodes);
    other.rates = new Map(this.rates);
    other.incoming = new Map(this.incoming);
    other.edges = new Map(this.edges);
    other.pairs = new Map([...this.pairs].map(([key, set]) => [key, new Set(set)]));
    return other;
  }

  apply(frame) {
    this.at_s = frame.at_s;
    this.number = frame.number;
    for (const node of frame.nodes) this.putNode(node);
    for (const name of frame.gone) this.nodes.delete(name);
    for (const [source, target, kind] of frame.unlinked) this.unlink(source, target, kind);
    for (const [source, target, kind] of frame.linked) this.link(source, target, kind);
    for (const note of frame.notes) this.notes.set(`${note.at_s} ${note.text}`, note);
  }

  putNode(node) {
    this.measure(this.nodes.get(node.name), node);
    this.nodes.set(node.name, node);
  }

  // Counters are totals; a restarted node counts from 0 again.
  measure(before, node) {
    const was = this.rates.get(node.name);
    const rate = { at_s: this.at_s, load: 0, traffic: 0 };
    const span_s = was ? this.at_s - was.at_s : 0;
    if (before && span_s > 0) {
      const share = 1 - Math.exp(-span_s / RATE_S);
      const change = (...names) => Math.max(0, names.reduce((sum, name) =>
        sum + (node.quantities[name] ?? 0) - (before.quantities[name] ?? 0), 0)) / span_s;
      rate.load = was.load + share * (change("sent", "received") - was.load);
      rate.traffic = was.traffic + share * (change("sent_bytes", "received_bytes") - was.traffic);
    } else if (was) {
      Object.assign(rate, was);
    }
    this.rates.set(node.name, rate);
  }

  link(source, target, kind) {
    const key = edgeKey(source, target, kind);
    if (this.edges.has(key)) return;
    this.edges.set(key, [source, target, kind]);
    this.incoming.set(target, (this.incoming.get(target) ?? 0) + 1);
    const pair = pairKey(source, target);
    if (!this.pairs.has(pair)) this.pairs.set(pair, new Set());
    this.pairs.get(pair).add(key);
  }

  unlink(source, target, kind) {
    const key = edgeKey(source, target, kind);
    if (!this.edges.delete(key)) return;
    this.incoming.set(target, this.incoming.get(target) - 1);
    const pair = pairKey(source, target);
    const left = this.pairs.get(pair);
    left.delete(key);
    if (!left.size) this.pairs.delete(pair);
  }

  kinds() {
    return [...new Set([...this.edges.values()].map((edge) => edge[2]))].sort();
  }

  // What a node is colored or sized by, as a number; rates fade while nothing is heard.
  quantity(name, what) {
    if (what === "in-degree") return this.incoming.get(name) ?? 0;
    const node = this.nodes.get(name);
    if (what !== "load" && what !== "traffic") return node?.quantities[what] ?? 0;
    const rate = this.rates.get(name);
    if (!rate) return 0;
    const silent_s = Math.max(0, this.at_s - rate.at_s - 0.5);
    return rate[what] * Math.exp(-silent_s / RATE_S);
  }
}

class Film {
  // The first frame is the scene to begin with.
  constructor([first, ...frames], limit) {
    this.base = new Scene();
    this.base.apply(first);
    this.latest = this.base.copy();
    this.frames = [];
    this.items = 0;
    this.limit = limit;
    this.keys = []; // [frames folded, scene]: from where scrubbing back need not begin anew
    for (const frame of frames) this.append(frame);
  }

  get first_s() { return this.base.at_s; }
  get last_s() { return this.latest.at_s; }

  append(frame) {
    this.frames.push(frame);
    this.items += weight(frame);
    this.latest.apply(frame);
    if (this.items > this.limit) this.shorten();
  }

  // A quarter at once: to shorten by one frame at a time would cost a shift each.
  shorten() {
    let gone = 0;
    while (gone < this.frames.length - 1 && this.items > 0.75 * this.limit) {
      this.base.apply(this.frames[gone]);
      this.items -= weight(this.frames[gone]);
      gone += 1;
    }
    this.frames.splice(0, gone);
    this.keys = [];
  }

  // How many frames lie at or before a moment.
  count(at_s) {
    let low = 0, high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frames[middle].at_s <= at_s) low = middle + 1; else high = middle;
    }
    return low;
  }

  sceneAt(at_s) {
    const wanted = this.count(at_s);
    if (wanted === this.frames.length) return this.latest.copy();
    const near = this.keys.findLast(([count]) => count <= wanted);
    const scene = (near ? near[1] : this.base).copy();
    for (let i = near ? near[0] : 0; i < wanted; i++) {
      scene.apply(this.frames[i]);
      if ((i + 1) % 250 === 0) this.keep(i + 1, scene);
    }
    return scene;
  }

  keep(count, scene) {
    if (this.keys.some(([kept]) => kept === count)) return;
    this.keys.push([count, scene.copy()]);
    this.keys.sort((a, b) => a[0] - b[0]);
  }

  between(from_s, to_s) {
    return this.frames.slice(this.count(from_s), this.count(to_s));
  }
}

const weight = (frame) => 1 + frame.nodes.length + frame.linked.length +
  frame.unlinked.length + frame.marks.length;
