"""The settings that Terraform's backends take, from its documentation; those whose values are secrets apart."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic_core import PydanticCustomError

from styx.spec.faults import near_key
from styx.spec.fields import count, flag, line, shown, wrong

Reader = Callable[[Any], object]
"""Refuses a wrong value; what it returns does not matter."""

COMMITTED = "and the rendered folder is committed"


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of backend takes."""

    settings: Mapping[str, Reader]
    """Name → what refuses a wrong value of it."""
    required: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Setting that is never written down → the environment variable that Terraform reads instead."""


def _all(reader: Reader, names: str) -> dict[str, Reader]:
    return dict.fromkeys(names.split(), reader)


def check(reader: Reader, value: object, *path: str | int) -> None:
    """Let `reader` refuse `value`, which stands at `path`."""
    try:
        reader(value)
    except PydanticCustomError as error:
        said = error.context or {}
        raise wrong(said["message"], said["hint"], *path, *said["path"]) from error


def _lines(value: object) -> None:
    if not isinstance(value, list):
        raise wrong("must be a list")
    for place, item in enumerate(value):
        check(line, item, place)


def _texts(value: object) -> None:
    if not isinstance(value, dict):
        raise wrong("must be a block of keys")
    for key, item in value.items():
        check(line, item, key)


def _block(settings: Mapping[str, Reader]) -> Reader:
    def read(value: object) -> None:
        if not isinstance(value, dict):
            raise wrong("must be a block of keys")
        for key, item in value.items():
            if key not in settings:
                raise wrong(f"unknown key {shown(str(key))}", near_key(str(key), list(settings)), key)
            check(settings[key], item, key)

    return read


def _address(instead: str, names: str = r"(key|password|secret|sig|signature|token)$") -> Reader:
    """Return the reader of a URL without a secret in it; `instead` says where that belongs.

    `names` is the pattern of parameters of the query that are secrets.
    """

    def read(value: object) -> None:
        text = line(value)
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise wrong("is not an address", "write https://host/path") from error
        query = any(re.search(names, name, re.IGNORECASE) for name, _ in parse_qsl(parts.query))
        if parts.password is not None or query:
            raise wrong(f"holds a secret, {COMMITTED}", f"export {instead}")

    return read


def _connection(value: object) -> None:
    """Refuse a password in either form of a PostgreSQL address: a URL, or words such as `host=x dbname=y`."""
    instead = "it as PGPASSWORD, or the whole address as PG_CONN_STR"
    _address(instead, "password$")(value)
    if re.search(r"password\s*=", line(value), re.IGNORECASE):
        raise wrong(f"holds a secret, {COMMITTED}", f"export {instead}")


def _key_file(value: object) -> None:
    if line(value).lstrip().startswith("{"):
        raise wrong(f"holds a key, {COMMITTED}", "write the key file's path, or export GOOGLE_BACKEND_CREDENTIALS")


_HTTP = _address("TF_HTTP_USERNAME and TF_HTTP_PASSWORD instead")

KINDS: Mapping[str, Kind] = {
    "local": Kind({}),
    "s3": Kind(
        _all(
            line,
            "acl bucket custom_ca_bundle dynamodb_table ec2_metadata_service_endpoint "
            "ec2_metadata_service_endpoint_mode http_proxy https_proxy key kms_key_id no_proxy profile region "
            "retry_mode sts_region workspace_key_prefix",
        )
        | _all(
            flag,
            "encrypt insecure skip_credentials_validation skip_metadata_api_check skip_region_validation "
            "skip_requesting_account_id skip_s3_checksum use_dualstack_endpoint use_fips_endpoint use_lockfile "
            "use_path_style",
        )
        | _all(_lines, "allowed_account_ids forbidden_account_ids shared_config_files shared_credentials_files")
        | {
            "max_retries": count,
            "endpoints": _block(_all(_address("AWS_ENDPOINT_URL instead"), "dynamodb iam s3 sso sts")),
            "assume_role": _block(
                _all(line, "role_arn duration external_id policy session_name source_identity")
                | _all(_lines, "policy_arns transitive_tag_keys")
                | {"tags": _texts}
            ),
            "assume_role_with_web_identity": _block(
                _all(line, "role_arn duration policy session_name web_identity_token_file") | {"policy_arns": _lines}
            ),
        },
        required=("bucket",),
        secrets={
            "access_key": "AWS_ACCESS_KEY_ID",
            "secret_key": "AWS_SECRET_ACCESS_KEY",
            "token": "AWS_SESSION_TOKEN",
            "sse_customer_key": "AWS_SSE_CUSTOMER_KEY",
        },
    ),
    "gcs": Kind(
        _all(line, "bucket impersonate_service_account kms_encryption_key prefix storage_custom_endpoint")
        | {"credentials": _key_file, "impersonate_service_account_delegates": _lines},
        required=("bucket",),
        secrets={"access_token": "GOOGLE_OAUTH_ACCESS_TOKEN", "encryption_key": "GOOGLE_ENCRYPTION_KEY"},
    ),
    "azurerm": Kind(
        _all(
            line,
            "ado_pipeline_service_connection_id client_certificate_path client_id client_id_file_path "
            "client_secret_file_path container_name environment key metadata_host msi_endpoint oidc_request_url "
            "oidc_token_file_path resource_group_name storage_account_name subscription_id tenant_id",
        )
        | _all(
            flag,
            "lookup_blob_endpoint snapshot use_aks_workload_identity use_azuread_auth use_cli use_msi use_oidc",
        ),
        required=("storage_account_name", "container_name"),
        secrets={
            "access_key": "ARM_ACCESS_KEY",
            "sas_token": "ARM_SAS_TOKEN",
            "client_secret": "ARM_CLIENT_SECRET",
            "client_certificate": "ARM_CLIENT_CERTIFICATE",
            "client_certificate_password": "ARM_CLIENT_CERTIFICATE_PASSWORD",
            "oidc_request_token": "ARM_OIDC_REQUEST_TOKEN",
            "oidc_token": "ARM_OIDC_TOKEN",
        },
    ),
    "http": Kind(
        {"address": _HTTP}
        | _all(lambda value: value == "" or _HTTP(value), "lock_address unlock_address")
        | _all(
            line, "client_ca_certificate_pem client_certificate_pem lock_method unlock_method update_method username"
        )
        | _all(count, "retry_max retry_wait_max retry_wait_min")
        | {"skip_cert_verification": flag},
        required=("address",),
        secrets={"password": "TF_HTTP_PASSWORD", "client_private_key_pem": "TF_HTTP_CLIENT_PRIVATE_KEY_PEM"},
    ),
    "pg": Kind(
        _all(flag, "skip_index_creation skip_schema_creation skip_table_creation")
        | {"conn_str": _connection, "schema_name": line},
    ),
}
