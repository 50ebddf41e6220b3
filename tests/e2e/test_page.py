"""The page of a task server in a real browser: what happens is on it soon, and nothing that a task says is believed."""

import json

import pytest

from tests.e2e import browser, tasks
from tests.e2e.test_server import token

pytestmark = pytest.mark.emulated

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>\u202e</td></table>"
SIZES = {
    "light": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "is_mobile": True, "has_touch": True},
}


@pytest.fixture(scope="module")
def chromium():
    with browser.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with tasks.serving(tmp_path_factory.mktemp("server")) as running:
        yield running


def row(page, task_id):
    return page.locator(f"tr[data-id='{task_id}']")


def state(page, task_id, wanted):
    """Wait until the list shows a task in a state."""
    row(page, task_id).locator(".state", has_text=wanted).wait_for()


def ended(server, code=0, agent="a1", **wishes):
    """Submit a task and end it; return its id. What else waits in these tests wants the label `nobody`."""
    task_id = server.submit(**wishes)
    (task,) = server.claim(agent)
    server.report(task, code, agent)
    return task_id


def test_what_happens_is_on_the_page_without_asking(server, chromium):
    with browser.page(chromium, server.url) as page:
        page.get_by_text("No tasks yet").wait_for()
        task_id = server.submit("echo hello", name="first")
        state(page, task_id, "queued")
        (task,) = server.claim("builder", labels=["linux"], capacity=4)
        state(page, task_id, "leased")
        page.locator("#agents li", has_text="builder").get_by_text("1 of 4").wait_for()
        server.report(task, 0, "builder")
        state(page, task_id, "succeeded")
        page.locator("#counts .succeeded b", has_text="1").wait_for()
        page.locator("#throughput g title", has_text="1 succeeded, 0 others").wait_for(state="attached")
        page.locator("#timeline rect.succeeded").wait_for(state="attached")
        server.stop()
        page.locator("#link[data-state=lost]").wait_for()
        server.start()
        page.locator("#link[data-state=live]").wait_for()
        assert row(page, task_id).count() == 1


def test_a_log_grows_as_it_is_looked_at(server, chromium):
    with browser.page(chromium, server.url) as page, tasks.agent(server, "a1"):
        gate = server.folder / "gate"
        task_id = server.submit(
            f"printf '\\033[31mfirst\\033[0m <b>plain</b>\\n'; until [ -e {gate} ]; do sleep 0.1; done; echo last"
        )
        row(page, task_id).click()
        page.locator("#log", has_text="first <b>plain</b>").wait_for()
        assert "last" not in page.locator("#log").inner_text()
        gate.touch()
        page.locator("#log", has_text="last").wait_for()
        page.locator("#following", has_text="this is all").wait_for()
        assert page.locator("#log").inner_text() == "first <b>plain</b>\nlast\n"
        with page.expect_download() as saved:
            page.locator("#save").click()
        assert saved.value.path().read_bytes() == b"\x1b[31mfirst\x1b[0m <b>plain</b>\nlast\n"


def test_each_attempt_has_its_log(server, chromium):
    with browser.page(chromium, server.url) as page, tasks.agent(server, "a1"):
        task_id = server.submit("echo attempt $STYX_TASK_ATTEMPT; exit $((2 - STYX_TASK_ATTEMPT))", retries=1)
        server.until(task_id, "succeeded")
        row(page, task_id).click()
        page.locator("#log", has_text="attempt 2").wait_for()
        page.locator("#attempts select").select_option("1")
        page.locator("#log", has_text="attempt 1").wait_for()


def test_clusters_and_their_cost(server, chromium):
    cluster = {"name": "big", "status": "up", "where": "aws/us-east-1", "nodes": 8, "hourly_usd": 251.6}
    told = [
        {**cluster, "since": "2020-01-01T00:00:00Z"},
        {**cluster, "name": "odd", "hourly_usd": None, "since": "2020-01-01T00:00:00Z"},
    ]
    with browser.page(chromium, server.url) as page:
        assert server.ask("POST", "/api/v1/agents/clusters", {"agent": "a1", "clusters": told})[0] == 200
        page.locator("#clusters li", has_text="big").get_by_text("$251.6/h").wait_for()
        page.locator("#cost output", has_text="$251.6 an hour").wait_for()
        assert "1 without a known price" in page.locator("#cost-note").inner_text()
        server.ask("POST", "/api/v1/agents/clusters", {"agent": "a1", "clusters": []})
        page.locator("#cost output", has_text="$0.00 an hour").wait_for()


def test_nothing_that_a_task_says_is_believed(server, chromium):
    task_id = server.submit(f"echo {HOSTILE}")
    told = {
        "name": HOSTILE[:100],
        "status": "up",
        "where": HOSTILE[:100],
        "nodes": 1,
        "hourly_usd": 1,
        "since": "2026-01-01T00:00:00Z",
    }
    server.ask("POST", "/api/v1/agents/clusters", {"agent": "a1", "clusters": [told]})
    (task,) = server.claim()
    server.report(task, 1, output=HOSTILE)
    server.ask("POST", "/api/v1/tasks", {"argv": [HOSTILE], "labels": ["nobody"]})
    with browser.page(chromium, server.url) as page:
        state(page, task_id, "failed")
        row(page, task_id).click()
        page.locator("#log", has_text="<script>").wait_for()
        assert page.title() == "Styx tasks"
        assert page.locator("main img, main script, dialog img, dialog script").count() == 0
        assert "\u202e" not in page.locator("body").inner_text()
        assert page.locator(".what", has_text="<img src=x").count() == 2


def test_the_page_reads_no_text_as_html(server, chromium):
    with chromium.new_context() as context:
        page = context.new_page()
        policy = page.goto(server.url).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        added = "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')"
        told = page.evaluate(f"(() => {{ try {{ {added} }} catch (error) {{ return error.name }} }})()")
        assert told == "TypeError"
    assert server.ask("GET", "/page/..%2fserve.py")[0] == 404


def test_without_a_token_it_only_shows_and_with_one_it_acts(tmp_path, chromium):
    server = tasks.Server(tmp_path)
    submit, read = token(server, "s", "submit"), token(server, "r", "read")
    server.start()
    try:
        task_id = server.ask("POST", "/api/v1/tasks", {"command": "true"}, submit)[1]["id"]
        with chromium.new_context() as context:
            page = context.new_page()
            page.goto(server.url)
            page.locator("#token-why", has_text="wants a token").wait_for()
            assert page.locator("tbody tr").count() == 0
            for one, role in ((read, "read"), (submit, "submit")):
                page.locator("#token-text").fill(one)
                page.locator("#token-use").click()
                page.locator("#open-token", has_text=f"{role} token").wait_for()
                row(page, task_id).click()
                page.locator("#log").wait_for()
                page.locator("#following", has_text="following").wait_for()
                page.locator("#cancel").wait_for(state="visible" if role == "submit" else "hidden")
                if role == "read":
                    page.keyboard.press("c")
                    page.keyboard.press("Escape")
                    assert server.ask("GET", f"/api/v1/tasks/{task_id}", None, read)[1]["state"] == "queued"
                    page.locator("#open-token").click()
            page.locator("#cancel").click()
            state(page, task_id, "cancelled")
            page.locator("#retry").click()
            state(page, task_id, "queued")
            assert submit not in page.url
            assert submit not in json.dumps(page.evaluate("({...localStorage})"))
    finally:
        server.stop()


def test_a_server_without_tokens_is_only_looked_at(server, chromium):
    task_id = server.submit(labels=["nobody"])
    with browser.page(chromium, server.url) as page:
        row(page, task_id).click()
        page.locator("#following", has_text="following").wait_for()
        assert not page.locator("#cancel").is_visible()


def only(page, task_id):
    """Wait until the list shows this task and no other."""
    page.locator(f'tbody tr:not([data-id="{task_id}"])').first.wait_for(state="detached")
    page.locator(f'tbody tr[data-id="{task_id}"]').wait_for()


def test_keys_do_what_the_mouse_does(server, chromium):
    ids = [ended(server, name=name) for name in ("one-key", "two-key", "three-key")]
    queued = server.submit(labels=["nobody"], name="queued-key")
    with browser.page(chromium, server.url) as page:
        state(page, ids[0], "succeeded")
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.evaluate("document.activeElement.dataset.id")
        page.keyboard.press("k")
        first = page.evaluate("document.activeElement.dataset.id")
        assert first != second
        page.keyboard.press("Enter")
        page.locator("#detail[open]").wait_for()
        assert page.url.endswith(first)
        page.keyboard.press("Escape")
        page.locator("#detail[open]").wait_for(state="detached")
        page.keyboard.press("1")
        page.locator("tbody tr:has(.state:not(.queued))").first.wait_for(state="detached")
        assert set(page.locator("tbody .state").all_inner_texts()) == {"queued"}
        page.keyboard.press("0")
        page.keyboard.press("/")
        page.keyboard.type("-key two")
        only(page, ids[1])
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("queued-key")
        only(page, queued)
        page.keyboard.press("Escape")
        before = page.evaluate("document.documentElement.dataset.theme")
        page.keyboard.press("t")
        page.keyboard.press("t")
        assert {before, page.evaluate("document.documentElement.dataset.theme")} == {"light", "dark"}
        page.keyboard.press("?")
        page.locator("#keys[open]").wait_for()


PALE = """() => {
  const linear = (part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && one.parentElement ? behind(one.parentElement) : colour;
  };
  const contrast = (one) => {
    const both = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  };
  return [...document.querySelectorAll("main *")]
    .filter((one) => one.offsetParent && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((one) => [one.textContent.trim().slice(0, 30), contrast(one)]).filter(([, ratio]) => ratio < 4.5);
}"""
"""What has less contrast than WCAG's 4.5."""
NAMELESS = """[...document.querySelectorAll("button, input, select")]
  .filter((one) => !one.ariaLabel && !one.textContent.trim() && !one.closest("label")).map((one) => one.outerHTML)"""


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_can_be_read_in_light_and_dark_and_on_a_phone(server, chromium, tmp_path, size):
    for code in (0, 1):
        ended(server, code, "an-agent-with-a-long-name" * 3, command="echo " + "a-long-word" * 30)
    server.submit()
    server.claim("a2", labels=["gpu"])
    waiting = server.submit(labels=["nobody"])
    server.ask("POST", f"/api/v1/tasks/{waiting}/cancel", {})
    with browser.page(chromium, server.url, **SIZES[size]) as page:
        state(page, waiting, "cancelled")
        page.screenshot(path=tmp_path / f"{size}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(PALE) == []
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate("document.documentElement.dataset.theme") == SIZES[size]["color_scheme"]
