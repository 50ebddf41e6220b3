-- Beside `machines`, whose statement this goes on: what their kind decides is looked at too. Every kind of machine is
-- judged once: its `mask` has a bit for each constraint that it does not meet, named in styx.optimizer.constraints. A
-- line whose parameters are not given is left out, for it asks for nothing. Of a divisible machine, one's own, a node
-- may be a part: there the limits of vCPUs and memory are least.
, judged_kinds AS (
    SELECT kind, 0
        | CASE WHEN instance_type = $asked_type THEN 0 ELSE 16 END
        | CASE WHEN accelerator_count <= $any_accelerators THEN 0 ELSE 32 END
        | CASE WHEN accelerator_key = $accelerator THEN 0 ELSE 32 END
        | CASE WHEN vendor = $vendor THEN 0 ELSE 32 END
        | CASE WHEN nominal_gpu_gib BETWEEN $least_gpu_gib AND $most_gpu_gib THEN 0 ELSE 32 END
        | CASE WHEN accelerator_count BETWEEN $least_accelerators AND $most_accelerators THEN 0 ELSE 64 END
        | CASE WHEN vcpus BETWEEN $least_cpus AND $most_cpus OR (divisible AND vcpus >= $own_cpus) THEN 0 ELSE 128 END
        | CASE WHEN memory_gib BETWEEN $least_gib AND $most_gib OR (divisible AND memory_gib >= $own_gib) THEN 0 ELSE 256 END
        | CASE WHEN memory_gib >= $gib_per_cpu * CASE WHEN divisible THEN $own_cpus ELSE vcpus END THEN 0 ELSE 256 END
        | CASE WHEN local_disk_gib BETWEEN $least_disk_gib AND $most_disk_gib THEN 0 ELSE 512 END
        | CASE WHEN arch = $arch THEN 0 ELSE 1024 END
        | CASE WHEN burstable AND NOT $burstable THEN 2048 ELSE 0 END
        | CASE WHEN max_count < $num_nodes THEN 32768 ELSE 0 END
        | CASE WHEN tflops >= $least_tflops THEN 0 ELSE 524288 END
        AS mask
    FROM kinds
)
, offered AS (
    SELECT kind, place, rank, price, machines.mask | kinds.mask AS mask
    FROM machines
    JOIN judged_kinds AS kinds USING (kind)
)
