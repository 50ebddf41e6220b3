"""Whether Lambda takes the API key: one call, which also tells what has capacity now."""

from collections.abc import Iterator, Mapping

from styx.clouds.readiness import PROXY, Finding, refusal, unreachable

KEYS = ("LAMBDALABS_API_KEY", "LAMBDA_API_KEY")
"""What Terraform's provider reads, and Lambda's own name for it, which the price feed reads."""

NEW_KEY = "export LAMBDALABS_API_KEY=…   # from https://cloud.lambda.ai/api-keys"


def check(env: Mapping[str, str], url: str) -> Iterator[Finding]:
    """Yield what was found. There are no permissions to ask for: a key may do everything."""
    name = next((name for name in KEYS if env.get(name)), "")
    if not name:
        yield Finding("credentials", "API key", "missing", f"{KEYS[0]} is not set", NEW_KEY)
        return
    key = env[name]
    if not (key.isascii() and key.isprintable()) or " " in key:
        yield Finding("credentials", "API key", "missing", f"{name} holds what no key can hold", NEW_KEY)
        return
    import httpx

    try:
        answer = httpx.get(f"{url}/api/v1/instance-types", headers={"Authorization": f"Bearer {key}"}, timeout=10)
    except httpx.HTTPError as error:
        yield unreachable(url.partition("//")[2], str(error) or type(error).__name__)
        return
    yield from _read(answer, name)


def _read(answer: "httpx.Response", name: str) -> Iterator[Finding]:  # type: ignore[name-defined]  # noqa: F821
    if answer.status_code != 200:
        yield Finding("credentials", "API key", "missing", refusal(answer), NEW_KEY)
        return
    try:
        types = answer.json()["data"].values()
    except (ValueError, LookupError, TypeError, AttributeError):
        yield Finding("network", "instance types", "missing", "the answer is not Lambda's", PROXY)
        return
    yield Finding("credentials", "API key", "ok", f"from {name}")
    if name != KEYS[0]:
        mend = f"export {KEYS[0]}=${name}"
        yield Finding("credentials", KEYS[0], "missing", "not set, and Terraform's provider reads no other", mend)
    free = sum(1 for one in types if one.get("regions_with_capacity_available"))
    yield Finding("quota", "capacity", "ok" if free else "note", f"{free} of {len(types)} types can be had now")
