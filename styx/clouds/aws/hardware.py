"""What AWS's machine types are made of, as far as Terraform must know it: network cards, neighbours, disks.

From EC2's own DescribeInstanceTypes (NetworkInfo, PlacementGroupInfo, Hypervisor), autumn 2025. A type that is not
here has no Elastic Fabric Adapter, can be placed close to others, and has disks on NVMe, as new types do.
"""

_EFA = """
c6gn i4g im4gn: 16xlarge
c7g c7gd c7gn m7g m7gd r7g r7gd: 16xlarge metal
c8gb c8gn m8gb m8gn r8gb r8gn: 16xlarge 24xlarge 48xlarge:2 metal-24xl metal-48xl:2
c8g c8gd m8g m8gd r8g r8gd x8g: 24xlarge 48xlarge metal-24xl metal-48xl
c6i c6id i4i m6i m6id r6i r6id x2idn x2iedn: 32xlarge metal
c6in m6idn m6in r6idn r6in: 32xlarge:2 metal:2
c6a m6a r6a: 48xlarge metal
c7a c7i c8a c9g c9gd i7ie i8g i8ge m7a m7i m8a m9g m9gd r7a r7i r8a r9g r9gd: 48xlarge metal-48xl
c8i c8id m8i m8id r8i r8id: 48xlarge 96xlarge metal-48xl metal-96xl
c8ib c8in m8ib m8idb m8idn m8in r8ib r8idb r8idn r8in: 48xlarge 96xlarge:2 metal-48xl metal-96xl:2
x8i: 48xlarge 64xlarge 96xlarge metal-48xl metal-96xl
c5n: 9xlarge 18xlarge metal
m5dn m5n r5dn r5n: 24xlarge metal
m5zn x2iezn: 12xlarge metal
m8azn x8aedz: 24xlarge metal-24xl
r7iz: 32xlarge metal-32xl
i3en: 12xlarge 24xlarge metal
i7i: 24xlarge 48xlarge metal-48xl
u7i-6tb u7i-8tb: 112xlarge
u7i-12tb: 224xlarge
u7in-16tb u7in-24tb u7in-32tb: 224xlarge:2
f2 hpc6a: 48xlarge
hpc6id: 32xlarge:2
hpc7a: 12xlarge:2 24xlarge:2 48xlarge:2 96xlarge:2
hpc7g: 4xlarge 8xlarge 16xlarge
hpc8a: 96xlarge:2
dl2q inf1 p3dn vt1: 24xlarge
g4dn: 8xlarge 12xlarge 16xlarge metal
g5 g6: 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
g6e: 8xlarge 12xlarge 16xlarge 24xlarge:2 48xlarge:4
g7: 8xlarge 12xlarge 24xlarge 48xlarge:2
g7e: 8xlarge 12xlarge 24xlarge:2 48xlarge:4
gr6: 8xlarge
p4d p4de: 24xlarge:4
p5: 4xlarge 48xlarge:32
p5e: 48xlarge:32
p5en p6-b300 trn2u: 48xlarge:16
p6-b200: 48xlarge:8
trn1: 32xlarge:8
trn1n: 32xlarge:16
trn2: 3xlarge 48xlarge:16
"""
"""Families: their sizes that have an Elastic Fabric Adapter; after a colon on how many cards, when on several."""

_FIRST_CARD = {"p6-b300.48xlarge": 1}
"""Types → their first network card with an EFA, where that is not the very first."""

_NOT_CLOSE = """
c1 c7i-flex c8i-flex m1 m2 m3 m7i-flex m8i-flex r8i-flex t1 t2 t3 t3a t4g t8i vt1
mac1 mac2 mac2-m1ultra mac2-m2 mac2-m2pro mac-m3ultra mac-m4 mac-m4max mac-m4pro
"""
"""Families that a cluster placement group does not take."""

_XEN = "c1 c3 c4 d2 g2 g3 g3s h1 i2 i3 m1 m2 m3 m4 p2 p3 r3 r4 t1 t2 x1 x1e"
"""Families whose disks are Xen's, under the name that they were attached by."""


def efa_cards(instance_type: str) -> list[int]:
    """Return the network cards of a machine type that have an Elastic Fabric Adapter."""
    family, _, size = instance_type.partition(".")
    for line in _EFA.strip().splitlines():
        families, sizes = (part.split() for part in line.split(": "))
        if family in families:
            counts = {name: int(count or 1) for name, _, count in (one.partition(":") for one in sizes)}
            first = _FIRST_CARD.get(instance_type, 0)
            return list(range(first, first + counts.get(size, 0)))
    return []


def can_be_close(instance_type: str) -> bool:
    """Tell whether a cluster placement group takes this machine type."""
    return instance_type.partition(".")[0] not in _NOT_CLOSE.split()


def is_xen(instance_type: str) -> bool:
    """Tell whether a machine sees its disks as /dev/xvd*, not on NVMe."""
    family, _, size = instance_type.partition(".")
    return family in _XEN.split() and not size.startswith("metal")
