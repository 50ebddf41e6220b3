-- The catalog's name of each accelerator, and each way to write it, in lower case.
SELECT name, lower(name) FROM accelerators
UNION SELECT name, alias FROM aliases
UNION SELECT accelerator, lower(accelerator) FROM kinds WHERE accelerator IS NOT NULL AND accelerator NOT IN (SELECT alias FROM aliases)
ORDER BY ALL
