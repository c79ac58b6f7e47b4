"""What the server adds to Streamlit's answers: where the app lives, and that a page may talk to nobody else."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = b"<script>{%s}</script>" % Path(__file__).with_name("page.js").read_bytes()
"""What runs before Streamlit's page."""
_HEAD = b"<head>"
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def policy(page: bytes) -> str:
    """Content security policy of a page: this server only, and no inline script but those that the page came with.

    Vega compiles its expressions (``unsafe-eval``), components v2 are modules made in the browser (``blob:``), and
    Streamlit's styles are inline.
    """
    inline = " ".join(f"'sha256-{b64encode(sha256(code).digest()).decode()}'" for code in _SCRIPT.findall(page))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: 'unsafe-eval' {inline}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Guard:
    """Middleware that adds `SCRIPT` and the policy to every page, and `HEADERS` to everything."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        page = bytearray()

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.update(HEADERS)
                if message["status"] == 200 and headers.get("content-type", "").startswith("text/html"):
                    start = message
                    return
            elif start:
                page.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                await _send_page(start, bytes(page), send)
                return
            await send(message)

        await self.app(_plain(scope), receive, answer)


def _plain(scope: Scope) -> Scope:
    """The request without the wish for a packed or an unchanged page, both of which would hide the page's text."""
    if not any(name == b"accept" and b"text/html" in value for name, value in scope["headers"]):
        return scope
    unwanted = {b"accept-encoding", b"if-none-match", b"if-modified-since"}
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in unwanted]}


async def _send_page(start: Message, page: bytes, send: Send) -> None:
    body = page.replace(_HEAD, _HEAD + SCRIPT, 1)
    headers = MutableHeaders(raw=start["headers"])
    headers["Content-Security-Policy"] = policy(body)
    if page:  # a HEAD request has none
        headers["Content-Length"] = str(len(body))
    await send(start)
    await send({"type": "http.response.body", "body": body})


MIDDLEWARE = (Middleware(Guard),)
