"""The messages of Terraform's plugin protocol 6, as far as a provider without a cloud needs them."""

import json
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_MESSAGES = """
DynamicValue: msgpack bytes 1, json bytes 2
Step: attribute_name string 1, element_key_string string 2, element_key_int int64 3
AttributePath: steps *Step 1
Diagnostic: severity int32 1, summary string 2, detail string 3, attribute AttributePath 4
RawState: json bytes 1

NestedObject: attributes *Attribute 1, nesting int32 3
Attribute: name string 1, type bytes 2, nested_type NestedObject 10, required bool 4, optional bool 5, \
computed bool 6, sensitive bool 7, deprecated bool 9
NestedBlock: type_name string 1, block Block 2, nesting int32 3, min_items int64 4, max_items int64 5
Block: version int64 1, attributes *Attribute 2, block_types *NestedBlock 3, deprecated bool 6
Schema: version int64 1, block Block 2
NamedSchema: key string 1, value Schema 2
Capabilities: plan_destroy bool 1, get_provider_schema_optional bool 2
ProviderSchema: provider Schema 1, resource_schemas *NamedSchema 2, data_source_schemas *NamedSchema 3, \
server_capabilities Capabilities 6

Nothing:
Config: config DynamicValue 1
ProviderConfig: terraform_version string 1, config DynamicValue 2
TypedConfig: type_name string 1, config DynamicValue 2
Diagnostics: diagnostics *Diagnostic 1
LateDiagnostics: diagnostics *Diagnostic 2
StoredState: type_name string 1, version int64 2, raw_state RawState 3
UpgradedState: upgraded_state DynamicValue 1, diagnostics *Diagnostic 2
CurrentState: type_name string 1, current_state DynamicValue 2, private bytes 3
ReadState: new_state DynamicValue 1, diagnostics *Diagnostic 2, private bytes 3
Proposal: type_name string 1, prior_state DynamicValue 2, proposed_new_state DynamicValue 3, config DynamicValue 4, \
prior_private bytes 5
PlannedChange: planned_state DynamicValue 1, requires_replace *AttributePath 2, planned_private bytes 3, \
diagnostics *Diagnostic 4
Change: type_name string 1, prior_state DynamicValue 2, planned_state DynamicValue 3, config DynamicValue 4, \
planned_private bytes 5
AppliedChange: new_state DynamicValue 1, private bytes 2, diagnostics *Diagnostic 3, legacy_type_system bool 4
ImportRequest: type_name string 1, id string 2
Imported: type_name string 1, state DynamicValue 2, private bytes 3
ImportedStates: imported_resources *Imported 1, diagnostics *Diagnostic 2
DataState: state DynamicValue 1, diagnostics *Diagnostic 2
"""
"""message: field type number, …; `*` is repeated. A map is on the wire a repeated pair, and an enum a number."""

METHODS = {
    "ValidateProviderConfig": ("validate_provider", "Config", "LateDiagnostics"),
    "ConfigureProvider": ("configure", "ProviderConfig", "Diagnostics"),
    "StopProvider": ("stop", "Nothing", "Nothing"),
    "ValidateResourceConfig": ("validate_resource", "TypedConfig", "Diagnostics"),
    "ValidateDataResourceConfig": ("validate_data", "TypedConfig", "Diagnostics"),
    "UpgradeResourceState": ("upgrade", "StoredState", "UpgradedState"),
    "ReadResource": ("read", "CurrentState", "ReadState"),
    "PlanResourceChange": ("plan", "Proposal", "PlannedChange"),
    "ApplyResourceChange": ("apply", "Change", "AppliedChange"),
    "ImportResourceState": ("bring_in", "ImportRequest", "ImportedStates"),
    "ReadDataSource": ("look_up", "TypedConfig", "DataState"),
}
"""Method of the service → our method for it, what it is asked with, what it answers; the schema is served as bytes."""

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}
ERROR, WARNING = 1, 2


def _messages() -> dict[str, Any]:
    # As proto2, which is the same on the wire but for a zero that is meant, such as that of the first in a list.
    file = descriptor_pb2.FileDescriptorProto(name="cloudless.proto", package="cloudless", syntax="proto2")
    for line in _MESSAGES.splitlines():
        if line:
            name, _, fields = line.partition(":")
            message = file.message_type.add(name=name)
            for field in filter(None, fields.split(",")):
                _add_field(message, *field.split())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"cloudless.{message.name}"))
        for message in file.message_type
    }


def _add_field(message: descriptor_pb2.DescriptorProto, name: str, kind: str, number: str) -> None:
    field = message.field.add(name=name, number=int(number))
    repeated = kind.startswith("*")
    field.label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
    kind = kind.lstrip("*")
    if kind[0].isupper():
        field.type, field.type_name = field.TYPE_MESSAGE, f".cloudless.{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")


MESSAGE = _messages()


def schema_message(document: dict) -> bytes:
    """Return the answer to GetProviderSchema for one provider of a `terraform providers schema -json` document."""
    return MESSAGE["ProviderSchema"](
        provider=_schema(document.get("provider", {"block": {}})),
        resource_schemas=_named(document.get("resource_schemas", {})),
        data_source_schemas=_named(document.get("data_source_schemas", {})),
        # Terraform then asks for it once a command, not once for each time that it starts the provider.
        server_capabilities={"get_provider_schema_optional": True},
    ).SerializeToString()


def _named(schemas: dict) -> list:
    return [MESSAGE["NamedSchema"](key=name, value=_schema(schema)) for name, schema in schemas.items()]


def _schema(schema: dict) -> Any:
    return MESSAGE["Schema"](version=schema.get("version", 0), block=_block(schema["block"]))


def _block(block: dict) -> Any:
    message = MESSAGE["Block"](attributes=_attributes(block))
    for name, nested in block.get("block_types", {}).items():
        message.block_types.add(
            type_name=name,
            block=_block(nested["block"]),
            nesting=NESTING[nested["nesting_mode"]],
            min_items=nested.get("min_items", 0),
            max_items=nested.get("max_items", 0),
        )
    return message


def _attributes(block: dict) -> list:
    return [_attribute(name, attribute) for name, attribute in block.get("attributes", {}).items()]


def _attribute(name: str, attribute: dict) -> Any:
    flags = ("required", "optional", "computed", "sensitive", "deprecated")
    message = MESSAGE["Attribute"](name=name, **{flag: bool(attribute.get(flag)) for flag in flags})
    nested = attribute.get("nested_type")
    if nested:
        message.nested_type.nesting = NESTING[nested["nesting_mode"]]
        message.nested_type.attributes.extend(_attributes(nested))
    else:
        message.type = json.dumps(attribute["type"]).encode()
    return message
