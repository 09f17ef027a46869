"""Fixtures of the interactive map's tests: a browser without a network that reports all trouble."""

import pytest
from webmap_pages import CHROMIUM, SOURCE, history_of, kalmar

from segkit import webmap


@pytest.fixture(scope="session")
def map_areas():
    return kalmar()


@pytest.fixture(scope="session")
def map_history(map_areas):
    return history_of(map_areas)


@pytest.fixture(scope="session")
def map_page(map_areas, map_history, tmp_path_factory):
    """The page of a map with profiles, index, and an indicator of three years."""
    path = tmp_path_factory.mktemp("web") / "kalmar.html"
    made = webmap.build(map_areas, history=map_history, index="index", source=SOURCE)
    return webmap.save(made, path)


@pytest.fixture(scope="module")
def offline_browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(offline_browser):
    """Open files in a browser that is offline; afterwards nothing may have gone wrong."""
    contexts, trouble = [], []

    def open_page(path, *, width=1100, height=750, inside="body"):
        context = offline_browser.new_context(offline=True, viewport={"width": width, "height": height})
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda note: trouble.append(note.text) if note.type in {"error", "warning"} else 0)
        tab.on("pageerror", lambda error: trouble.append(str(error)))
        tab.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
        tab.on(
            "request",
            lambda asked: (
                trouble.append(asked.url) if asked.url[:5] not in {"file:", "data:", "about"} else 0
            ),
        )
        tab.goto(path.as_uri())
        frame = tab if inside == "body" else tab.frame_locator(inside)
        frame.locator("[data-areas]").wait_for()
        return tab

    yield open_page
    assert trouble == []
    for context in contexts:
        context.close()
