"""Stopping and starting machines of Nebius, with its real SDK, against a gRPC server over TLS."""

import datetime as dt
from concurrent import futures

import grpc
import pytest
from nebius.api.google.rpc import Status
from nebius.api.nebius.common.v1 import GetOperationRequest, Operation
from nebius.api.nebius.compute.v1 import GetInstanceRequest, Instance, InstanceStatus, StartInstanceRequest

from styx.clouds.nebius.power import power
from styx.errors import CapacityError, CredentialError
from styx.host import Host

State = InstanceStatus.InstanceState
HOSTS = tuple(Host(name, "head", 0, "g", f"computeinstance-{name}", "10.0.0.1") for name in ("a", "b"))
DONE = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


class Nebius(grpc.GenericRpcHandler):
    """Keeps the states of machines; an operation has ended when it is asked for."""

    def __init__(self):
        self.states = {host.id: State.RUNNING for host in HOSTS}
        self.asked = []
        self.ends = Status(code=0)
        self.refused = None

    def service(self, details):
        method = details.method.rpartition("/")[2]

        def answer(text, context):
            if self.refused:
                context.abort(self.refused, "not you")
            if method == "Get" and "OperationService" in details.method:
                request = GetOperationRequest.FromString(text)
                return Operation(id=request.id, finished_at=DONE, status=self.ends).SerializeToString()
            if method == "Get":
                state = self.states[GetInstanceRequest.FromString(text).id]
                return Instance(status=InstanceStatus(state=state)).SerializeToString()
            machine = StartInstanceRequest.FromString(text).id  # a stop has the same field
            self.asked.append((method, machine))
            return Operation(id=f"operation-{machine}", resource_id=machine).SerializeToString()

        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.fixture
def nebius(certificate, monkeypatch):
    monkeypatch.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", certificate.file)
    handler = Nebius()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handler,))
    credentials = grpc.ssl_server_credentials([(certificate.key, certificate.pem)])
    handler.endpoint = f"localhost:{server.add_secure_port('127.0.0.1:0', credentials)}"
    server.start()
    yield handler
    server.stop(None).wait()


@pytest.fixture
def switch(nebius, certificate, tmp_path):
    known = {"NEBIUS_IAM_TOKEN": "token", "NEBIUS_ENDPOINT": nebius.endpoint}
    found = power(known | {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": certificate.file}, tmp_path / "none.yaml")
    yield found
    found._sdk.sync_close()


def test_machines_are_stopped_and_those_that_are_off_are_left_alone(nebius, switch):
    nebius.states[HOSTS[0].id] = State.STOPPED
    switch.stop(HOSTS)
    assert nebius.asked == [("Stop", HOSTS[1].id)]


def test_machines_are_started(nebius, switch):
    nebius.states = {host.id: State.STOPPED for host in HOSTS}
    switch.start(HOSTS)
    assert nebius.asked == [("Start", host.id) for host in HOSTS]


def test_no_room_is_a_lack_of_capacity(nebius, switch):
    nebius.states[HOSTS[0].id] = State.STOPPED
    nebius.ends = Status(code=grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], message="no more H100")
    with pytest.raises(CapacityError, match="a: RESOURCE_EXHAUSTED: no more H100"):
        switch.start(HOSTS[:1])


def test_somebody_elses_project(nebius, switch):
    nebius.refused = grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(CredentialError, match="PERMISSION_DENIED"):
        switch.stop(HOSTS)
