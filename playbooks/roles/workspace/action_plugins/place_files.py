"""Ansible action: bring a workdir and file mounts from the controller to a host, when they differ.

The files are listed and read through descriptors of their folders, without following any link, so what is
checked is what is sent. `.gitignore` files (or, when the workdir has one, its `.skyignore`) are honoured; the
folder `.git` stays at home.
"""

import hashlib
import os
import re
import stat
import tarfile
import tempfile

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Compare digests with the host; pack, send and unpack only when they differ."""

    TRANSFERS_FILES = True

    def run(self, tmp=None, task_vars=None):
        """Return what the module of the same name found or did on the host."""
        result = super().run(tmp, task_vars)
        home, base = self._task.args["home"], task_vars["playbook_dir"]
        mounts = self._task.args.get("file_mounts") or []
        sources = [("workdir", self._task.args.get("workdir") or "")]
        sources += [(target_in(home, mount["target"]), mount["source"]) for mount in mounts]
        sources = [(target, os.path.join(base, os.path.expanduser(source))) for target, source in sources if source]
        digest = digest_of(sources)
        answer = self.ask(task_vars, home=home, digest=digest)
        if answer.get("changed") and not self._task.check_mode:
            answer = self.send(task_vars, sources, home=home)
        result.update(answer)
        return result

    def ask(self, task_vars, **arguments):
        """Run the module on the host."""
        return self._execute_module(module_name="place_files", module_args=arguments, task_vars=task_vars)

    def send(self, task_vars, sources, home):
        """Pack the files, bring the package to the host and unpack it there."""
        with tempfile.NamedTemporaryFile(prefix="styx-files-") as package:
            digest = pack(sources, package)
            folder = self._make_tmp_path()
            remote = self._transfer_file(package.name, folder.rstrip("/") + "/files.tar")
            try:
                return self.ask(task_vars, home=home, digest=digest, package=remote)
            finally:
                self._remove_tmp_path(folder)


def target_in(home, target):
    """Return a mount's target relative to the home; a relative one is in the workdir."""
    if target.startswith("~/"):
        path = target[2:]
    elif target.startswith("/"):
        path = os.path.relpath(target, home)
    else:
        path = os.path.join("workdir", target)
    path = os.path.normpath(path)
    if path.startswith("..") or path == ".":
        raise AnsibleActionFail(
            f"the file mount {target} is outside of the machine's home folder; write ~/{os.path.basename(target)}"
        )
    return path


def digest_of(sources):
    """Return the digest of all that would be packed."""
    whole = hashlib.sha256()
    for entry, stream in entries(sources):
        add_to_digest(whole, entry, stream)
    return whole.hexdigest()


def pack(sources, package):
    """Write a tar of all files to `package`; return the digest of what went into it."""
    whole = hashlib.sha256()
    with tarfile.open(fileobj=package, mode="w") as archive:
        for entry, stream in entries(sources):
            if stream:
                entry.size = os.fstat(stream.fileno()).st_size
            archive.addfile(entry, stream)
            if stream:
                stream.seek(0)
            add_to_digest(whole, entry, stream)
    package.flush()
    return whole.hexdigest()


def add_to_digest(whole, entry, stream):
    content = hashlib.sha256()
    while stream and (chunk := stream.read(1024 * 1024)):
        content.update(chunk)
    whole.update(repr((entry.name, entry.type, entry.mode, entry.linkname, content.hexdigest())).encode())


def entries(sources):
    """Yield (TarInfo, open stream or None) of every file, folder and link to place."""
    for target, source in sources:
        if os.path.isdir(source):
            yield from entries_of_folder(target, os.path.realpath(source))
        elif os.path.isfile(source):
            with open(source, "rb") as stream:
                yield described(target, os.fstat(stream.fileno())), stream
        else:
            raise AnsibleActionFail(f"{source}, to be placed at ~/{target}, is not there")


def entries_of_folder(target, source):
    """Yield the entries of one folder, what its ignore files name left out."""
    rules = {}
    only = ".skyignore" if os.path.exists(os.path.join(source, ".skyignore")) else ".gitignore"
    for folder, folders, files, handle in os.fwalk(source, follow_symlinks=False):
        inner = os.path.relpath(folder, source)
        if only in files and (inner == "." or only == ".gitignore"):
            with open(os.open(only, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=handle), "rb") as stream:
                rules[inner] = ignore_rules(os.fsdecode(stream.read()))  # as the names of files are
        kept = [name for name in sorted(folders) if name != ".git" and not ignored(rules, inner, name, True)]
        links = [name for name in kept if stat.S_ISLNK(os.lstat(name, dir_fd=handle).st_mode)]
        folders[:] = [name for name in kept if name not in links]
        yield described(os.path.normpath(os.path.join(target, inner)), os.fstat(handle)), None
        for name in sorted(links + [name for name in files if not ignored(rules, inner, name, False)]):
            yield from entry_of(source, os.path.join(inner, name), os.path.join(target, inner, name), handle)


def entry_of(source, inner, target, handle):
    """Yield the entry of one file or link; a link that leaves the folder is refused."""
    name, target = os.path.basename(inner), os.path.normpath(target)
    found = os.lstat(name, dir_fd=handle)
    if stat.S_ISLNK(found.st_mode):
        entry = described(target, found)
        entry.linkname = os.readlink(name, dir_fd=handle)
        where = os.path.normpath(os.path.join(os.path.dirname(inner), entry.linkname))
        if os.path.isabs(entry.linkname) or where.startswith(".."):
            raise AnsibleActionFail(
                f"{os.path.join(source, inner)} is a link that leaves the folder (to {entry.linkname}); "
                "make it relative and within the folder, or name it in .gitignore"
            )
        yield entry, None
    elif stat.S_ISREG(found.st_mode):
        with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=handle), "rb") as stream:
            yield described(target, os.fstat(stream.fileno())), stream


def described(target, found):
    """Return a tar entry without owner, private to its user."""
    entry = tarfile.TarInfo(target)
    entry.mtime = int(found.st_mtime)
    entry.mode = 0o700 if found.st_mode & 0o100 else 0o600
    if stat.S_ISDIR(found.st_mode):
        entry.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(found.st_mode):
        entry.type = tarfile.SYMTYPE
        entry.mode = 0o777
    return entry


# .gitignore (https://git-scm.com/docs/gitignore)


def ignored(rules, folder, name, is_folder):
    """Return whether the ignore files of a folder's parents and its own leave `name` out: the last word wins."""
    verdict = False
    path = os.path.normpath(os.path.join(folder, name))
    for parent, listed in rules.items():  # os.fwalk visits parents first
        if parent != "." and not path.startswith(parent + os.sep):
            continue
        inner = path if parent == "." else os.path.relpath(path, parent)
        for negated, only_folders, pattern in listed:
            if (is_folder or not only_folders) and pattern.fullmatch(inner):
                verdict = not negated
    return verdict


def ignore_rules(text):
    """Return [(negated, only folders, pattern)] of an ignore file."""
    rules = []
    for raw in text.removeprefix("\ufeff").split("\n"):
        line = raw if raw.endswith("\\ ") else raw.rstrip("\r").rstrip(" ")
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        body = line[1:] if negated else line
        anchored = "/" in body.rstrip("/")
        pattern = glob_pattern(body.rstrip("/").lstrip("/"))
        rules.append((negated, body.endswith("/"), re.compile(pattern if anchored else "(.*/)?" + pattern, re.DOTALL)))
    return rules


GLOB = re.compile(r"(?P<start>\*\*/)|(?P<rest>/\*\*$)|(?P<stars>\*+)|(?P<one>\?)|(?P<set>\[[^\]]+\])|\\?(?P<char>.)")


def glob_pattern(glob):
    """Return a gitignore pattern as a regular expression."""
    made = {
        "start": lambda _: "(.*/)?",
        "rest": lambda _: "/.+",
        "stars": lambda _: "[^/]*",
        "one": lambda _: "[^/]",
        "set": character_set,
        "char": re.escape,
    }
    return "".join(made[found.lastgroup](found[found.lastgroup]) for found in GLOB.finditer(glob))


def character_set(glob):
    """Return a `[…]` as a regular expression; to git [z-a] is its first character, and a broken one fits nothing."""
    start = 2 if glob[1] in "!^" else 1
    body = re.sub("(.)-(.)", lambda found: found[0] if found[1] <= found[2] else found[1], glob[start:])
    made = "[^"[:start] + body
    try:
        re.compile(made)
    except re.error:
        return "(?!)"
    return made
