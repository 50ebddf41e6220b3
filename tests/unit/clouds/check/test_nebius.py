"""Nebius's check, with its real SDK, against a gRPC server over TLS."""

from concurrent import futures

import grpc
import pytest
from nebius.api.nebius.compute.v1 import ListInstancesResponse
from nebius.api.nebius.iam.v1 import GetProfileResponse, UserProfile

from styx.clouds.nebius.check import PROFILE, TOKEN, check

SECRET = "canary-iam-token"
PROFILES = (
    "default: work\nprofiles:\n  work:\n    endpoint: {endpoint}\n    token-file: {token}\n    parent-id: project-e00\n"
)


class Nebius(grpc.GenericRpcHandler):
    """Answers as its project does; a method may be refused with a code."""

    def __init__(self):
        self.refused = {}

    def service(self, details):
        method = details.method.rpartition("/")[2]
        answers = {
            "Get": GetProfileResponse(user_profile=UserProfile(id="useraccount-1")),
            "List": ListInstancesResponse(),
        }

        def answer(_request, context):
            if method in self.refused:
                context.abort(self.refused[method], "The token has expired" if method == "Get" else "Permission denied")
            assert dict(details.invocation_metadata)["authorization"] == f"Bearer {SECRET}"
            return answers[method].SerializeToString()

        return grpc.unary_unary_rpc_method_handler(answer)


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
    known = {"NEBIUS_IAM_TOKEN": SECRET, "NEBIUS_ENDPOINT": nebius.endpoint, "NEBIUS_PROJECT_ID": "project-e00"}
    return known | {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": certificate.file}


def test_a_token_that_is_taken(env, told):
    found = told(check(env), SECRET)
    assert found["account useraccount-1"] == ("ok", "from NEBIUS_IAM_TOKEN", "")
    assert found["project project-e00"] == ("ok", "its machines can be listed", "")
    assert len(found) == 3


def test_a_profile_of_nebius_own_cli(env, nebius, told, tmp_path):
    (tmp_path / "token").write_text(SECRET)
    (tmp_path / "config.yaml").write_text(PROFILES.format(endpoint=nebius.endpoint, token=tmp_path / "token"))
    del env["NEBIUS_IAM_TOKEN"], env["NEBIUS_PROJECT_ID"]
    found = told(check(env, tmp_path / "config.yaml"), SECRET)
    assert found["account useraccount-1"] == ("ok", "from profile work", "")
    assert found["project project-e00"][0] == "ok"
    assert found["NEBIUS_IAM_TOKEN"][::2] == ("missing", TOKEN)
    assert found["NEBIUS_PROJECT_ID"][::2] == ("missing", "export NEBIUS_PROJECT_ID=project-e00")


def test_a_token_that_has_expired(env, nebius, told):
    nebius.refused["Get"] = grpc.StatusCode.UNAUTHENTICATED
    assert told(check(env), SECRET)["account"] == ("missing", "UNAUTHENTICATED: The token has expired", TOKEN)


def test_a_project_of_somebody_else(env, nebius, told):
    nebius.refused["List"] = grpc.StatusCode.PERMISSION_DENIED
    state, said, _ = told(check(env))["project project-e00"]
    assert (state, said) == ("missing", "PERMISSION_DENIED: Permission denied")


def test_no_project(env, told):
    del env["NEBIUS_PROJECT_ID"]
    assert told(check(env))["NEBIUS_PROJECT_ID"][::2] == ("missing", "export NEBIUS_PROJECT_ID=…")


def test_neither_token_nor_profile(told, tmp_path):
    said = "no NEBIUS_IAM_TOKEN, and no profile"
    assert told(check({}, tmp_path / "none.yaml"))["account"] == ("missing", said, PROFILE)


def test_a_profile_file_that_is_none(told, tmp_path):
    (tmp_path / "config.yaml").write_text("profiles: {}\n")
    assert told(check({}, tmp_path / "config.yaml"))["account"][0] == "missing"


def test_nobody_answers(env, told):
    env["NEBIUS_ENDPOINT"] = "localhost:1"
    assert told(check(env, patience_s=0.5), SECRET)["Nebius"][0] == "missing"
