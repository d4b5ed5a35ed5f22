"""The page of a space-time diagram: choose a message, read it below."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>@TITLE@</title>
<style>
body { font: 14px sans-serif; margin: 1em; color: #222; background: #fff; }
svg { max-width: 100%; height: auto; display: block; }
.m { cursor: pointer; outline: none; }
.m .hit { fill: none; stroke: transparent; stroke-width: 9; }
.m:hover .hit { stroke: #0077bb; stroke-opacity: 0.25; }
.m:focus-visible .hit { stroke: #0077bb; stroke-opacity: 0.5; }
.m[aria-pressed=true] .hit { stroke: #ffcc00; stroke-opacity: 0.6; }
pre { background: #f4f5f7; padding: 0.8em; min-height: 8em; white-space: pre-wrap;
 overflow-wrap: anywhere; }
</style>
</head>
<body>
@SVG@
<p id="how">Click a message to read it. With the keyboard: Tab to the diagram, then the
arrow keys from message to message.</p>
<pre id="said" aria-live="polite" aria-label="The chosen message"></pre>
<script>
"use strict";
const texts = @TEXTS@;
const all = [...document.querySelectorAll(".m")];
const said = document.getElementById("said");
let chosen = null;
function choose(one, focus) {
  if (chosen) { chosen.setAttribute("aria-pressed", "false"); chosen.tabIndex = -1; }
  chosen = one;
  one.setAttribute("aria-pressed", "true");
  one.tabIndex = 0;
  said.textContent = texts[Number(one.dataset.number) - 1];
  if (focus) one.focus();
}
const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
all.forEach((one, place) => {
  one.addEventListener("click", () => choose(one, true));
  one.addEventListener("keydown", (event) => {
    let to = null;
    if (event.key in steps) to = place + steps[event.key];
    else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = all.length - 1;
    else if (event.key === "Enter" || event.key === " ") to = place;
    if (to === null) return;
    event.preventDefault();
    choose(all[Math.min(Math.max(to, 0), all.length - 1)], true);
  });
});
if (all.length) all[0].tabIndex = 0;
</script>
</body>
</html>
"""


def write_page(svg: str, texts: Sequence[str], title: str) -> str:
    """Return a self-contained page that asks no other machine.

    Parameters
    ----------
    svg : str
        The diagram, whose groups carry their number.
    texts : sequence of str
        What is said of each group, in order of its number from 1.
    title : str
        Of the page.
    """
    # "<" would let a name end the script element it stands in.
    data = json.dumps(list(texts)).replace("<", "\\u003c")
    parts = {"@TITLE@": escape(title), "@SVG@": svg, "@TEXTS@": data}
    # All at once: a name that looks like a mark must not be taken for one.
    return re.sub("@[A-Z]+@", lambda found: parts[found[0]], _PAGE)
