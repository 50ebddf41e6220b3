"""A service is asked again while it is busy, and not when it refuses."""

from dataclasses import dataclass, field

from styx.clouds.patience import TRIES, answered


@dataclass
class Told:
    status_code: int
    headers: dict = field(default_factory=lambda: {"Retry-After": "0"})


def ask(*codes):
    """Return a question that is answered so, and the codes that are not used up."""
    left = list(codes)
    return (lambda: Told(left.pop(0))), left


def test_a_passing_refusal_is_asked_again():
    question, left = ask(429, 503, 200, 200)
    assert answered(question).status_code == 200
    assert left == [200]


def test_another_refusal_is_not():
    question, left = ask(403, 200)
    assert answered(question).status_code == 403
    assert left == [200]


def test_a_service_that_stays_busy_is_given_up():
    question, left = ask(*[503] * (TRIES + 1))
    assert answered(question).status_code == 503
    assert len(left) == 1
