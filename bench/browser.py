"""What a person waits for: Chromium opens the board cold."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from playwright.sync_api import sync_playwright

from bench.server import Client

CHROMIUM_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

PAINTED = """() => new Promise((tell) => new PerformanceObserver((seen) => {
    for (const entry of seen.getEntriesByName("first-contentful-paint")) tell(entry.startTime);
}).observe({type: "paint", buffered: true}))"""
"""The cards are in the page's first answer, so the first paint with content shows them."""


@dataclass(frozen=True)
class FirstSight:
    """A cold visit to the board: milliseconds until the first card is painted, bytes over the wire, requests."""

    first_card_ms: float
    kilobytes: float
    requests: int


def first_sight(client: Client, times: int = 5) -> FirstSight:
    """The median of several cold visits, each with an empty cache."""
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    sights = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        for _ in range(times):
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            name, _, value = client.cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{client.port}"}])
            page = context.new_page()
            wire = context.new_cdp_session(page)
            wire.send("Network.enable")
            sizes: list[float] = []
            wire.on(
                "Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"])
            )
            page.goto(f"http://127.0.0.1:{client.port}/", wait_until="load")
            page.locator("article.card").first.wait_for()
            page.wait_for_load_state("networkidle")
            painted = page.evaluate(PAINTED)
            sights.append(FirstSight(float(painted), sum(sizes) / 1024, len(sizes)))
            context.close()
        chromium.close()
    return sorted(sights, key=lambda sight: sight.first_card_ms)[len(sights) // 2]
