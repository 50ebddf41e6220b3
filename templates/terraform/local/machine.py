#!/usr/bin/env python3
"""A machine that is a folder: created, removed, and with services that are started, kept up and ended.

    machine.py create FOLDER
    machine.py start FOLDER SERVICE [--env-file FILE ...] [--wait HOST:PORT] -- PROGRAM [ARGUMENT ...]
    machine.py stop FOLDER SERVICE
    machine.py status FOLDER [SERVICE]
    machine.py remove FOLDER

Standard library only, Python 3.8 and later, Linux. The first word printed is `changed` or `ok`; a refusal goes
to standard error with exit code 1. In FOLDER:

    machine.json            makes the folder a machine; names its runtime folder, whose path is always short
    machine.py              a copy of this file
    services/NAME.lock      held by the supervisor of a running service: its process id
    services/NAME.json      what the supervisor runs and how that goes
    log/NAME.log            what the service prints

A service runs below one supervisor, which is a session of its own and a child subreaper: whatever a service
starts, however often it forks, comes back to the supervisor and ends with it. Should a supervisor be killed,
its processes are known by a mark in their environment and by the session they share.
"""

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

MARK = "STYX_MACHINE_SERVICE"
KEPT = ("PATH", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "LD_LIBRARY_PATH")
KEPT_PREFIXES = ("LC_", "PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA_", "CURL_CA_")
GRACE_S = 4.0
LEFT_GRACE_S = 1.0  # for what the program leaves behind
WAIT_S = 60.0
MAX_RESTARTS = 10
HEALTHY_S = 60.0
LONGEST_BACK_OFF_S = 30.0
PR_SET_CHILD_SUBREAPER = 36


class RefusedError(Exception):
    """Something that this file will not do; the text says why."""


def main(words):
    options = arguments().parse_args(words)
    os.umask(0o077)
    folder = os.path.abspath(options.folder)
    try:
        options.action(folder, options)
    except (RefusedError, OSError) as error:
        print("machine.py:", error, file=sys.stderr)
        return 1
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, action in (("create", create), ("remove", remove), ("status", status), ("stop", stop), ("start", start)):
        verb = verbs.add_parser(name)
        verb.set_defaults(action=action)
        verb.add_argument("folder")
        if name in ("start", "stop"):
            verb.add_argument("service")
        if name == "status":
            verb.add_argument("service", nargs="?")
        if name == "start":
            verb.add_argument("--env-file", action="append", default=[])
            verb.add_argument("--wait", metavar="HOST:PORT")
            verb.add_argument("argv", nargs="+")
    verb = verbs.add_parser("supervise")
    verb.set_defaults(action=supervise)
    for name in ("folder", "service", "digest", "ready"):
        verb.add_argument(name)
    verb.add_argument("argv", nargs="+")
    return parser


# The machine


def create(folder, _options):
    """Make the folder a machine, or see that it is one."""
    if os.path.lexists(folder):
        check_own(folder)
        if os.listdir(folder) and not os.path.exists(marker(folder)):
            raise RefusedError(f"{folder} holds other things and is no machine")
    make_private(folder)
    known = {"runtime": make_runtime(folder), "uid": os.geteuid()}
    program = os.path.join(folder, "machine.py")
    changed = read_json(marker(folder)) != known
    if changed:
        write(marker(folder), json.dumps(known) + "\n")
    text = read_text(os.path.abspath(__file__))
    if read_text(program) != text:
        write(program, text)
        changed = True
    print("changed" if changed else "ok")


def remove(folder, _options):
    """End every service and what is left of any, then remove the runtime folder and the machine itself."""
    if os.path.lexists(folder):
        check_own(folder)
        if os.listdir(folder):
            check(folder)
            with busy(folder):
                end(services(folder), folder)
    end_strays(folder)
    removed = remove_tree(runtime(folder), last="machine")
    with contextlib.suppress(OSError):  # other machines of this user may have theirs in it
        os.rmdir(os.path.dirname(runtime(folder)))
    removed = remove_tree(folder, last="machine.json") or removed
    with contextlib.suppress(OSError):  # the folder of the cluster goes with its last machine
        os.rmdir(os.path.dirname(folder))
    print("changed" if removed else "ok")


def runtime(folder):
    """Return the short folder for sockets: programs such as Ray allow few bytes (a socket's path has 107)."""
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]
    return f"/tmp/styx-{os.geteuid()}/{name}"


def make_runtime(folder):
    path = runtime(folder)
    make_private(path)
    for part in (os.path.dirname(path), path):
        check_own(part)
        if os.stat(part).st_mode & 0o077:
            raise RefusedError(f"{part} is open to other users; remove it or make it private (chmod 700)")
    file = os.path.join(path, "machine")
    owner = read_text(file)
    if owner not in (None, folder):
        raise RefusedError(f"{path} belongs to the machine {owner}")
    write(file, folder)
    return path


def check(folder):
    """Refuse what is no machine of this user."""
    check_own(folder)
    if not os.path.isfile(marker(folder)) or os.path.islink(marker(folder)):
        raise RefusedError(f"{folder} is no machine (it has no machine.json)")


def check_own(path):
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise RefusedError(f"{path} is a link or a file, not a folder")
    if found.st_uid != os.geteuid():
        raise RefusedError(f"{path} belongs to another user")


def marker(folder):
    return os.path.join(folder, "machine.json")


def remove_tree(path, last):
    """Remove a folder, `last` in it at the end, so that a removal that was cut short can be done again."""
    if not os.path.lexists(path):
        return False
    check_own(path)
    for name in sorted(os.listdir(path), key=lambda entry: entry == last):
        inner = os.path.join(path, name)
        if os.path.isdir(inner) and not os.path.islink(inner):
            shutil.rmtree(inner)
        else:
            os.unlink(inner)
    os.rmdir(path)
    return True


# Services


def start(folder, options):
    """Start a service, or see that it runs with the same arguments and environment."""
    check(folder)
    make_runtime(folder)
    argv, service = options.argv, options.service
    given = {MARK: mark(folder, service)}
    for file in options.env_file:
        given.update(read_environment(file))
    environment = dict(clean_environment(), **given)
    digest = hashlib.sha256(json.dumps([argv, sorted(given.items())]).encode()).hexdigest()
    with busy(folder):
        if holder(folder, service) and record(folder, service).get("digest") == digest:
            print("ok")
            return
        end([service], folder)
        end_strays(folder, service)
        if options.wait:
            wait_for(options.wait)
        launch(folder, service, digest, argv, environment)
    print("changed")


def stop(folder, options):
    """End a service and everything below it."""
    check(folder)
    with busy(folder):
        ran = end([options.service], folder)
        ran = end_strays(folder, options.service) or ran
    print("changed" if ran else "ok")


def status(folder, options):
    """Print what runs, as JSON."""
    check(folder)
    names = [options.service] if options.service else services(folder)
    found = {name: dict(record(folder, name)) for name in names}
    for name, state in found.items():
        if not holder(folder, name) and state.get("state") != "failed":
            state["state"] = "stopped"
    print(json.dumps(dict(read_json(marker(folder)), services=found)))


def launch(folder, service, digest, argv, environment):
    """Start the supervisor, and return when the service's program runs."""
    for name in ("services", "log"):
        make_private(os.path.join(folder, name))
    ready, report = os.pipe()
    program = os.path.join(folder, "machine.py")
    words = [sys.executable, program, "supervise", folder, service, digest, str(report), "--", *argv]
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    log = os.open(path_of(folder, "log", service + ".log"), flags, 0o600)
    subprocess.Popen(
        words,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=[report],
        start_new_session=True,
    )
    os.close(report)
    os.close(log)
    with os.fdopen(ready, encoding="utf-8") as stream:
        answer = stream.read()
    if answer != "started":
        raise RefusedError(f"{service} did not start: {answer or 'its supervisor ended; see its log in ' + folder}")


def end(names, folder):
    """Ask the supervisors of services to end, all at once; kill one that does not. Return whether any ran."""
    running = {name: holder(folder, name) for name in names}
    running = {name: pid for name, pid in running.items() if pid}
    for pid in running.values():
        send(pid, signal.SIGTERM)
    limit = time.monotonic() + GRACE_S + 8
    while any(holder(folder, name) for name in running) and time.monotonic() < limit:
        time.sleep(0.02)
    for name in running:
        pid = holder(folder, name)
        if pid:
            send(pid, signal.SIGKILL)
    return bool(running)


def services(folder):
    inner = os.path.join(folder, "services")
    return sorted(name[:-5] for name in os.listdir(inner) if name.endswith(".lock")) if os.path.isdir(inner) else []


def holder(folder, service):
    """Return the process id of the service's supervisor, None when none runs."""
    try:
        handle = os.open(path_of(folder, "services", service + ".lock"), os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = stream.read()
            return int(text) if text.isdigit() else None
    return None


def record(folder, service):
    return read_json(path_of(folder, "services", service + ".json")) or {}


def path_of(folder, kind, name):
    if os.sep in name or name.startswith("."):
        raise RefusedError(f"{name!r} cannot be the name of a service")
    return os.path.join(folder, kind, name)


def wait_for(address):
    """Wait until something accepts connections at HOST:PORT."""
    host, port = address.rsplit(":", 1)
    limit = time.monotonic() + WAIT_S
    while True:
        try:
            socket.create_connection((host, int(port)), 1).close()
            return
        except OSError as error:
            if time.monotonic() > limit:
                raise RefusedError(f"nothing answered at {address} in {WAIT_S:.0f} s: {error}") from error
            time.sleep(0.1)


# Processes that outlived their supervisor


def mark(folder, service=""):
    return os.path.join(folder, "services", service)


def end_strays(folder, service=""):
    """Kill what is left of one service, or of all; return whether there was anything."""
    any_found, limit = False, time.monotonic() + 10
    while True:
        found = strays(mark(folder, service), exact=bool(service))
        if not found:
            return any_found
        if time.monotonic() > limit:
            raise RefusedError(f"these processes do not end: {sorted(found)}")
        any_found = True
        for pid in found:
            send(pid, signal.SIGKILL)
        time.sleep(0.02)


def strays(text, exact):
    """Return the ids of marked processes, of those in a session with one, and of all below them."""
    needle = f"{MARK}={text}".encode() + (b"\0" if exact else b"")
    table = processes()
    sessions = {sid for pid, (_, sid) in table.items() if (b"\0" + environ(pid)).find(b"\0" + needle) >= 0}
    found = {pid for pid, (_, sid) in table.items() if sid in sessions}
    grown = True
    while grown:
        more = {pid for pid, (parent, _) in table.items() if parent in found} - found
        found, grown = found | more, bool(more)
    own = os.getpid()
    while own in table:
        found.discard(own)
        own = table[own][0]
    return found


def processes():
    """Return this user's living processes: id → (parent, session)."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stream:
                    state, parent, _, session = stream.read().rsplit(")", 1)[1].split()[:4]
                if os.stat("/proc/" + name).st_uid == os.geteuid() and state not in "ZX":
                    table[int(name)] = (int(parent), int(session))
    return table


def environ(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as stream:
            return stream.read()
    except OSError:
        return b""


def send(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


# The supervisor


def supervise(folder, options):
    """Run one service until it is asked to end, ends by itself without fault, or fails too often."""
    path = path_of(folder, "services", options.service + ".lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
    ready = int(options.ready)
    os.set_inheritable(ready, False)
    keep_up(folder, options, ready)


def keep_up(folder, options, ready):
    failures = 0
    while True:
        began = time.monotonic()
        main_pid = spawn(options.argv, ready if failures == 0 else None)
        note(folder, options, state="running", pid=main_pid, failures=failures)
        code, asked = watch(main_pid)
        end_children(main_pid if code is None else None)
        failures = 1 if time.monotonic() - began > HEALTHY_S else failures + 1
        if asked or code == 0 or failures > MAX_RESTARTS:
            state = "stopped" if asked or code == 0 else "failed"
            note(folder, options, state=state, exit_code=code, failures=failures)
            return
        print(f"machine.py: ended with {code}, restart {failures} of {MAX_RESTARTS}", flush=True)
        note(folder, options, state="restarting", exit_code=code, failures=failures)
        if signal.sigtimedwait({signal.SIGTERM}, min(2.0 ** (failures - 1), LONGEST_BACK_OFF_S)):
            note(folder, options, state="stopped", exit_code=code, failures=failures)
            return


def spawn(argv, ready):
    """Start the program; `ready` is told, and closed, when it runs or cannot."""
    failed, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, set())
            os.execvp(argv[0], argv)
        except OSError as error:
            os.write(report, f"{argv[0]}: {error.strerror}".encode())
        os._exit(127)
    os.close(report)
    with os.fdopen(failed, "rb") as stream:
        message = stream.read()
    if ready is not None:
        os.write(ready, message or b"started")
        os.close(ready)
        if message:
            os._exit(1)
    return pid


def watch(main_pid):
    """Return (exit code, False) when the program ended, (None, True) when the supervisor is asked to."""
    while True:
        code = reap(main_pid)
        if code is not None:
            return code, False
        got = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, 5)
        if got and got.si_signo == signal.SIGTERM:
            return None, True


def reap(main_pid):
    """Take the ended children's exit codes; return that of `main_pid` when it is among them."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, state = os.waitpid(-1, os.WNOHANG)
            if pid == main_pid:
                code = -os.WTERMSIG(state) if os.WIFSIGNALED(state) else os.WEXITSTATUS(state)
            if not pid:
                break
    return code


def end_children(main_pid):
    """Ask the program to end, wait a little, then kill until nothing is left below this supervisor."""
    limit = time.monotonic()
    if main_pid:
        send(main_pid, signal.SIGTERM)
        limit += GRACE_S
    while True:
        if reap(main_pid) is not None:
            limit = min(limit, time.monotonic() + LEFT_GRACE_S)
        children = children_of_self()
        if not children:
            return
        if time.monotonic() >= limit:
            for pid in children:
                send(pid, signal.SIGKILL)
        time.sleep(0.02)


def children_of_self():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as stream:
        return [int(word) for word in stream.read().split()]


def note(folder, options, **state):
    """Keep what `start` compares and `status` prints."""
    with contextlib.suppress(FileNotFoundError):
        path = path_of(folder, "services", options.service + ".json")
        write(path, json.dumps(dict(state, digest=options.digest, supervisor=os.getpid(), since=time.time())))


# Files and environment


def clean_environment():
    """Return what a login on this machine would have: nothing of the caller's credentials."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    kept.update({name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")})
    return kept


def read_environment(path):
    """Read lines NAME=VALUE, values as they stand."""
    with open(path, encoding="utf-8") as stream:
        lines = [line for line in stream.read().split("\n") if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@contextlib.contextmanager
def busy(folder):
    """Let one command at a time change a machine."""
    handle = os.open(os.path.join(folder, ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def make_private(folder):
    """Make a folder and its missing parents with mode 0700; a removal beside it may take an empty parent away."""
    while not os.path.lexists(folder):
        make_private(os.path.dirname(folder))
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            os.mkdir(folder, 0o700)


def read_text(path):
    """Return a file's text, None when it is not there."""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def read_json(path):
    """Return a file's value, None when it is not there or no JSON."""
    try:
        return json.loads(read_text(path) or "")
    except ValueError:
        return None


def write(path, text):
    """Replace a file at once."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(temporary, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
