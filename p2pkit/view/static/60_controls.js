// Controls: what colors, sizes and filters the picture, and what befalls the cluster.

class Controls {
  constructor(view) {
    this.view = view;
    this.kindsShown = "";
    this.namesShown = "";
    this.element = make("div", { className: "p2p-bar", role: "group", "aria-label": "What the picture shows" });
  }

  build() {
    const { settings } = this.view;
    const quantities = Object.entries(QUANTITIES);
    const sizes = [["", "all the same"], ...quantities.filter(([name]) => name !== "state")];
    this.color = choice("Color by", quantities, settings.color_by, (value) => this.view.set({ color_by: value }));
    this.size = choice("Size by", sizes, settings.size_by ?? "", (value) => this.view.set({ size_by: value || null }));
    this.dead = box("show dead nodes", settings.show_dead, (on) => this.view.set({ show_dead: on }));
    this.node = choice("Node", [["", "none"]], "", (value) => this.view.select(value || null));
    this.kinds = make("fieldset", { className: "p2p-kinds" }, make("legend", { textContent: "Edges" }));
    this.physics = box("springs", false, (on) => this.view.stage.setPhysics(on));
    const fit = button("Fit", "Show the whole overlay", () => { this.view.isMoved = false; this.view.stage.fit(); });
    this.tidy = button("Tidy", "Lay the overlay out anew", () => this.view.command("tidy", {}));
    this.element.append(this.color, this.size, this.node, this.kinds, this.dead, this.physics, fit, this.tidy);
  }

  // Follow what is there and what is set, wherever it was set.
  update(scene) {
    const { settings, stage, about } = this.view;
    this.color.querySelector("select").value = settings.color_by;
    this.size.querySelector("select").value = settings.size_by ?? "";
    this.dead.querySelector("input").checked = settings.show_dead;
    this.tidy.hidden = !about.can.includes("tidy");
    this.physics.hidden = scene.nodes.size > 100;
    this.updateNodes(scene);
    this.updateKinds(scene);
    const select = this.node.querySelector("select");
    if (document.activeElement !== select) select.value = settings.selected ?? "";
    stage.marked.selected = settings.selected;
  }

  updateNodes(scene) {
    const names = [...scene.nodes.values()].map((node) => [node.name, node.state === "alive" ? node.name : `${node.name}, ${node.state}`]);
    const text = names.map((pair) => pair[1]).join();
    if (text === this.namesShown) return;
    this.namesShown = text;
    const select = this.node.querySelector("select");
    fillChoice(select, [["", "none"], ...names.sort((a, b) => (a[0] < b[0] ? -1 : 1))], select.value);
  }

  updateKinds(scene) {
    const { settings, looks } = this.view;
    const kinds = scene.kinds();
    looks.kindOrder = [...looks.kindOrder, ...kinds.filter((kind) => !looks.kindOrder.includes(kind))];
    const text = JSON.stringify([kinds, settings.kinds]);
    if (text === this.kindsShown) return;
    this.kindsShown = text;
    const boxes = kinds.map((kind) => box(kind, this.view.isKindShown(kind), (on) => this.choose(kind, on), looks.kindColor(kind)));
    this.kinds.replaceChildren(this.kinds.firstChild, ...boxes);
    this.kinds.hidden = !kinds.length;
  }

  choose(kind, on) {
    const all = this.view.scene.kinds();
    const shown = all.filter((one) => (one === kind ? on : this.view.isKindShown(one)));
    this.view.set({ kinds: shown.length === all.length ? null : shown });
  }
}

class Conditions {
  constructor(view) {
    this.view = view;
    this.element = make("div", { className: "p2p-bar", role: "group", "aria-label": "What befalls the cluster" });
  }

  build() {
    const { can, link } = this.view.about;
    const command = (name) => (value) => this.view.command(name, { value });
    const percent = (value) => `${Math.round(value * 100)} %`;
    if (can.includes("run")) this.buildTime();
    if (can.includes("loss")) this.element.append(slider("Loss", { min: 0, max: 1, step: 0.01, value: link?.loss ?? 0, shown: percent }, command("loss")));
    if (can.includes("latency")) this.element.append(slider("Latency", { min: 0, max: 500, step: 5, value: 1000 * (link?.latency_s ?? 0), shown: (ms) => `${ms} ms` }, (ms) => this.view.command("latency", { value: ms / 1000 })));
    if (can.includes("churn")) this.element.append(slider("Churn", { min: 0, max: 60, step: 1, value: 0, shown: (rate) => (rate ? `${rate} a minute` : "none") }, command("churn")));
    this.element.hidden = !this.element.children.length;
  }

  // Virtual time passes only when somebody lets it.
  buildTime() {
    const run = button("Run time", "Let virtual time pass", () => this.view.command(this.isRunning ? "halt" : "run", {}), { className: "p2p-run" });
    const step = button("Step one message", "Let virtual time pass until the next message has arrived", () => this.view.command("step", { messages: 1 }), { className: "p2p-step" });
    const speed = slider("Speed", { min: -3, max: 2, step: 0.5, value: Math.log10(this.view.about.speed ?? 1), shown: (power) => `${figure(10 ** power)} times` }, (power) => this.view.command("speed", { value: 10 ** power }));
    this.run = run;
    this.element.append(run, step, speed);
  }

  update({ is_running }) {
    this.isRunning = is_running;
    if (!this.run) return;
    this.run.textContent = is_running ? "Pause time" : "Run time";
    this.run.setAttribute("aria-pressed", String(Boolean(is_running)));
  }
}
