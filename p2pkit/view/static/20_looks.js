// Looks: how nodes, edges and marks are drawn. What matters differs in shape or
// lightness too, so nothing is lost to color-blind eyes or in gray print.

const SCALE = 400; // units of vis-network from the middle of the drawing to its rim

const SHAPES = { alive: "dot", paused: "diamond", dead: "dot", foreign: "square" };
const ROLE_SHAPES = ["dot", "triangle", "hexagon", "star", "triangleDown"];

const QUANTITIES = {
  state: "state",
  load: "load (messages/s)",
  traffic: "traffic (bytes/s)",
  degree: "table fill (neighbors)",
  "in-degree": "in-degree (known by)",
};

class Looks {
  constructor(colors) {
    this.colors = colors; // from Python: states, ramp, hops, edges, messages, failed
    this.roles = [];
    this.kindOrder = [];
    this.messageOrder = [];
    this.range = { color: [0, 1], size: [0, 1] };
  }

  // Calls back with the lowest and highest of a quantity among nodes that take part.
  measure(scene, settings) {
    for (const use of ["color", "size"]) {
      const what = settings[`${use}_by`];
      if (!what || what === "state") continue;
      let low = Infinity, high = -Infinity;
      for (const [name, node] of scene.nodes) {
        if (node.state === "dead" || node.state === "foreign") continue;
        const value = scene.quantity(name, what);
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      this.range[use] = high >= low ? [low, high] : [0, 0];
    }
  }

  share(use, value) {
    const [low, high] = this.range[use];
    return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
  }

  fill(scene, node, settings) {
    if (node.state === "dead") return "#e4e4e4";
    if (settings.color_by === "state" || node.state === "foreign") {
      return this.colors.states[node.state] ?? this.colors.states.alive;
    }
    const share = this.share("color", scene.quantity(node.name, settings.color_by));
    const ramp = this.colors.ramp;
    return ramp[Math.min(Math.floor(share * ramp.length), ramp.length - 1)];
  }

  // In eight steps, so that a value that hardly changes does not redraw everything.
  size(scene, node, settings, count) {
    const usual = Math.max(3, Math.min(10, 1000 / Math.max(count, 1)));
    if (!settings.size_by || settings.size_by === "state") return usual;
    const share = this.share("size", scene.quantity(node.name, settings.size_by));
    return usual * (0.6 + 1.8 * Math.round(7 * share) / 7);
  }

  shape(node) {
    if (node.state !== "alive" || !node.role) return SHAPES[node.state] ?? "dot";
    if (!this.roles.includes(node.role)) this.roles = [...this.roles, node.role].sort();
    return ROLE_SHAPES[this.roles.indexOf(node.role) % ROLE_SHAPES.length];
  }

  node(scene, node, settings, count) {
    const ghost = node.state === "dead";
    const size = this.size(scene, node, settings, count);
    return {
      id: node.name,
      // A ghost has next to no quantity, and is to be found nevertheless.
      size: round(ghost ? Math.max(size, count > MOST_LABELS ? 4 : 8) : size),
      shape: this.shape(node),
      // Thick rims of a thousand small dots would be all that is seen.
      color: { background: this.fill(scene, node, settings), border: ghost ? "#444444" : count > MOST_LABELS ? "#33333399" : "#333333" },
      borderWidth: ghost ? 2 : count > MOST_LABELS ? 0.5 : 1,
      shapeProperties: { borderDashes: ghost ? [3, 3] : false },
    };
  }

  kindColor(kind) {
    const place = this.kindOrder.indexOf(kind);
    return this.colors.edges[Math.max(0, place) % this.colors.edges.length];
  }

  messageColor(label) {
    let place = this.messageOrder.indexOf(label);
    if (place < 0 && this.messageOrder.length < this.colors.messages.length) {
      place = this.messageOrder.push(label) - 1;
    }
    return place < 0 ? "#777777" : this.colors.messages[place];
  }

  // Few hops have colors of their own; a wave of many runs from dark to light.
  hopColor(number) {
    const { hops, wave } = this.colors;
    if (this.deepest > hops.length) {
      return wave[Math.min(wave.length - 1, Math.floor(((number - 1) / this.deepest) * wave.length))];
    }
    return hops[Math.min(Math.max(number, 1), hops.length) - 1];
  }

  // Rows of [mark, color, text].
  legend(scene, settings) {
    const rows = [];
    const present = new Set();
    const roles = new Set();
    for (const node of scene.nodes.values()) {
      present.add(node.state);
      if (node.state === "alive" && node.role) roles.add(node.role);
    }
    for (const state of Object.keys(this.colors.states)) {
      if (!present.has(state) || (state === "dead" && !settings.show_dead)) continue;
      if (settings.color_by !== "state" && state === "alive") continue;
      if (state === "alive" && roles.size) continue;
      const mark = state === "dead" ? "ghost" : SHAPES[state];
      const color = settings.color_by === "state" || state === "foreign" ? this.colors.states[state] : "#ffffff";
      rows.push([mark, color, state]);
    }
    const alive = settings.color_by === "state" ? this.colors.states.alive : "#ffffff";
    for (const role of this.roles.filter((one) => roles.has(one))) {
      rows.push([this.shape({ state: "alive", role }), alive, role]);
    }
    if (settings.color_by !== "state") {
      rows.push(["ramp", this.colors.ramp.join(","), this.span("color", settings.color_by)]);
    }
    if (settings.size_by && settings.size_by !== "state") {
      rows.push(["sizes", "#999999", this.span("size", settings.size_by)]);
    }
    for (const label of this.messageOrder) rows.push(["pulse", this.messageColor(label), label]);
    return rows;
  }

  span(use, what) {
    const [low, high] = this.range[use];
    return `${QUANTITIES[what] ?? what}: ${figure(low)} to ${figure(high)}`;
  }
}

const round = (value) => Math.round(value * 10) / 10;

// Two digits that mean something: 0.53, 4.1, 270, 12k.
function figure(value) {
  if (!isFinite(value)) return "0";
  if (value >= 1e6) return `${(value / 1e6).toPrecision(2)}M`;
  if (value >= 1e4) return `${Math.round(value / 1e3)}k`;
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(2)));
}
