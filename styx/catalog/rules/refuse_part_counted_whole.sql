-- The cheapest type with so many of an accelerator costs in proportion to its vCPUs of what a larger one with as many
-- costs: no accelerator is in that price, so it has a part of one.
WITH cheapest AS (
    SELECT *, min(hourly_usd) OVER (PARTITION BY cloud, region, accelerator, accelerator_count) AS least_usd
    FROM offers WHERE accelerator_count >= 1
)
SELECT DISTINCT a.cloud, a.region, a.instance_type,
    format('{} {}, as many as {} of twice its size and price', a.accelerator_count, a.accelerator, b.instance_type)
        AS detail
FROM cheapest a JOIN cheapest b USING (cloud, region, accelerator, accelerator_count, arch)
WHERE a.hourly_usd = a.least_usd AND a.hourly_usd <= 0.55 * b.hourly_usd
    AND a.vcpus <= 0.55 * b.vcpus AND a.memory_gib <= 0.6 * b.memory_gib
    AND abs((a.hourly_usd / b.hourly_usd) / (a.vcpus / b.vcpus) - 1) < 0.03
