// Ports: how a view is told and tells. The messages are the same everywhere.

// The page: events of the server down, POST up.
function pagePort(token) {
  const query = `?token=${encodeURIComponent(token)}`;
  let source;
  return {
    send(message) {
      // Who asks for everything opens a new stream: the server begins it with the film.
      if (message.type === "hello") return source.reopen();
      const request = { method: "POST", body: JSON.stringify(message), headers: { "Content-Type": "application/json" } };
      return fetch(`say${query}`, request).catch(() => {});
    },
    onMessage(handler) {
      const open = () => {
        const events = new EventSource(`events${query}`);
        events.onmessage = (event) => handler(JSON.parse(event.data));
        events.onerror = () => handler({ type: "lost", text: "No answer from the cluster; it may have ended." });
        source = { reopen: () => { events.close(); open(); } };
      };
      open();
    },
  };
}

// A saved page: what it was given is all there is.
function filePort(opening) {
  return { send() {}, onMessage: (handler) => handler(opening) };
}

// The notebook: traits are settings, custom messages are the rest. A model outlives its
// views and may have several; what came before a view is kept for it.
const SETTINGS = ["color_by", "size_by", "kinds", "paused", "at_s", "selected", "show_dead"];
const MOST_KEPT = 2000; // messages; beyond it a late view asks the kernel for everything
const kept = new Map(); // id of a model -> {opening, since}

function initialize({ model }) {
  const store = { opening: JSON.parse(model.get("opening")), since: [] };
  kept.set(model.get("view_id"), store);
  const renew = (opening) => { store.opening = opening; store.since = []; };
  onOpening((event, act) => model.on(event, act), model, renew);
  model.on("msg:custom", ({ text }) => {
    const message = JSON.parse(text);
    if (message.type === "hello") renew(message);
    else if (message.type !== "reply") store.since.push(message);
    if (store.since.length > MOST_KEPT) store.since = [];
  });
  return () => kept.delete(model.get("view_id"));
}

// A model whose kernel is gone loses its traits, and tells so as a change.
function onOpening(listen, model, act) {
  listen("change:opening", () => {
    const text = model.get("opening");
    if (text) act(JSON.parse(text));
  });
}

const NO_KERNEL = { type: "lost", text: "The kernel does not answer; run the cell again." };

function widgetPort(model) {
  const listeners = [];
  let tell = () => {};
  const listen = (event, act) => { model.on(event, act); listeners.push([event, act]); };
  return {
    send(message) {
      try {
        if (message.type !== "set") return model.send(message);
        for (const [name, value] of Object.entries(message.changes)) model.set(name, value);
        return model.save_changes();
      } catch {
        return tell(NO_KERNEL);
      }
    },
    onMessage(handler) {
      tell = handler;
      const store = kept.get(model.get("view_id")) ?? { opening: JSON.parse(model.get("opening")), since: [] };
      const settings = Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
      handler({ ...store.opening, settings });
      store.since.forEach(handler);
      listen("msg:custom", ({ text }) => handler(JSON.parse(text)));
      onOpening(listen, model, (opening) => handler({ ...opening, settings: {} }));
      for (const name of SETTINGS) {
        listen(`change:${name}`, () => handler({ type: "set", changes: { [name]: model.get(name) } }));
      }
      model.send({ type: "hello" });
    },
    close: () => listeners.forEach(([event, act]) => model.off(event, act)),
  };
}

function render({ model, el }) {
  const port = widgetPort(model);
  const view = new View(el, port);
  return () => {
    port.close();
    view.close();
  };
}

export function mount(element, port) {
  return new View(element, port);
}

export { filePort, pagePort, showPicture };
export default { initialize, render };
