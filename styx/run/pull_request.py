"""The comment of a pipeline on a pull request: written once, then updated in place."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from styx.errors import CredentialError, UsageError

_TIMEOUT_S = 30
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Forge:
    """Where the notes of one pull request are, and how they are written."""

    notes: str
    """URL of the list of notes."""
    note: str
    """URL of one note, with `{id}` in it."""
    update: str
    """The method that changes a note."""
    headers: Mapping[str, str]


def github(env: Mapping[str, str]) -> Forge:
    """Return the pull request of a GitHub workflow; raise UsageError when its variables are missing."""
    api, repository, number, token = _all(env, "GITHUB_API_URL", "GITHUB_REPOSITORY", "PULL_REQUEST", "GITHUB_TOKEN")
    issues = f"{api}/repos/{repository}/issues"
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    return Forge(f"{issues}/{number}/comments", f"{issues}/comments/{{id}}", "PATCH", headers)


def gitlab(env: Mapping[str, str]) -> Forge:
    """Return the merge request of a GitLab pipeline; raise UsageError when its variables are missing."""
    names = ("CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID", "STYX_GITLAB_TOKEN")
    api, project, number, token = _all(env, *names)
    notes = f"{api}/projects/{project}/merge_requests/{number}/notes"
    return Forge(notes, f"{notes}/{{id}}", "PUT", {"PRIVATE-TOKEN": token})


def write(forge: Forge, text: str, marker: str) -> str:
    """Write `text` over the note that begins with `marker`, else as a new one; return `updated` or `created`.

    Raises CredentialError when the forge refuses, UsageError when it cannot be asked.
    """
    for page in range(1, _MOST_PAGES + 1):
        found = _ask(forge, "GET", f"{forge.notes}?per_page=100&page={page}")
        for note in found:
            if str(note.get("body", "")).startswith(marker):
                _ask(forge, forge.update, forge.note.format(id=note["id"]), text)
                return "updated"
        if len(found) < 100:
            break
    _ask(forge, "POST", forge.notes, text)
    return "created"


def _ask(forge: Forge, method: str, url: str, text: str | None = None) -> Any:  # noqa: ANN401 - any JSON value
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise UsageError(f"{url} is not an https URL", "the token is sent over https only")
    data = None if text is None else json.dumps({"body": text}).encode()
    headers = {**forge.headers, "Content-Type": "application/json", "User-Agent": "styx"}
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - judged above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - judged above
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        hint = "give the job's token the right to write notes (GitHub: pull-requests: write; GitLab: scope api)"
        raise CredentialError(f"{method} {url} was answered with {error.code} {error.reason}", hint) from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{url} cannot be asked: {error}", "look at the network of the runner") from error


def _all(env: Mapping[str, str], *names: str) -> list[str]:
    if missing := [name for name in names if not env.get(name)]:
        raise UsageError(f"{', '.join(missing)}: not set", "run it in a pipeline of a pull request: `styx ci init`")
    return [env[name] for name in names]
