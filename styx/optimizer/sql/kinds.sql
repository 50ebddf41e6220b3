SELECT
    kind, cloud, instance_type, vcpus, memory_gib, accelerator, accelerator_count, gpu_memory_gib, arch, burstable,
    local_disk_gib, max_count, divisible
FROM kinds
WHERE kind IN (SELECT unnest($kinds))
