"""The JavaScript module of the live view, as one text: the same for page and widget.

Its files are plain parts without imports, joined in the order of their names; there is
no build step. vis-network comes along as pyvis ships it, packed, so nothing is ever
asked from another machine.
"""

from __future__ import annotations

import base64
import gzip
import re
from functools import cache
from pathlib import Path

from p2pkit.observe.extras import load

STATIC = Path(__file__).parent / "static"


@cache
def module() -> str:
    """Return the whole ES module, about 230 KB. Needs pyvis.

    Its exports: `mount(element, port)`, `pagePort(token)`, `filePort(opening)`, and
    as default what anywidget calls: `initialize` and `render`.
    """
    parts = [path.read_text("utf-8") for path in sorted(STATIC.glob("*.js"))]
    return "\n".join([f'const LIBRARY = "{library()}";', *parts])


@cache
def style() -> str:
    """Return the style sheet; every rule stands below the class ``p2pkit``."""
    return (STATIC / "style.css").read_text("utf-8")


@cache
def library() -> str:
    """Return the script of vis-network that pyvis ships: gzip, then base64."""
    root = Path(str(load("pyvis", "view").__file__)).parent
    script = (root / "lib" / "vis-9.1.2" / "vis-network.min.js").read_bytes()
    return base64.b64encode(gzip.compress(script, mtime=0)).decode()


def page(start: str, policy: str, nonce: str, opening: str = "null") -> str:
    """Return a whole HTML page around the module.

    Parameters
    ----------
    start : str
        A statement of JavaScript: what to show in the page's body.
    policy : str
        The page's Content-Security-Policy.
    nonce : str
        What the policy lets scripts carry.
    opening : str
        What a saved page shows, as JSON.
    """
    parts = {
        "POLICY": policy,
        "STYLE": style(),
        # "<" would let a name end the script element it stands in.
        "OPENING": opening.replace("<", "\\u003c"),
        "MODULE": module(),
        "START": start,
        "NONCE": nonce,
    }
    text = (STATIC / "page.html").read_text("utf-8")
    return re.sub(r"@([A-Z]+)@", lambda mark: parts[mark[1]], text)


def policy(nonce: str, connect: str) -> str:
    """Return a Content-Security-Policy: our scripts, and no other machine.

    vis-network is unpacked in the page and imported from a blob.
    """
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}' blob:; "
        f"style-src 'unsafe-inline'; img-src data:; connect-src {connect}; "
        "base-uri 'none'; form-action 'none'"
    )
