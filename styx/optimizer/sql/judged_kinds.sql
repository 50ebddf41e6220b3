-- Every kind of machine, judged: `mask` has a bit for each constraint that it does not meet (styx.optimizer.constraints
-- names the bits). A parameter that is NULL asks for nothing. A divisible machine is one's own: a node may be a part of
-- it, and defaults do not count.
CREATE OR REPLACE TEMP TABLE judged_kinds AS
SELECT
    kind,
    16 * coalesce(instance_type <> $instance_type, false)::INTEGER
    + 32 * CASE
        WHEN $accelerator_count = 0 THEN accelerator_count > 0 AND NOT $any_accelerator
        WHEN accelerator_count = 0 THEN true
        WHEN $accelerator IS NOT NULL THEN accelerator_key <> $accelerator
        WHEN coalesce(vendor, '') <> coalesce($vendor, vendor, '') THEN true
        -- A machine of one's own reports what error correction leaves, a sixteenth less than the data sheet says.
        ELSE coalesce(NOT CASE
            WHEN $gpu_memory_at_least THEN gpu_memory_gib >= $gpu_memory_gib * (CASE WHEN divisible THEN 0.9375 ELSE 1 END)
            WHEN divisible THEN gpu_memory_gib BETWEEN $gpu_memory_gib * 0.9375 AND $gpu_memory_gib
            ELSE gpu_memory_gib = $gpu_memory_gib
        END, $gpu_memory_gib IS NOT NULL)
    END::INTEGER
    -- Parts of an accelerator are listed as 0.333 and asked for as 0.33.
    + 64 * ($accelerator_count > 0 AND abs(accelerator_count - $accelerator_count) > 0.005)::INTEGER
    + 128 * coalesce(NOT CASE
        WHEN divisible THEN vcpus >= $cpus OR $cpus_default
        WHEN $cpus_at_least THEN vcpus >= $cpus
        ELSE vcpus = $cpus
    END, false)::INTEGER
    + 256 * (
        coalesce(NOT CASE
            WHEN divisible THEN memory_gib >= $memory_gib OR $memory_default
            WHEN $memory_at_least THEN memory_gib >= $memory_gib
            ELSE memory_gib = $memory_gib
        END, false)
        OR coalesce(memory_gib < $memory_gib_per_cpu * CASE WHEN divisible THEN coalesce($cpus, 1) ELSE vcpus END, false)
    )::INTEGER
    + 512 * coalesce(NOT CASE
        WHEN $local_disk_at_least THEN local_disk_gib >= $local_disk_gib
        ELSE local_disk_gib = $local_disk_gib
    END, false)::INTEGER
    + 1024 * coalesce(arch <> $arch, false)::INTEGER
    + 2048 * (burstable AND NOT $burstable)::INTEGER
    + 32768 * coalesce(max_count < $num_nodes, false)::INTEGER
    + 524288 * coalesce(tflops < $least_tflops, false)::INTEGER
    AS mask
FROM kinds
