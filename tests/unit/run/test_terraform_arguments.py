from pathlib import Path

import pytest

from styx.run import terraform as tf

UI = ("-json", "-no-color", "-input=false")
HERE = Path.cwd()


def test_init():
    assert tf.init_arguments() == ("init", *UI)
    assert tf.init_arguments(upgrade=True, reconfigure=True) == ("init", *UI, "-upgrade=true", "-reconfigure")


def test_validate():
    assert tf.validate_arguments() == ("validate", "-json", "-no-color")


def test_plan():
    assert tf.plan_arguments(Path("a.tfplan")) == ("plan", *UI, "-detailed-exitcode", f"-out={HERE}/a.tfplan")


def test_plan_with_everything():
    words = tf.plan_arguments(
        Path("/p"),
        destroy=True,
        refresh_only=True,
        var_files=[Path("/a.json"), Path("/b.json")],
        targets=["terraform_data.a", 'module.m["x"]'],
        replace=["terraform_data.b", "terraform_data.c[0]"],
        parallelism=3,
        lock_timeout_s=90,
    )
    assert words == (
        *("plan", *UI, "-detailed-exitcode", "-destroy", "-refresh-only", "-out=/p"),
        *("-replace=terraform_data.b", "-replace=terraform_data.c[0]", "-parallelism=3", "-lock-timeout=90s"),
        *("-var-file=/a.json", "-var-file=/b.json", "-target=terraform_data.a", '-target=module.m["x"]'),
    )


def test_apply_ends_with_the_plan():
    assert tf.apply_arguments(Path("/p")) == ("apply", *UI, "/p")
    more = tf.apply_arguments(Path("/p"), parallelism=3, lock_timeout_s=1.5)
    assert more == ("apply", *UI, "-parallelism=3", "-lock-timeout=1.5s", "/p")


def test_destroy():
    assert tf.destroy_arguments() == ("destroy", *UI, "-auto-approve")
    more = tf.destroy_arguments([Path("/a.json")], ["terraform_data.a"], parallelism=3, lock_timeout_s=1)
    flags = ("-auto-approve", "-parallelism=3", "-lock-timeout=1s", "-var-file=/a.json", "-target=terraform_data.a")
    assert more == ("destroy", *UI, *flags)


def test_show_output_state_and_test():
    assert tf.show_arguments() == ("show", "-json", "-no-color")
    assert tf.show_arguments(Path("/p")) == ("show", "-json", "-no-color", "/p")
    assert tf.output_arguments() == ("output", "-json", "-no-color")
    assert tf.pull_arguments() == ("state", "pull")
    assert tf.push_arguments(Path("a.tfstate")) == ("state", "push", f"{HERE}/a.tfstate")
    assert tf.forget_arguments('a.b["c"]') == ("state", "rm", 'a.b["c"]')
    assert tf.forget_arguments("a.b", Path("kept")) == ("state", "rm", f"-backup={HERE}/kept", "a.b")
    assert tf.test_arguments() == ("test", "-json", "-no-color")


def test_a_misspelt_attribute_is_an_error_and_no_command(tmp_path):
    binary = tf.Binary(("terraform",), "terraform", "1.11.4")
    terraform = tf.Terraform(tmp_path, binary, log=tmp_path / "log")
    for attribute in ("aply", "set_workspace", "cmd"):
        with pytest.raises(AttributeError):
            getattr(terraform, attribute)
    with pytest.raises(AttributeError):
        tf._Flags().aply()
