"""Lambda's check against a server that speaks its API."""

import importlib

import pytest

check = importlib.import_module("styx.clouds.lambda.check").check

KEY = "secret_canary.0123456789"
TYPES = "/api/v1/instance-types"


def types(*regions):
    return {"data": {"gpu_1x_a10": {"regions_with_capacity_available": [{"name": one} for one in regions]}}}


def test_a_key_that_is_taken(serve, told):
    server = serve({("GET", TYPES): (200, types("us-east-1"))})
    found = told(check({"LAMBDALABS_API_KEY": KEY}, server.url), KEY)
    assert found == {
        "API key": ("ok", "from LAMBDALABS_API_KEY", ""),
        "capacity": ("ok", "1 of 1 types can be had now", ""),
    }
    assert server.asked[0][3]["authorization"] == f"Bearer {KEY}"


def test_nothing_to_be_had_now_is_a_note(serve, told):
    server = serve({("GET", TYPES): (200, types())})
    assert told(check({"LAMBDALABS_API_KEY": KEY}, server.url))["capacity"][0] == "note"


def test_a_key_that_terraform_does_not_see(serve, told):
    found = told(check({"LAMBDA_API_KEY": KEY}, serve({("GET", TYPES): (200, types("us-east-1"))}).url), KEY)
    assert found["API key"][0] == "ok"
    assert found["LAMBDALABS_API_KEY"][::2] == ("missing", "export LAMBDALABS_API_KEY=$LAMBDA_API_KEY")


def test_a_key_that_is_refused(serve, told):
    error = {"error": {"code": "global/invalid-api-key", "message": "API key was invalid, expired, or deleted."}}
    found = told(check({"LAMBDA_API_KEY": KEY}, serve({("GET", TYPES): (401, error)}).url), KEY)
    assert found["API key"][:2] == ("missing", "API key was invalid, expired, or deleted.")


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"error": "no"}', '{"data": []}'])
def test_an_answer_of_another_shape(serve, told, answer):
    server = serve({("GET", TYPES): (502, answer)})
    assert told(check({"LAMBDA_API_KEY": KEY}, server.url), KEY)["API key"][:2] == ("missing", "HTTP 502")
    server.answers["GET", TYPES] = (200, answer)
    assert told(check({"LAMBDA_API_KEY": KEY}, server.url), KEY)["instance types"][0] == "missing"


@pytest.mark.parametrize("key", ["canary\nof a key", "canary key", "cänary"])
def test_a_key_that_cannot_be_one_is_not_sent_and_not_shown(told, key):
    state, said, _ = told(check({"LAMBDA_API_KEY": key}, "http://127.0.0.1:1"), "anary")["API key"]
    assert (state, said) == ("missing", "LAMBDA_API_KEY holds what no key can hold")


def test_no_key(told):
    assert told(check({}, "http://127.0.0.1:1"))["API key"][:2] == ("missing", "LAMBDALABS_API_KEY is not set")


def test_nobody_answers(told):
    assert told(check({"LAMBDA_API_KEY": KEY}, "http://127.0.0.1:1"), KEY)["127.0.0.1:1"][0] == "missing"
