"""Ansible module: a git repository as the working folder, at one commit."""

import contextlib
import os
import shutil
import subprocess
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: git_workdir
short_description: A git repository as the working folder
description:
  - Fetches a branch, a tag or a commit, and brings the folder's files to it when it moved.
  - What a job wrote stays, unless it is where a file of another commit is placed now.
  - A token or a key is git's for the time of the fetch alone, and in no argument of a program.
options:
  url:
    description: The repository.
    type: str
    required: true
  ref:
    description: A branch, a tag or a commit; the repository's own choice when empty.
    type: str
    default: ""
  home:
    description: The home folder; the repository comes to its folder workdir.
    type: path
    required: true
  token:
    description: A token for a repository behind https.
    type: str
    default: ""
  key:
    description: The text of a private key for a repository behind ssh.
    type: str
    default: ""
"""

ASKPASS = """#!/bin/sh
case "$1" in Username*) echo x-access-token ;; *) printf '%s\\n' "$STYX_GIT_TOKEN" ;; esac
"""
TIMEOUT_S = 1800


class GitError(Exception):
    """What git said when it failed."""


def unfit(given):
    """Return why a token cannot be used for this repository; empty when it can."""
    if given["token"] and given["url"].startswith(("http:", "git:")):
        return "a token is not sent to a repository without TLS: write https://…"
    return "" if shutil.which("git") else "git is not installed on this machine"


@contextlib.contextmanager
def credentials(home, token, key):
    """Give git's environment for the time of the block; what it holds on disk is gone with it."""
    with tempfile.TemporaryDirectory(prefix="styx-git-", dir=os.path.join(home, ".styx")) as folder:
        known = f"-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={home}/.styx/git_known_hosts"
        ssh = f"ssh -o BatchMode=yes -o ConnectTimeout=20 {known}"
        environment = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        if token:
            environment |= {"GIT_ASKPASS": write(folder, "askpass", ASKPASS, 0o700), "STYX_GIT_TOKEN": token}
        if key:
            ssh += f" -o IdentitiesOnly=yes -i {write(folder, 'key', key.strip() + chr(10), 0o600)}"
        yield {**os.environ, **environment, "GIT_SSH_COMMAND": ssh}


def write(folder, name, text, mode):
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as stream:
        stream.write(text)
    return path


class Repository:
    """The working folder as git sees it."""

    def __init__(self, folder, environment):
        self._folder = folder
        self._environment = environment

    def git(self, *words):
        """Run git; return what it printed, raise GitError when it failed."""
        done = subprocess.run(
            ["git", "-C", self._folder, "-c", "advice.detachedHead=false", *words],
            env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=TIMEOUT_S,
        )  # fmt: skip
        if done.returncode:
            raise GitError(done.stderr.strip() or f"git {words[0]} ended with exit code {done.returncode}")
        return done.stdout.strip()

    def asked(self, *words):
        """Return what git printed; empty when it failed."""
        try:
            return self.git(*words)
        except GitError:
            return ""

    def commit(self, name):
        """Return the commit that a name means; empty for none."""
        return self.asked("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")

    def is_whole(self):
        """Tell whether the last checkout ended: an interrupted one leaves the lock of the index."""
        return not os.path.exists(os.path.join(self._folder, ".git", "index.lock"))

    def fetch(self, url, ref):
        """Fetch what `ref` means at `url`; return its commit."""
        try:
            self.git("fetch", "--quiet", "--no-tags", "--depth=1", "--end-of-options", url, ref or "HEAD")
            return self.commit("FETCH_HEAD")
        except GitError as error:
            # A server may refuse a commit by its name, or know nothing of depth.
            everything = ["+HEAD:refs/styx/head", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
            depth = ["--unshallow"] if self.asked("rev-parse", "--is-shallow-repository") == "true" else []
            with contextlib.suppress(GitError):
                self.git("fetch", "--quiet", *depth, "--end-of-options", url, *everything)
                names = (f"refs/tags/{ref}", f"refs/remotes/origin/{ref}", ref) if ref else ("refs/styx/head",)
                if found := next(filter(None, map(self.commit, names)), ""):
                    return found
            raise error

    def place(self, commit):
        """Bring the files to `commit`."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self._folder, ".git", "index.lock"))  # of one that was killed
        self.git("reset", "--quiet", "--hard", commit)


def bring(given, environment, check):
    """Bring the repository to the home; return (whether anything changed, the commit)."""
    folder = os.path.join(given["home"], "workdir")
    repository = Repository(folder, environment)
    if not os.path.isdir(os.path.join(folder, ".git")):
        if check:
            return True, ""
        repository.git("init", "--quiet")
    here = repository.commit("HEAD") if repository.is_whole() else ""
    if here and here == given["ref"]:  # a commit stays what it is
        return False, here
    wanted = repository.fetch(given["url"], given["ref"])
    if here == wanted or check:
        return here != wanted, wanted
    if repository.asked("remote", "get-url", "origin") != given["url"]:
        repository.asked("remote", "remove", "origin")
        repository.git("remote", "add", "origin", "--", given["url"])
    repository.place(wanted)
    return True, wanted


def main():
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "ref": {"type": "str", "default": ""},
            "home": {"type": "path", "required": True},
            "token": {"type": "str", "default": "", "no_log": True},
            "key": {"type": "str", "default": "", "no_log": True},
        },
        supports_check_mode=True,
    )
    os.umask(0o077)
    given = module.params
    if reason := unfit(given):
        module.fail_json(msg=reason)
    try:
        with credentials(given["home"], given["token"], given["key"]) as environment:
            changed, commit = bring(given, environment, module.check_mode)
    except GitError as error:
        module.fail_json(msg=f"{given['url']} at {given['ref'] or 'its default'} cannot be had: {error}")
    except subprocess.TimeoutExpired:
        module.fail_json(msg=f"{given['url']} has not come within {TIMEOUT_S} s")
    module.exit_json(changed=changed, commit=commit)


if __name__ == "__main__":
    main()
