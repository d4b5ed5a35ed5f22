// Stage: vis-network, fed with differences once per animation frame.

const MOST_LABELS = 250; // nodes up to which names are written beside them
const MOST_PAIRS = 10000; // edges drawn at most: more make a gray disc and a slow page
const EASE_MS = 500; // how long a node takes to its new place

// One copy of vis-network a page, however many views: half a megabyte of script each.
const SHARED = Symbol.for("p2pkit.vis-network-9.1.2");

function loadVis(packed) {
  globalThis[SHARED] ??= unpack(packed).then(importVis);
  return globalThis[SHARED];
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const packed = new Blob([bytes]).stream();
  return new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
}

// A hidden `define` keeps it from registering with require.js; its last line is a comment.
async function importVis(source) {
  const parts = ["const exports={},module={};let define;", source, "\n;export default exports;"];
  const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

class Stage {
  constructor(vis, holder, model, looks) {
    this.holder = holder;
    this.looks = looks;
    this.given = new Map(model.nodes.map((one) => [one.id, one]));
    this.nodes = new vis.DataSet();
    this.edges = new vis.DataSet();
    this.shown = { nodes: new Map(), edges: new Map() }; // id -> its item as text
    this.places = new Map();
    this.moving = new Map(); // name -> {x, y, from_x, from_y, began}
    this.marked = { hovered: null, selected: null };
    this.labels = [];
    this.draws = 0;
    this.network = new vis.Network(holder, { nodes: this.nodes, edges: this.edges }, model.options);
    this.network.on("afterDrawing", (context) => this.afterDrawing(context));
    this.network.on("dragEnd", (event) => this.keepDragged(event.nodes));
  }

  setPlaces(places) {
    for (const [name, [x, y]] of Object.entries(places)) {
      const to = { x: x * SCALE, y: y * SCALE };
      const from = this.places.get(name);
      this.places.set(name, to);
      const body = this.network.body.nodes[name];
      if (!from || !body || this.physics) continue;
      if (Math.hypot(to.x - body.x, to.y - body.y) < 0.5) continue;
      this.moving.set(name, { ...to, from_x: body.x, from_y: body.y, began: performance.now() });
    }
  }

  // Where a node is drawn now, or would be; undefined if it has no place.
  at(name) {
    const body = this.network.body.nodes[name];
    return body && body.x !== undefined ? body : this.places.get(name);
  }

  keepDragged(names) {
    for (const name of names) {
      const { x, y } = this.network.body.nodes[name];
      this.places.set(name, { x, y });
      this.moving.delete(name);
    }
  }

  // Give vis what differs (null: is gone); each plain update of a set would draw everything again.
  show(items, links) {
    const changes = [
      this.difference("nodes", items, this.nodes),
      this.difference("edges", links, this.edges),
    ];
    if (!changes.some(Boolean)) return;
    this.gated(() => changes.forEach((change) => change?.()));
  }

  gated(change) {
    const { renderer, body } = this.network;
    renderer.allowRedraw = false;
    try {
      change();
    } finally {
      renderer.allowRedraw = true;
      body.emitter.emit("_requestRedraw");
    }
  }

  difference(what, items, set) {
    const shown = this.shown[what];
    const gone = [], changed = [];
    for (const [id, item] of items) {
      const text = item && JSON.stringify(item);
      if ((shown.get(id) ?? null) === text) continue;
      if (item === null) {
        gone.push(id);
        shown.delete(id);
      } else {
        changed.push(shown.has(id) || what === "edges" ? item : this.placed(item));
        shown.set(id, text);
      }
    }
    if (!gone.length && !changed.length) return null;
    return () => {
      if (gone.length) set.remove(gone);
      if (changed.length) set.update(changed);
    };
  }

  // Only a new node is told its place: a style must not undo a drag.
  placed(item) {
    const { title } = this.given.get(item.id) ?? {};
    return { title, ...item, label: " ", ...(this.places.get(item.id) ?? { x: 0, y: 0 }) };
  }

  ease(now) {
    if (!this.moving.size) return;
    for (const [name, move] of this.moving) {
      const body = this.network.body.nodes[name];
      const share = Math.min(1, (now - move.began) / EASE_MS);
      if (share === 1 || !body) this.moving.delete(name);
      if (!body) continue;
      const eased = 1 - (1 - share) ** 3;
      body.x = move.from_x + (move.x - move.from_x) * eased;
      body.y = move.from_y + (move.y - move.from_y) * eased;
    }
    this.redraw();
  }

  redraw() {
    this.network.body.emitter.emit("_requestRedraw");
  }

  setPhysics(on) {
    this.physics = on;
    const springs = { solver: "forceAtlas2Based", stabilization: false };
    this.network.setOptions({ physics: on ? { enabled: true, ...springs } : { enabled: false } });
    if (!on) this.setPlaces(Object.fromEntries([...this.places].map(([name, { x, y }]) => [name, [x / SCALE, y / SCALE]])));
  }

  fit() {
    this.network.fit({ animation: false });
  }

  // Names stand outward of their dots, and only where there is room for them.
  afterDrawing(context) {
    this.draws += 1;
    const names = this.shown.nodes.size <= MOST_LABELS ? [...this.shown.nodes.keys()] : [];
    const first = [this.marked.selected, this.marked.hovered].filter(Boolean);
    const scale = this.network.getScale();
    const taken = [];
    context.font = `${11 / scale}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.fillStyle = "#222222";
    for (const name of new Set([...first, ...names])) {
      if (this.shown.nodes.has(name)) this.label(context, name, scale, taken, first.includes(name));
    }
  }

  label(context, name, scale, taken, always) {
    const { x, y } = this.network.body.nodes[name];
    const size = this.network.body.nodes[name].options.size ?? 5;
    const far = Math.hypot(x, y) || 1;
    const [across, down] = [x / far, y / far];
    const left = across < -0.2, right = across > 0.2;
    const away = size + 6 / scale;
    const at = { x: x + across * away, y: y + down * (away + 4 / scale) };
    const wide = context.measureText(name).width;
    const begin = right ? at.x : left ? at.x - wide : at.x - wide / 2;
    const box = { left: begin, right: begin + wide, y: at.y };
    const isHit = (other) => box.left < other.right && other.left < box.right && Math.abs(box.y - other.y) < 11 / scale;
    if (!always && taken.some(isHit)) return;
    taken.push(box);
    context.textAlign = "left";
    if (always) {
      context.lineWidth = 3 / scale;
      context.strokeStyle = "#ffffff";
      context.strokeText(name, begin, at.y);
    }
    context.fillText(name, begin, at.y);
  }
}

// Which pairs to draw if there are too many: by a hash of the name, so always the same.
function isSampled(key, share) {
  if (share >= 1) return true;
  let hash = 2166136261;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 16777619);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32 < share;
}
