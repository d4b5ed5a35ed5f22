// Draws a model with vis-network, and, if it is live, merges a new one each second.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const packed = new Blob([bytes]).stream();
    return new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
  }

  function run(source) {
    const script = document.createElement("script");
    script.textContent = source;
    document.head.append(script);
    script.remove();
  }

  function explain(model) {
    byId("caption").textContent = model.caption;
    byId("legend").replaceChildren(...model.legend.map((entry) => {
      const item = document.createElement("span");
      const mark = document.createElement("span");
      mark.className = "mark " + entry.mark;
      const isLine = entry.mark === "line" || entry.mark === "dash";
      mark.style[isLine ? "borderTopColor" : "background"] = entry.color;
      item.append(mark, entry.text);
      item.style.marginRight = "14px";
      return item;
    }));
  }

  // Only what differs is given to vis: each update of a set draws everything again.
  function merge(set, items, seen) {
    const now = new Map(items.map((item) => [item.id, JSON.stringify(item)]));
    const gone = [...seen.keys()].filter((id) => !now.has(id));
    if (gone.length) set.remove(gone);
    const changed = items.filter((item) => seen.get(item.id) !== now.get(item.id));
    if (changed.length) set.update(changed);
    return now;
  }

  async function start() {
    const model = JSON.parse(byId("model").textContent);
    run(await unpack(byId("library").textContent));
    const nodes = new vis.DataSet(), edges = new vis.DataSet();
    let seenNodes = new Map(), seenEdges = new Map();

    function show(next) {
      seenNodes = merge(nodes, next.nodes, seenNodes);
      seenEdges = merge(edges, next.edges, seenEdges);
      explain(next);
    }

    async function ask() {
      let wait = 1000;
      try {
        const answer = await fetch("graph" + location.search, { cache: "no-store" });
        if (!answer.ok) throw new Error(String(answer.status));
        show(await answer.json());
        byId("status").textContent = "";
      } catch (error) {
        byId("status").textContent = "No answer from the cluster; it may have ended.";
        wait = 5000;
      }
      setTimeout(ask, wait);
    }

    show(model);
    const network = new vis.Network(byId("overlay"), { nodes, edges }, model.options);
    network.fit({ animation: false });
    network.once("afterDrawing", () => document.body.dataset.drawn = "yes");
    if (model.live) setTimeout(ask, 1000);
  }

  start();
})();
