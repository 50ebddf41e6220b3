import yaml
from hypothesis import given
from hypothesis import strategies as st

from styx.render import unsafe_yaml


class Loader(yaml.SafeLoader):
    """Reads `!unsafe` as Ansible does: the text itself."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))

TEXTS = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), TEXTS))
def test_every_text_comes_back_byte_for_byte(values):
    text = unsafe_yaml.dump({"envs": values})
    assert yaml.load(text, Loader)["envs"] == values


def test_every_text_is_marked_and_no_key_is():
    text = unsafe_yaml.dump({"a": "{{ 1 + 1 }}", "b": ["x\ny"], "c": 3, "d": {"no": "y"}})
    assert text == 'a: !unsafe "{{ 1 + 1 }}"\nb:\n- !unsafe |-\n  x\n  y\nc: 3\nd:\n  \'no\': !unsafe "y"\n'


def test_the_same_text_twice_makes_no_alias():
    shared = ["x"]
    assert "&" not in unsafe_yaml.dump({"a": shared, "b": shared})
