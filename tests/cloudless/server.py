"""The program that terraform starts in place of a provider: go-plugin's handshake, then gRPC until told to end."""

import base64
import json
import os
import secrets
import select
import signal
import ssl
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

from tests.cloudless.protocol import MESSAGE, METHODS
from tests.cloudless.provider import Provider
from tests.cloudless.world import World

_PARALLEL = 64
"""More than terraform's -parallelism in any test: slow creates hold a thread each."""


def main(program: str) -> None:
    """Serve the provider whose program in the mirror is `program`, until terraform ends it or is gone."""
    if "TF_PLUGIN_MAGIC_COOKIE" not in os.environ:
        sys.exit("This is a Terraform plugin: terraform starts it.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # terraform, which got it too, says when to stop
    mirror = next(folder for folder in Path(program).resolve().parents if (folder / "mirror.json").is_file())
    name = Path(program).name.removeprefix("terraform-provider-").partition("_v")[0]
    served = json.loads((mirror / "mirror.json").read_text())
    image = Path(served["images"]) / name
    facts = json.loads((image / "facts.json").read_text())
    provider = Provider(name, facts["schema"], facts, World(Path(served["world"])))
    ended = threading.Event()
    threading.Thread(target=_end_with, args=(os.getppid(), [provider.stopping, ended]), daemon=True).start()
    _serve(provider, image, ended)


def _end_with(pid: int, events: list[threading.Event]) -> None:
    """Set these once terraform has ended, so that a killed one leaves no provider behind."""
    try:
        select.select([os.pidfd_open(pid)], [], [])
    finally:  # also where it was gone before this could watch it
        for event in events:
            event.set()


def _serve(provider: Provider, image: Path, ended: threading.Event) -> None:
    server = grpc.server(futures.ThreadPoolExecutor(_PARALLEL), options=[("grpc.max_receive_message_length", -1)])
    server.add_generic_rpc_handlers(_handlers(provider, (image / "schema.bin").read_bytes(), ended))
    certificate = (image.parent / "certificate.pem").read_bytes()
    credentials = grpc.ssl_server_credentials([((image.parent / "key.pem").read_bytes(), certificate)])
    # Of Linux's abstract kind, which leaves nothing behind when this is killed.
    socket = f"cloudless-{os.getpid()}-{secrets.token_hex(8)}"
    server.add_secure_port(f"unix-abstract:{socket}", credentials)
    server.start()
    der = base64.b64encode(ssl.PEM_cert_to_DER_cert(certificate.decode())).decode().rstrip("=")
    sys.stdout.write(f"1|6|unix|@{socket}|grpc|{der}\n")
    sys.stdout.flush()
    ended.wait()
    server.stop(0.1).wait()


def _handlers(provider: Provider, schema: bytes, ended: threading.Event) -> list[Any]:
    methods = {name: _method(getattr(provider, ours), *kinds) for name, (ours, *kinds) in METHODS.items()}
    methods["GetProviderSchema"] = grpc.unary_unary_rpc_method_handler(lambda _request, _context: schema)
    control = {"Shutdown": grpc.unary_unary_rpc_method_handler(lambda _request, _context: ended.set() or b"")}
    output = {"StreamStdio": grpc.unary_stream_rpc_method_handler(lambda _request, _context: ended.wait() and iter(()))}
    return [
        grpc.method_handlers_generic_handler("tfplugin6.Provider", methods),
        grpc.method_handlers_generic_handler("plugin.GRPCController", control),
        grpc.method_handlers_generic_handler("plugin.GRPCStdio", output),
    ]


def _method(answer: Any, asked: str, answered: str) -> Any:
    return grpc.unary_unary_rpc_method_handler(
        lambda request, _context: MESSAGE[answered](**answer(request)),
        MESSAGE[asked].FromString,
        lambda message: message.SerializeToString(),
    )
