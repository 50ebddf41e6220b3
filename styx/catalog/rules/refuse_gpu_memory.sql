-- Memory is of one accelerator and true: not the machine's total, not 80 GB for an H200, B200 or GH200.
SELECT cloud, region, instance_type, format('{} with {} GiB, which is {}', accelerator, coalesce(o.gpu_memory_gib::VARCHAR, 'unknown'), CASE
    WHEN o.gpu_memory_gib IS NULL THEN 'not given'
    WHEN o.gpu_memory_gib = a.memory_gib * accelerator_count THEN 'the total'
    ELSE 'not its size'
END) AS detail
FROM offers o JOIN accelerators a ON a.name = o.accelerator
WHERE o.gpu_memory_gib IS NULL
    OR (o.gpu_memory_gib <> a.memory_gib AND o.gpu_memory_gib IS DISTINCT FROM a.other_memory_gib)
