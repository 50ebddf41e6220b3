"""Google Cloud's check, with the real google-auth: a service account's key is signed with, its token is asked for."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from styx.clouds.gcp.check import LOGIN, PERMISSIONS, check

PROJECT = "/compute/v1/projects/lab"
TEST = "/v1/projects/lab:testIamPermissions"
TOKEN = "ya29.canary-token"
GRANT = "--member=serviceAccount:ci@lab.iam.gserviceaccount.com --role=roles/compute.admin"


@pytest.fixture(scope="module")
def key():
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.private_bytes(*form).decode()


@pytest.fixture
def google(serve, key, monkeypatch, tmp_path):
    """Return a server that lets the service account in."""
    server = serve(
        {
            ("POST", "/token"): (200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}),
            ("GET", PROJECT): (200, {"quotas": [{"metric": "GPUS_ALL_REGIONS", "limit": 8.0, "usage": 1.0}]}),
            ("POST", TEST): (200, {"permissions": PERMISSIONS}),
        }
    )
    account = {
        "type": "service_account", "project_id": "lab", "private_key_id": "1", "private_key": key, "client_id": "1",
        "client_email": "ci@lab.iam.gserviceaccount.com", "token_uri": f"{server.url}/token",
    }  # fmt: skip
    (tmp_path / "key.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    monkeypatch.setenv("GOOGLE_COMPUTE_CUSTOM_ENDPOINT", f"{server.url}/compute/v1/")
    monkeypatch.setenv("GOOGLE_RESOURCE_MANAGER_CUSTOM_ENDPOINT", f"{server.url}/v1/")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "lab")
    return server


def test_an_account_that_may_make_machines(google, told, key):
    found = told(check(), TOKEN, key)
    assert found["ci@lab.iam.gserviceaccount.com"] == ("ok", "from GOOGLE_APPLICATION_CREDENTIALS", "")
    assert found["project lab"][0] == "ok"
    assert found["to make machines"] == ("ok", "allowed", "")
    assert found["GPUs in all regions"] == ("ok", "1 of 8 used", "")
    assert google.asked[-1][3]["authorization"] == f"Bearer {TOKEN}"


def test_terraforms_own_variables_win(google, told, monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "ya29.another")
    monkeypatch.setenv("GOOGLE_PROJECT", "lab")
    found = told(check(), "ya29.another")
    assert found["user account"] == ("ok", "from GOOGLE_OAUTH_ACCESS_TOKEN", "")
    assert found["to make machines"][0] == "ok"


def test_a_key_in_a_variable(google, told, monkeypatch, tmp_path, key):
    monkeypatch.setenv("GOOGLE_CREDENTIALS", (tmp_path / "key.json").read_text())
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    assert told(check(), key)["ci@lab.iam.gserviceaccount.com"] == ("ok", "from GOOGLE_CREDENTIALS", "")


def test_a_key_file_in_a_variable(google, told, monkeypatch, tmp_path, key):
    monkeypatch.setenv("GOOGLE_CREDENTIALS", str(tmp_path / "key.json"))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    assert told(check(), key)["ci@lab.iam.gserviceaccount.com"] == ("ok", "from GOOGLE_CREDENTIALS", "")


@pytest.mark.parametrize("text", ["{canary", "/no/such/file", "x" * 5000])
def test_a_variable_with_something_else(google, told, monkeypatch, text):
    monkeypatch.setenv("GOOGLE_CREDENTIALS", text)
    assert told(check(), "canary")["account"][0] == "missing"


def test_a_project_that_terraform_does_not_see(google, told, monkeypatch):
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT")
    found = told(check())
    assert found["GOOGLE_PROJECT"] == ("missing", "not set", "export GOOGLE_PROJECT=lab")
    assert found["to make machines"][0] == "ok"


def test_no_project_at_all(google, told, monkeypatch):
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT")
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
    assert told(check(), TOKEN)["GOOGLE_PROJECT"][::2] == ("missing", "export GOOGLE_PROJECT=…")


def test_the_api_is_off(google, told):
    message = {"error": {"message": "Compute Engine API has not been used", "status": "SERVICE_DISABLED"}}
    google.answers["GET", PROJECT] = (403, message)
    mend = "gcloud services enable compute.googleapis.com --project lab"
    assert told(check())["project lab"] == ("missing", "Compute Engine is off", mend)


def test_no_permission(google, told):
    google.answers["POST", TEST] = (200, {"permissions": PERMISSIONS[1:]})
    state, said, mend = told(check())["to make machines"]
    assert (state, said) == ("missing", f"lacks {PERMISSIONS[0]}")
    assert mend == f"gcloud projects add-iam-policy-binding lab {GRANT}"


def test_no_gpus_is_a_hint(google, told):
    google.answers["GET", PROJECT] = (200, {"quotas": [{"metric": "GPUS_ALL_REGIONS", "limit": 0.0, "usage": 0.0}]})
    state, _, mend = told(check())["GPUs in all regions"]
    assert (state, mend) == ("note", "https://console.cloud.google.com/iam-admin/quotas?project=lab")


def test_a_login_that_has_run_out(google, told):
    google.answers["POST", "/token"] = (400, {"error": "invalid_grant", "error_description": "Token has been revoked."})
    state, said, mend = told(check())["account"]
    assert (state, mend) == ("missing", LOGIN)
    assert "invalid_grant" in said


def test_no_credentials(google, told, monkeypatch):
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    state, said, mend = told(check())["account"]
    assert (state, mend) == ("missing", LOGIN)
    assert "default credentials" in said.lower()


def test_a_key_file_that_is_none(google, told, monkeypatch, tmp_path):
    (tmp_path / "key.json").write_text("{}")
    assert told(check())["account"][0] == "missing"


def test_nobody_answers(google, told, monkeypatch):
    monkeypatch.setenv("GOOGLE_COMPUTE_CUSTOM_ENDPOINT", "http://127.0.0.1:1/")
    assert told(check(), TOKEN)["Google Cloud"][0] == "missing"
