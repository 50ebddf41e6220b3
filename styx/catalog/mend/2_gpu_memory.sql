-- Memory of one accelerator is what its maker markets, not a driver's figure, a part's or the machine's total.
-- A second size sold under the same name is kept, judged within 3 %.
UPDATE offers SET gpu_memory_gib = CASE
    WHEN abs(offers.gpu_memory_gib / a.other_memory_gib - 1) < 0.03 THEN a.other_memory_gib ELSE a.memory_gib
END
FROM accelerators a
WHERE a.name = offers.accelerator AND offers.gpu_memory_gib IS DISTINCT FROM CASE
    WHEN abs(offers.gpu_memory_gib / a.other_memory_gib - 1) < 0.03 THEN a.other_memory_gib ELSE a.memory_gib
END
