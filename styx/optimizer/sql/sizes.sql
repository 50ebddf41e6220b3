-- The sizes of the machines that fail just these constraints, each with its cheapest offer.
SELECT accelerator_count, vcpus, memory_gib, micro_usd, kind, place FROM judged JOIN kinds USING (kind) WHERE mask = $mask
QUALIFY row_number() OVER (PARTITION BY accelerator_count, vcpus, memory_gib ORDER BY micro_usd, kind, place) = 1
ORDER BY ALL
