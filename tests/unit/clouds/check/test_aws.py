"""AWS's check, with the real boto3: against moto, and against answers that moto does not give."""

import json

import boto3
import pytest
from moto.server import ThreadedMotoServer

from styx.clouds.aws.check import check

SECRET = "cAnArY/of+the+secret/key"
DENIED = "aws iam attach-user-policy --user-name ci --policy-arn arn:aws:iam::aws:policy/AmazonEC2FullAccess"


@pytest.fixture(scope="module")
def moto():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    # moto reads its images at the first question, longer than the check would wait on a busy machine.
    known = {"aws_access_key_id": "-", "aws_secret_access_key": "-", "endpoint_url": url}
    boto3.client("ec2", region_name="eu-west-1", **known).describe_images(Owners=["amazon"])
    yield url
    server.stop()


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)


def test_an_account_that_may_make_machines(moto, monkeypatch, told):
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    found = told(check(), SECRET)
    assert found["boto3"] == ("ok", boto3.__version__, "")
    assert found["account 123456789012"] == ("ok", "from environment variables", "")
    assert found["ec2:RunInstances"] == found["ec2:CreateSecurityGroup"] == ("ok", "allowed in eu-west-1", "")
    assert not boto3.client("ec2").describe_instances()["Reservations"]


def test_a_user_without_permission(moto, monkeypatch, told):
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    iam = boto3.client("iam")
    iam.create_user(UserName="ci")
    key = iam.create_access_key(UserName="ci")["AccessKey"]
    may = {"Effect": "Allow", "Action": ["ec2:DescribeImages", "ec2:CreateSecurityGroup"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_user_policy(UserName="ci", PolicyName="look", PolicyDocument=policy)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    reset(moto, "0")
    try:
        found = told(check(), key["SecretAccessKey"])
    finally:
        reset(moto, "inf")
    assert found["ec2:CreateSecurityGroup"][0] == "ok"
    assert found["ec2:RunInstances"] == ("missing", "not allowed in eu-west-1", DENIED)


def reset(moto, actions):
    """Tell moto after how many calls it begins to look at permissions."""
    import requests

    assert requests.post(f"{moto}/moto-api/reset-auth", data=actions, timeout=10).ok


def test_no_credentials(monkeypatch, told):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert told(check())["account"] == ("missing", "no credentials found", "aws configure sso")


def test_a_profile_that_is_not_there(monkeypatch, told):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    state, said, mend = told(check())["account"]
    assert (state, mend) == ("missing", "aws configure sso")
    assert "nobody" in said


def test_an_sso_login_that_has_run_out(monkeypatch, told, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    (tmp_path / "config").write_text(
        "[default]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = dev\n"
        "[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    state, said, mend = told(check())["account"]
    assert (state, mend) == ("missing", "aws sso login")
    assert "sso" in said.lower()


def test_keys_that_have_expired(monkeypatch, told, serve):
    error = "<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message>"
    answer = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
    monkeypatch.setenv("AWS_ENDPOINT_URL", serve({("POST", "/"): (403, answer)}).url)
    said = "ExpiredToken: The security token included in the request is expired"
    assert told(check(), SECRET)["account"] == ("missing", said, "aws configure sso")


def test_quotas_are_a_hint(moto, monkeypatch, told, serve):
    quota = serve({("POST", "/"): (200, {"Quota": {"Value": 0.0}})})
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", quota.url)
    state, said, mend = told(check())["vCPUs on demand"]
    assert (state, said) == ("note", "eu-west-1: standard 0, G 0, P 0")
    assert mend.startswith("aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-")


def test_nobody_answers(monkeypatch, told):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    state, said, _ = told(check(), SECRET)["AWS"]
    assert state == "missing"
    assert said.startswith("cannot be reached")
