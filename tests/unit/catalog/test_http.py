"""Asking feeds: whole answers, again after passing faults, and not again after others."""

import pytest

from styx.catalog.http import Fetcher
from styx.errors import CatalogError, CredentialError


class Waits(list):
    """Keeps the seconds that a fetcher would have waited."""

    def __call__(self, seconds):
        self.append(seconds)


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def fetcher(waits):
    return Fetcher(timeout_s=30, attempts=3, wait=waits)


def test_a_query_and_a_token_are_sent(feed_server, fetcher):
    feed_server.plan("/x", {"a": 1})
    assert fetcher.json(f"{feed_server.url}/x", {"$filter": "a eq 'b'"}, "secret") == {"a": 1}
    assert feed_server.asked == [("/x", "%24filter=a+eq+%27b%27", "Bearer secret")]


def test_too_many_requests_waits_as_long_as_it_is_told(feed_server, fetcher, waits):
    feed_server.plan("/x", (429, {"Retry-After": "7"}, ""), {"a": 1})
    assert fetcher.json(f"{feed_server.url}/x") == {"a": 1}
    assert waits == [7]


def test_each_wait_is_told_with_its_reason(feed_server, waits):
    feed_server.plan("/x", (429, {"Retry-After": "7"}, ""), (200, {}, '{"a": 1}', 0, 3), {"a": 1})
    told = []
    fetcher = Fetcher(timeout_s=30, attempts=3, wait=waits, waiting=lambda *said: told.append(said))
    assert fetcher.json(f"{feed_server.url}/x") == {"a": 1}
    assert told[0] == (f"{feed_server.url}/x", "HTTP 429", 7)
    assert [seconds for _, _, seconds in told] == waits
    assert "without sending complete message" in told[1][1]


def test_faults_of_the_server_are_waited_out_longer_each_time(feed_server, fetcher, waits):
    feed_server.plan("/x", (500, {}, ""), (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, ""), {"a": 1})
    assert fetcher.json(f"{feed_server.url}/x") == {"a": 1}
    assert 0.8 <= waits[0] <= 1.2
    assert 1.6 <= waits[1] <= 2.4


def test_a_server_that_stays_broken_ends_it(feed_server, fetcher, waits):
    feed_server.plan("/x", (502, {}, ""))
    with pytest.raises(CatalogError, match="HTTP 502"):
        fetcher.json(f"{feed_server.url}/x")
    assert len(feed_server.asked) == 3
    assert len(waits) == 2


@pytest.mark.parametrize("cut", [1, 5])
def test_an_answer_that_is_cut_off_is_asked_for_again(feed_server, fetcher, cut):
    feed_server.plan("/x", (200, {}, '{"a": 1}', 0, cut), {"a": 1})
    assert fetcher.json(f"{feed_server.url}/x") == {"a": 1}


def test_json_that_ends_early_is_asked_for_again_and_then_refused(feed_server, fetcher):
    feed_server.plan("/x", '{"a": [1, ')
    with pytest.raises(CatalogError, match="no whole answer"):
        fetcher.json(f"{feed_server.url}/x")
    assert len(feed_server.asked) == 3


def test_json_that_is_no_object_is_refused(feed_server, fetcher):
    feed_server.plan("/x", [1])
    with pytest.raises(CatalogError, match="no object"):
        fetcher.json(f"{feed_server.url}/x")


def test_a_silent_server_is_given_up(feed_server, waits):
    feed_server.plan("/x", (200, {}, "{}", 0.5))
    with pytest.raises(CatalogError, match="timed out"):
        Fetcher(timeout_s=0.1, attempts=2, wait=waits).json(f"{feed_server.url}/x")


def test_nobody_listening_is_a_clear_error(feed_server, fetcher):
    url = feed_server.url
    feed_server.shutdown()
    feed_server.server_close()
    with pytest.raises(CatalogError, match="no whole answer"):
        fetcher.json(url)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_not_tried_again(feed_server, fetcher, status):
    feed_server.plan("/x", (status, {}, ""))
    with pytest.raises(CredentialError):
        fetcher.json(f"{feed_server.url}/x")
    assert len(feed_server.asked) == 1


def test_another_answer_is_not_tried_again(feed_server, fetcher):
    feed_server.plan("/x", (302, {"Location": "http://127.0.0.1:1/"}, ""))
    with pytest.raises(CatalogError, match="HTTP 302"):
        fetcher.json(f"{feed_server.url}/x")
    assert len(feed_server.asked) == 1


def test_lines_come_only_when_all_of_them_are_there(feed_server, fetcher):
    text = "one\ntwo\nthree\n"
    feed_server.plan("/x", (200, {}, text, 0, 3), (200, {}, text))
    assert list(fetcher.lines(f"{feed_server.url}/x")) == ["one\n", "two\n", "three\n"]
    feed_server.plan("/y", (200, {}, text, 0, 3))
    with pytest.raises(CatalogError, match="no whole answer"):
        list(fetcher.lines(f"{feed_server.url}/y"))
