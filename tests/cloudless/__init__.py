"""A Terraform provider without a cloud: it serves a provider's schema, and keeps what it creates in a folder.

The real terraform starts it through a filesystem mirror, in place of the real providers:

    mirror.py    writes the mirror: for each provider a program, its schema and its facts
    server.py    that program: go-plugin's handshake and gRPC         protocol.py   the messages
    provider.py  what Terraform may ask: validate, plan, apply, read  values.py     values by their schema
    world.py     the folder that stands for the cloud                 ledger.py     what exists in it
    computed.py  ids, addresses and links as the cloud would make     lookups.py    what data sources answer
    rules.py     what replaces a resource, what a cloud refuses       faults.py     faults that tests ask for
    fixtures.py  the pytest fixture `cloudless`
    cut.py       makes the schema cuts of packages                    bundle.py     reads such a package

Each provider is a folder of data: schema.json.gz and the facts that no schema knows.
"""
