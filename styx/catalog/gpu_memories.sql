-- Every size of memory that one accelerator has.
SELECT DISTINCT gpu_memory_gib FROM offers WHERE gpu_memory_gib IS NOT NULL ORDER BY ALL
