from styx.run.terraform_env import environment, secrets


def test_a_shell_cannot_change_what_a_command_means(tmp_path):
    shell = {
        "PATH": "/bin",
        "TF_CLI_ARGS": "-lock=false",
        "TF_CLI_ARGS_plan": "-refresh=false",
        "TF_CLI_CONFIG_FILE": str(tmp_path / "missing"),
        "TF_WORKSPACE": "other",
        "TF_DATA_DIR": "/elsewhere",
        "TF_INPUT": "1",
        "TF_VAR_budget": "2",
    }
    fixed = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    assert environment(shell) == {"PATH": "/bin", "TF_VAR_budget": "2", **fixed}


def test_a_configuration_file_that_exists_and_what_the_caller_says_are_kept(tmp_path):
    file = tmp_path / "rc"
    file.touch()
    made = environment({"TF_CLI_CONFIG_FILE": str(file), "A": "1"}, {"A": "2"}, tmp_path / "data")
    assert (made["TF_CLI_CONFIG_FILE"], made["A"], made["TF_DATA_DIR"]) == (str(file), "2", str(tmp_path / "data"))


def test_values_that_nobody_should_read():
    shell = {
        "PG_CONN_STR": "postgres://me:p@ss of mine@db/states",
        "PGPASSWORD": "secret-1",
        "TF_HTTP_PASSWORD": "secret-2",
        "ARM_SAS_TOKEN": "secret-3",
        "AWS_SECRET_ACCESS_KEY": "secret-4",
        "GOOGLE_CREDENTIALS": '{"private_key": "five"}',
        "GOOGLE_BACKEND_CREDENTIALS": "/home/me/key.json",
        "FEATURE_KEY": "true",
        "HOME": "/home/me",
        "KEYBOARD": "dvorak-and-more",
    }
    assert set(secrets(shell)) == {
        *("postgres://me:p@ss of mine@db/states", "p@ss of mine", '{"private_key": "five"}'),
        *("secret-1", "secret-2", "secret-3", "secret-4"),
    }
