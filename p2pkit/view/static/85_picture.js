// A picture that stays as it is: nodes, edges, legend and caption, to drag and zoom.

async function showPicture(element, model) {
  const vis = await loadVis(LIBRARY);
  const holder = make("div", { className: "p2p-canvas", role: "img", "aria-label": model.caption });
  const stage = make("div", { className: "p2p-stage" }, make("div", { className: "p2p-place" }, holder));
  const legend = make("div", { className: "p2p-legend", id: "legend" }, ...model.legend.map(legendRow));
  const caption = make("span", { className: "p2p-caption", id: "caption", textContent: model.caption });
  const foot = make("div", { className: "p2p-foot" }, legend, caption);
  const root = make("section", { className: "p2pkit" }, stage, foot);
  element.append(root);
  const network = new vis.Network(holder, { nodes: model.nodes, edges: model.edges }, model.options);
  network.fit({ animation: false });
  network.once("afterDrawing", () => { root.dataset.drawn = "yes"; });
}

function legendRow({ mark, color, text }) {
  return make("span", {}, swatch(mark, color), text);
}
