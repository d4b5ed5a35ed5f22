// Panel: what a node holds and did, or what passes over an edge; and what can be done.

const REFRESH_MS = 1000; // between two looks at a node whose panel is open

class Panel {
  constructor(view) {
    this.view = view;
    this.of = null; // {node} or {edge: [a, b]}
    this.title = make("h3", { tabIndex: -1 });
    this.buttons = make("div", { className: "p2p-buttons", role: "group", "aria-label": "What can be done to it" });
    this.said = make("p", { className: "p2p-said", role: "status" });
    this.body = make("div", { className: "p2p-body" });
    const close = button("×", "Close", () => this.view.select(null), { className: "p2p-close", "aria-label": "Close" });
    this.element = make("aside", { className: "p2p-panel", hidden: true, "aria-label": "Details" },
      close, this.title, this.buttons, this.said, this.body);
  }

  open(of) {
    const same = JSON.stringify(of) === JSON.stringify(this.of);
    this.of = of;
    this.element.hidden = !of;
    if (!of || same) return;
    this.said.textContent = "";
    this.body.replaceChildren();
    this.buttonsFor = "";
    this.update();
    this.refresh();
  }

  update() {
    if (!this.of) return;
    if (this.of.edge) return this.updateEdge();
    const { scene, about } = this.view;
    const node = scene.nodes.get(this.of.node);
    if (!node) return this.open(null);
    this.title.textContent = `${node.name}, ${node.state}${node.role ? `, ${node.role}` : ""}`;
    const state = `${node.name} ${node.state} ${about.can} ${about.live}`;
    if (state === this.buttonsFor) return;
    this.buttonsFor = state;
    this.buttons.replaceChildren(...this.actions(node).filter(([name]) => about.can.includes(name))
      .map(([name, text]) => button(text, `${text}: ${node.name}`, () => this.act(name), { className: `p2p-do-${name}` })));
  }

  actions(node) {
    if (!this.view.about.live || node.state === "foreign") return [];
    if (node.state === "dead") return [["restart", "Restart"]];
    if (node.state === "paused") return [["resume", "Resume"], ["kill", "Kill"]];
    return [["kill", "Kill"], ["pause", "Pause"], ["restart", "Restart"], ["lookup", "Look up a random key"], ["publish", "Publish"]];
  }

  updateEdge() {
    const [a, b] = this.of.edge;
    this.title.textContent = `${a} and ${b}`;
    this.buttons.replaceChildren();
  }

  async act(name) {
    this.said.textContent = "…";
    const answer = await this.view.command(name, { node: this.of.node }, true);
    this.said.textContent = answer.ok ? answer.said || "Done." : answer.error;
    this.refresh();
  }

  async refresh() {
    const { of, view } = this;
    if (!of || !view.about.live || this.asking) return this.offline();
    this.asking = true;
    const name = of.node ? "details" : "traffic";
    const answer = await view.command(name, of.node ? { node: of.node } : { a: of.edge[0], b: of.edge[1] }, true);
    this.asking = false;
    if (this.of !== of) return this.refresh();
    if (answer.ok) this.show(answer.value);
    else this.said.textContent = answer.error;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.view.isVisible && this.refresh(), REFRESH_MS);
  }

  offline() {
    const node = this.of?.node && this.view.scene.nodes.get(this.of.node);
    if (!node || this.view.about.live) return;
    const rows = { id: node.id, address: node.address, ...node.quantities };
    this.show([["Counters", Object.entries(rows).map((row) => row.map(String))]]);
  }

  // Sections of [title, rows or text]; what was unfolded stays so.
  show(sections) {
    const open = new Set([...this.body.querySelectorAll("details[open]")].map((one) => one.dataset.title));
    const first = !this.body.children.length;
    this.body.replaceChildren(...sections.map(([title, content], place) => {
      const shown = typeof content === "string" ? make("pre", { textContent: content }) : this.table(content);
      const details = make("details", { open: first ? place < 2 : open.has(title) }, make("summary", { textContent: title }), shown);
      details.dataset.title = title;
      return details;
    }));
  }

  table(rows) {
    if (!rows.length) return make("p", { textContent: "nothing yet" });
    return make("table", {}, ...rows.map(([head, ...cells]) => make("tr", {},
      make("th", { scope: "row", textContent: head }), ...cells.map((cell) => make("td", { textContent: cell })))));
  }
}
