-- The shipped offers in the columns of SkyPilot's own vms.csv, one row a zone. On GCP it lists a machine and its GPUs
-- apart: the price of a machine that always has GPUs stays with the machine, that of an attached GPU with the GPU.
WITH sold AS (
    SELECT *, split_part(instance_type, '+', 1) AS host, position('+' IN instance_type) > 0 AS attached
    FROM offers
    WHERE cloud = '$CLOUD'
), listed AS (
    SELECT
        host AS instance_type, vcpus, memory_gib, region, zones, arch, hourly_usd, spot_hourly_usd,
        CASE WHEN cloud <> 'gcp' THEN accelerator END AS accelerator,
        CASE WHEN cloud <> 'gcp' THEN accelerator_count END AS accelerator_count,
        gpu_memory_gib
    FROM sold
    WHERE NOT attached
    UNION ALL
    SELECT
        NULL, NULL, NULL, sold.region, sold.zones, 'x86_64',
        CASE WHEN sold.attached THEN round(sold.hourly_usd - plain.hourly_usd, 6) ELSE 0 END,
        CASE WHEN sold.attached THEN round(sold.spot_hourly_usd - plain.spot_hourly_usd, 6) ELSE 0 END,
        sold.accelerator, sold.accelerator_count, sold.gpu_memory_gib
    FROM sold
    LEFT JOIN sold AS plain ON plain.instance_type = sold.host AND plain.region = sold.region
    WHERE sold.cloud = 'gcp' AND sold.accelerator IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY sold.accelerator, sold.accelerator_count, sold.region ORDER BY len(sold.zones) DESC, sold.host
    ) = 1
)
SELECT
    instance_type AS "InstanceType", vcpus AS "vCPUs", memory_gib AS "MemoryGiB",
    accelerator AS "AcceleratorName",
    CASE WHEN accelerator_count > 0 THEN accelerator_count END AS "AcceleratorCount",
    CASE WHEN accelerator IS NOT NULL THEN format(
        '{{''Gpus'': [{{''Name'': ''{}'', ''Manufacturer'': ''NVIDIA'', ''Count'': {}, ''MemoryInfo'': '
        || '{{''SizeInMiB'': {}}}}}], ''TotalGpuMemoryInMiB'': {}}}',
        accelerator, accelerator_count, (coalesce(gpu_memory_gib, 0) * 1024)::INTEGER,
        (coalesce(gpu_memory_gib, 0) * accelerator_count * 1024)::INTEGER
    ) END AS "GpuInfo",
    hourly_usd AS "Price", spot_hourly_usd AS "SpotPrice", region AS "Region",
    unnest(CASE WHEN len(zones) = 0 THEN [NULL] ELSE zones END) AS "AvailabilityZone",
    arch AS "Arch"
FROM listed
