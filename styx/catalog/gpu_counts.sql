-- How many of one accelerator a machine can have.
SELECT DISTINCT accelerator_count FROM offers WHERE accelerator = $name ORDER BY ALL
