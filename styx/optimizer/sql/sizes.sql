-- The sizes of the machines that fail just these constraints.
SELECT DISTINCT accelerator_count, vcpus, memory_gib FROM judged JOIN kinds USING (kind) WHERE mask = $mask ORDER BY ALL
