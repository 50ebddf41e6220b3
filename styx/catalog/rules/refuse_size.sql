-- A machine has vCPUs and memory, and an architecture that Styx knows.
SELECT cloud, region, instance_type, format('{} vCPUs, {} GiB, {}', vcpus, memory_gib, arch) AS detail
FROM offers WHERE vcpus <= 0 OR memory_gib <= 0 OR arch NOT IN ('x86_64', 'arm64')
