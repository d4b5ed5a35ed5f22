// Elements: plain ones, with the labels that keyboards and screen readers need.

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function button(text, title, act, properties = {}) {
  return make("button", { type: "button", textContent: text, title, onclick: act, ...properties });
}

// A choice among [value, text] pairs, inside its label.
function choice(text, options, value, act) {
  const select = make("select", { "aria-label": text, onchange: () => act(select.value) });
  fillChoice(select, options, value);
  return make("label", {}, make("span", { textContent: text }), select);
}

function fillChoice(select, options, value) {
  select.replaceChildren(...options.map(([one, shown]) => make("option", { value: one, textContent: shown })));
  select.value = value;
}

function box(text, checked, act, swatch) {
  const input = make("input", { type: "checkbox", checked, onchange: () => act(input.checked) });
  const mark = swatch ? make("span", { className: "p2p-swatch", "aria-hidden": "true" }) : null;
  if (mark) mark.style.background = swatch;
  return make("label", { className: "p2p-box" }, input, mark, make("span", { textContent: text }));
}

// A slider with its value written beside it; `act` hears of it when it is let go.
function slider(text, { min, max, step, value, shown }, act) {
  const output = make("output", { textContent: shown(value) });
  const input = make("input", { type: "range", min, max, step, value, "aria-label": text,
    oninput: () => {
      output.textContent = shown(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
    },
    onchange: () => act(Number(input.value)) });
  input.setAttribute("aria-valuetext", shown(value));
  return make("label", { className: "p2p-slider" }, make("span", { textContent: text }), input, output);
}

// The little picture of a row of the legend.
function swatch(mark, color) {
  const names = { dot: 1, square: 1, diamond: 1, triangle: 1, triangleDown: 1, hexagon: 1, star: 1, ghost: 1, pulse: 1, sizes: 1, ramp: 1, cross: 1, hollow: 1, line: 1, dash: 1 };
  const element = make("span", { className: `p2p-mark p2p-mark-${mark in names ? mark : "dot"}`, "aria-hidden": "true" });
  if (mark === "ramp") element.style.background = `linear-gradient(to right, ${color})`;
  else element.style.setProperty("--fill", color);
  return element;
}

const seconds = (value) => `${value.toFixed(value < 100 ? 2 : 1)} s`;
