"""A real browser without a window: the system's Chromium."""

import os
import shutil
from contextlib import contextmanager

import pytest


@contextmanager
def chromium():
    """Yield the browser; its sandbox wants a user that is not root."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have a browser: .ci/system-packages installs it")
        pytest.skip("chromium is not installed")
    words = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=words)
        try:
            yield browser
        finally:
            browser.close()


_GONE = "net::ERR_"
"""What a browser says of a server that is stopped."""


@contextmanager
def page(browser, url, **options):
    """Yield a page of its own at `url`; whatever it complains of, or asks of another address, fails the test."""
    context = browser.new_context(**options)
    opened = context.new_page()
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(said):
        if said.type in {"error", "warning"} and _GONE not in said.text:
            complaints.append(said.text)

    def see(asked):
        if not asked.url.startswith((url, "blob:")):
            complaints.append(asked.url)

    opened.on("console", hear)
    opened.on("request", see)
    opened.goto(url)
    try:
        yield opened
        assert complaints == []
    finally:
        context.close()
