"""Azure's check, with the real azure-identity and azure-core, over TLS: they send a token to nobody without it."""

import json

import pytest

from styx.clouds.azure.check import ACTIONS, check

SECRET = "canary~secret"
TENANT = "11111111-1111-1111-1111-111111111111"
ID = "22222222-2222-2222-2222-222222222222"
HOME = f"/subscriptions/{ID}"
ROLES = f"{HOME}/providers/Microsoft.Authorization/permissions"
USAGES = f"{HOME}/providers/Microsoft.Compute/locations/eastus/usages"


def usage(name, used, limit):
    return {"name": {"value": name}, "currentValue": used, "limit": limit}


@pytest.fixture
def azure(serve, certificate, monkeypatch):
    """Return a cloud of somebody's own, found by its metadata as Terraform finds it, that lets a client in."""
    server = serve(certificate=certificate)
    own = f"{server.url}/{TENANT}"
    endpoints = {"authorization_endpoint": f"{own}/authorize", "token_endpoint": f"{own}/token", "issuer": own}
    usages = [usage("cores", 4, 100), usage("lowPriorityCores", 0, 50), usage("standardNCADSH100v5Family", 0, 80)]
    server.answers |= {
        ("GET", "/metadata/endpoints"): (
            200,
            [{"resourceManager": f"{server.url}/", "authentication": {"loginEndpoint": f"{server.url}/"}}],
        ),
        ("GET", f"/{TENANT}/v2.0/.well-known/openid-configuration"): (200, endpoints),
        ("POST", f"/{TENANT}/token"): (
            200,
            {"access_token": "canary-token", "expires_in": 3600, "token_type": "Bearer"},
        ),
        ("GET", HOME): (200, {"state": "Enabled"}),
        ("GET", ROLES): (200, {"value": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Delete"]}]}),
        ("GET", USAGES): (200, {"value": usages}),
    }
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate.file)
    return server


@pytest.fixture
def env(azure):
    host = azure.url.removeprefix("https://")
    known = {"ARM_METADATA_HOSTNAME": host, "ARM_SUBSCRIPTION_ID": ID, "ARM_TENANT_ID": TENANT}
    return known | {"ARM_CLIENT_ID": "c", "ARM_CLIENT_SECRET": SECRET}


def test_a_client_that_may_make_machines(env, told):
    found = told(check(env), SECRET, "canary-token")
    assert found["account"] == ("ok", "from ARM_CLIENT_SECRET", "")
    assert found[f"subscription {ID}"] == ("ok", "Enabled", "")
    assert found["to make machines"] == ("ok", "allowed", "")
    assert found["vCPUs"] == ("ok", "eastus: 4 of 100 used, spot 0 of 50, 1 GPU families", "")


def test_a_role_that_only_reads(azure, env, told):
    azure.answers["GET", ROLES] = (200, {"value": [{"actions": ["*/read"], "notActions": []}]})
    state, said, mend = told(check(env))["to make machines"]
    assert (state, said) == ("missing", f"lacks {', '.join(ACTIONS)}")
    assert mend.startswith(f"az role assignment create --role Contributor --scope {HOME}")


def test_what_a_role_leaves_out_counts(azure, env, told):
    azure.answers["GET", ROLES] = (200, {"value": [{"actions": ["*"], "notActions": ["Microsoft.Network/*"]}]})
    assert told(check(env))["to make machines"][1] == f"lacks {ACTIONS[1]}, {ACTIONS[2]}"


def test_a_secret_that_has_expired(azure, env, told):
    error = {
        "error": "invalid_client",
        "error_description": "AADSTS7000222: The provided client secret keys are expired.",
    }
    azure.answers["POST", f"/{TENANT}/token"] = (401, error)
    state, said, mend = told(check(env), SECRET)["account"]
    assert (state, mend) == ("missing", "az ad sp credential reset --id c")
    assert "AADSTS7000222" in said


def test_no_subscription_is_named(env, told):
    del env["ARM_SUBSCRIPTION_ID"]
    state, _, mend = told(check(env))["subscription"]
    assert (state, mend) == ("missing", "export ARM_SUBSCRIPTION_ID=$(az account show --query id --output tsv)")


def test_a_subscription_of_somebody_else(azure, env, told):
    azure.answers["GET", HOME] = (404, {"error": {"message": "The subscription could not be found."}})
    assert told(check(env))[f"subscription {ID}"][:2] == ("missing", "The subscription could not be found.")


def test_no_gpus_is_a_hint(azure, env, told):
    azure.answers["GET", USAGES] = (200, {"value": [usage("cores", 0, 10)]})
    assert told(check(env))["vCPUs"] == ("note", "eastus: 0 of 10 used, no GPU family", "https://aka.ms/quotas")


def test_the_azure_cli_logged_in(env, told, tmp_path, monkeypatch):
    token = json.dumps(
        {"accessToken": "canary-cli", "expires_on": 4102444800, "expiresOn": "2100-01-01 00:00:00.000000"}
    )
    program(tmp_path, f"echo '{token}'", monkeypatch)
    del env["ARM_CLIENT_ID"]
    found = told(check(env), "canary-cli")
    assert found["account"] == ("ok", "from the Azure CLI", "")
    assert found["to make machines"][0] == "ok"


def test_the_azure_cli_logged_out(env, told, tmp_path, monkeypatch):
    program(tmp_path, "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1", monkeypatch)
    del env["ARM_CLIENT_ID"]
    state, said, mend = told(check(env))["account"]
    assert (state, mend) == ("missing", "az login")
    assert "az login" in said


def program(folder, text, monkeypatch):
    """Put a program `az` first on PATH."""
    (folder / "bin").mkdir()
    (folder / "bin" / "az").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "bin" / "az").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")


def test_nobody_answers(env, told):
    env["ARM_METADATA_HOSTNAME"] = "127.0.0.1:1"
    assert told(check(env), SECRET)["Azure"][0] == "missing"
