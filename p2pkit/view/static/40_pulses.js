// Pulses: what passes, painted on a canvas over the drawing, which stays as it is.

const MOST_PULSES = 800; // drawn at once; further ones are let go, and counted
const SHORTEST_MS = 280, LONGEST_MS = 2500; // a pulse is seen at least, at most so long
const STEP_MS = 1500, TOLD_MS = 900; // how long a step, a telling stays

class Pulses {
  constructor(holder, stage, looks) {
    this.stage = stage;
    this.looks = looks;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "p2p-pulses";
    this.canvas.setAttribute("aria-hidden", "true");
    holder.append(this.canvas);
    this.live = [];
    this.path = []; // hops that stay until cleared
    this.letGo = 0;
    this.blank = true;
  }

  get isBusy() {
    return this.live.length > 0 || this.path.some((hop) => hop.moving);
  }

  // `age_ms`: how long ago it happened; a pulse starts as far along as it is by now.
  add(mark, now, age_ms = 0, slower = 1) {
    if (this.live.length >= MOST_PULSES) {
      this.letGo += 1;
      return;
    }
    const flight_ms = Math.min(Math.max(mark.took_s * 1000 * slower, SHORTEST_MS), LONGEST_MS);
    const lasts_ms = { message: flight_ms, step: STEP_MS, told: TOLD_MS }[mark.kind] ?? flight_ms;
    const began = now - Math.min(Math.max(age_ms, 0), 0.7 * flight_ms);
    this.live.push({ mark, began, flight_ms, lasts_ms });
  }

  clear() {
    this.live = [];
    this.path = [];
  }

  paint(now, emphasis) {
    this.live = this.live.filter((one) => now - one.began < one.lasts_ms);
    if (!this.live.length && !this.path.length && !emphasis.size && this.blank) return;
    const context = this.begin();
    this.blank = !this.live.length && !this.path.length && !emphasis.size;
    this.paintEmphasis(context, emphasis);
    this.paintPath(context, now);
    this.paintLines(context, now);
    this.paintDots(context, now);
  }

  // Sizes itself to the holder, and moves to the coordinates of the page's pixels.
  begin() {
    const { canvas } = this;
    const { clientWidth: wide, clientHeight: high } = this.stage.holder;
    const dense = globalThis.devicePixelRatio || 1;
    if (canvas.width !== Math.round(wide * dense) || canvas.height !== Math.round(high * dense)) {
      canvas.width = Math.round(wide * dense);
      canvas.height = Math.round(high * dense);
    }
    const context = canvas.getContext("2d");
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, wide, high);
    const { x, y } = this.stage.network.getViewPosition();
    const scale = this.stage.network.getScale();
    this.toPage = (at) => [(at.x - x) * scale + wide / 2, (at.y - y) * scale + high / 2];
    return context;
  }

  ends(source, target) {
    const a = this.stage.at(source), b = this.stage.at(target);
    return a && b ? [...this.toPage(a), ...this.toPage(b)] : null;
  }

  // Messages: a dot that flies, one path a color, for each change of style costs.
  paintDots(context, now) {
    const byColor = new Map();
    for (const { mark, began, flight_ms } of this.live) {
      if (mark.kind !== "message") continue;
      const ends = this.ends(mark.source, mark.target);
      if (!ends) continue;
      const share = Math.min(1, (now - began) / flight_ms);
      const color = this.looks.messageColor(mark.label);
      if (!byColor.has(color)) byColor.set(color, []);
      byColor.get(color).push([ends, share, mark.ok]);
    }
    for (const [color, some] of byColor) this.paintFlights(context, color, some);
  }

  paintFlights(context, color, some) {
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = 1.5;
    context.globalAlpha = 0.45;
    context.beginPath();
    for (const [[x1, y1, x2, y2], share] of some) {
      const back = Math.max(0, share - 0.18);
      context.moveTo(x1 + (x2 - x1) * back, y1 + (y2 - y1) * back);
      context.lineTo(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share);
    }
    context.stroke();
    context.globalAlpha = 1;
    context.beginPath();
    for (const [[x1, y1, x2, y2], share, ok] of some) {
      const stop = ok ? share : Math.min(share, 0.6);
      const x = x1 + (x2 - x1) * stop, y = y1 + (y2 - y1) * stop;
      if (ok || share < 0.6) {
        context.moveTo(x + 3, y);
        context.arc(x, y, 3, 0, 7);
      } else {
        context.rect(x - 5, y - 1, 10, 2);
        context.rect(x - 1, y - 5, 2, 10);
      }
    }
    context.fill();
  }

  // Steps of lookups and tellings of rumors: lines that fade.
  paintLines(context, now) {
    for (const { mark, began, lasts_ms } of this.live) {
      if (mark.kind === "message") continue;
      const ends = this.ends(mark.source, mark.target);
      if (!ends) continue;
      const share = (now - began) / lasts_ms;
      context.globalAlpha = Math.max(0, 1 - share);
      context.strokeStyle = mark.ok ? (mark.kind === "step" ? this.looks.hopColor(2) : "#cc3311") : this.looks.colors.failed;
      context.lineWidth = 2.5;
      context.setLineDash(mark.ok ? [] : [5, 4]);
      line(context, ends);
      context.beginPath();
      context.arc(ends[2], ends[3], 5 + 9 * share, 0, 7);
      context.stroke();
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  paintPath(context, now) {
    for (const hop of this.path) {
      const ends = this.ends(hop.source, hop.target);
      if (!ends || now < hop.began) continue;
      const share = Math.min(1, (now - hop.began) / hop.lasts_ms);
      hop.moving = share < 1;
      const [x1, y1, x2, y2] = ends;
      const x = x1 + (x2 - x1) * share, y = y1 + (y2 - y1) * share;
      context.strokeStyle = context.fillStyle = hop.ok ? this.looks.hopColor(hop.depth) : this.looks.colors.failed;
      context.lineWidth = 3;
      context.setLineDash(hop.ok ? [] : [5, 4]);
      line(context, [x1, y1, x, y]);
      context.setLineDash([]);
      if (hop.moving) {
        context.beginPath();
        context.arc(x, y, 5, 0, 7);
        context.fill();
      }
    }
    for (const hop of this.path) this.paintNumber(context, hop);
  }

  paintNumber(context, hop) {
    const ends = this.ends(hop.source, hop.target);
    if (!ends || hop.moving) return;
    const [x1, y1, x2, y2] = ends;
    const x = x1 + (x2 - x1) * 0.72, y = y1 + (y2 - y1) * 0.72;
    context.fillStyle = "#ffffff";
    context.strokeStyle = hop.ok ? this.looks.hopColor(hop.depth) : this.looks.colors.failed;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(x, y, 8, 0, 7);
    context.fill();
    context.stroke();
    context.fillStyle = "#222222";
    context.font = "10px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(hop.number), x, y + 0.5);
  }

  // The edges of the node that is looked at, drawn over all others.
  paintEmphasis(context, emphasis) {
    context.lineWidth = 1.5;
    for (const [color, pairs] of emphasis) {
      context.strokeStyle = color;
      context.beginPath();
      for (const [a, b] of pairs) {
        const ends = this.ends(a, b);
        if (!ends) continue;
        context.moveTo(ends[0], ends[1]);
        context.lineTo(ends[2], ends[3]);
      }
      context.stroke();
    }
  }
}

function line(context, [x1, y1, x2, y2]) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
