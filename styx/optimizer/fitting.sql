-- The offers that fit, cheapest first: an unknown price comes last, a tie goes to the smaller machine.
SELECT * EXCLUDE (failed, price_usd)
FROM candidates
WHERE failed IS NULL
ORDER BY price_usd NULLS LAST, accelerator_count, vcpus, memory_gib, cloud, region, instance_type
LIMIT $most
