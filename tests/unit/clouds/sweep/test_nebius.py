"""Nebius's sweep, with its real SDK, against a gRPC server over TLS that pages and is busy."""

import datetime as dt
import importlib
from concurrent import futures

import grpc
import pytest
from nebius.api.nebius.common.v1 import Operation, ResourceMetadata

from styx.clouds.nebius.sweep import LISTED, RULE, account
from styx.clouds.sweeping import clear
from styx.errors import CredentialError

SECRET = "canary-iam-token"
PROJECT = "project-e00"
STANDS_ON = {"Network": ("Subnet", "SecurityGroup"), "Subnet": ("Instance",), "Disk": ("Instance",)}
MADE = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


class Nebius(grpc.GenericRpcHandler):
    """Keeps rows by their kind; lists two at a time, ends what nothing stands on."""

    def __init__(self):
        self.rows = {}
        self.busy = 0
        self.refused = None

    def put(self, kind, name, labels, parent=PROJECT):
        metadata = ResourceMetadata(
            id=f"{kind.lower()}-{name}", parent_id=parent, name=name, labels=labels, created_at=MADE
        )
        self.rows.setdefault(kind, []).append(metadata)
        return metadata.id

    def service(self, details):
        service, _, method = details.method.strip("/").rpartition("/")
        package, kind = service.rpartition(".")[0], service.rpartition(".")[2].removesuffix("Service")
        api = importlib.import_module(f"nebius.api.{package}")
        listed = next(one for one in (*LISTED, RULE) if one.one == kind)

        def answer(text, context):
            if self.refused:
                context.abort(self.refused, "Permission denied")
            if self.busy:
                self.busy -= 1
                context.abort(grpc.StatusCode.UNAVAILABLE, "busy")
            if method == "List":
                request = getattr(api, f"List{listed.many}Request").FromString(text)
                rows = [row for row in self.rows.get(kind, []) if row.parent_id == request.parent_id]
                start = int(request.page_token or 0)
                items = [getattr(api, kind)(metadata=row) for row in rows[start : start + 2]]
                token = str(start + 2) if start + 2 < len(rows) else ""
                return getattr(api, f"List{listed.many}Response")(
                    items=items, next_page_token=token
                ).SerializeToString()
            request = getattr(api, f"Delete{kind}Request").FromString(text)
            return self._end(kind, request.id, context)

        return grpc.unary_unary_rpc_method_handler(answer)

    def _end(self, kind, identity, context):
        row = next((row for row in self.rows.get(kind, []) if row.id == identity), None)
        if row is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "there is none")
        if any(self.rows.get(other) for other in STANDS_ON.get(kind, ())):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{identity} is in use")
        self.rows[kind].remove(row)
        return Operation(id="operation-1", resource_id=identity).SerializeToString()


@pytest.fixture
def nebius(certificate, monkeypatch):
    handler = Nebius()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handler,))
    credentials = grpc.ssl_server_credentials([(certificate.key, certificate.pem)])
    handler.endpoint = f"localhost:{server.add_secure_port('127.0.0.1:0', credentials)}"
    monkeypatch.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", certificate.file)
    server.start()
    yield handler
    server.stop(None).wait()


@pytest.fixture
def env(nebius, certificate):
    known = {"NEBIUS_IAM_TOKEN": SECRET, "NEBIUS_ENDPOINT": nebius.endpoint, "NEBIUS_PROJECT_ID": PROJECT}
    return known | {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": certificate.file}


@pytest.fixture
def opened(env):
    found = account(env)
    yield found
    found._sdk.sync_close()


def make(nebius, cluster):
    labels = {"styx-cluster": cluster, "styx-owner": "ada", "styx-run": "r1"}
    for name in ("head", "worker-1", "worker-2"):
        nebius.put("Disk", f"{cluster}-{name}", labels)
        nebius.put("Instance", f"{cluster}-{name}", labels)
    nebius.put("Network", cluster, labels)
    nebius.put("Subnet", cluster, labels)
    nebius.put("GpuCluster", cluster, labels)
    group = nebius.put("SecurityGroup", cluster, labels)
    nebius.put("SecurityRule", "tcp-22", labels, group)


def test_all_that_a_cluster_is_made_of_is_found_ended_and_seen_gone_and_nothing_else(nebius, opened):
    make(nebius, "train")
    nebius.put("Disk", "somebodys", {"styx-cluster": "train-2"})
    nebius.put("Disk", "plain", {})
    nebius.busy = 2
    found = list(opened.find("train", []))
    kinds = sorted(one.kind for one in found)
    assert kinds == sorted([*["machine", "disk"] * 3, "network", "subnet", "group", "firewall", "template"])
    machine = next(one for one in found if one.kind == "machine")
    assert (machine.owner, machine.run, machine.created) == ("ada", "r1", MADE.isoformat())
    assert clear(opened, "train", [], {one.id for one in found}, 300) == []
    assert [row.name for rows in nebius.rows.values() for row in rows] == ["somebodys", "plain"]


def test_every_cluster_is_found(nebius, opened):
    make(nebius, "train")
    nebius.put("Disk", "other", {"styx-cluster": "other"})
    nebius.put("Disk", "plain", {})
    assert {one.cluster for one in opened.find("", [])} == {"train", "other"}


def test_what_is_gone_already_is_no_error_and_what_is_in_use_is_refused(nebius, opened):
    make(nebius, "train")
    found = {one.kind: one for one in opened.find("train", [])}
    assert "is in use" in opened.remove(found["network"])
    assert opened.remove(found["group"]) == ""
    assert opened.remove(found["group"]) == ""


def test_a_project_of_somebody_else(nebius, opened):
    nebius.refused = grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(CredentialError, match="PERMISSION_DENIED"):
        list(opened.find("train", []))


def test_without_token_or_project(env, tmp_path):
    with pytest.raises(CredentialError, match="no profile"):
        account({}, tmp_path / "none.yaml")
    del env["NEBIUS_PROJECT_ID"]
    with pytest.raises(CredentialError, match="NEBIUS_PROJECT_ID is not set"):
        account(env)
