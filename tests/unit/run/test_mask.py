import json

from styx.run.mask import masker


def test_every_form_of_a_secret_is_masked():
    secret = 'p"ä<ss>\\w&rd'
    mask = masker([secret])
    for text in (secret, json.dumps(secret), json.dumps(secret, ensure_ascii=False), json.dumps(json.dumps(secret))):
        assert "***" in mask(text)
        assert "rd" not in mask(text)


def test_each_line_of_a_key_is_masked():
    mask = masker(["-----BEGIN-----\nabcdefgh\n-----END-----\n"])
    assert mask("line: abcdefgh") == "line: ***"


def test_the_longer_of_two_secrets_goes_first():
    assert masker(["token", "token-and-more"])("token-and-more") == "***"


def test_short_and_empty_values_leave_the_text_alone():
    assert masker(["", "a", "yes"])("yes, a task") == "yes, a task"


def test_json_stays_json():
    secret = 'a"b\\c' + "\n" + "dddd"
    assert json.loads(masker([secret])(json.dumps({"x": f"<{secret}>"}))) == {"x": "<***>"}
