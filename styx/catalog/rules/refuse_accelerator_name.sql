-- An accelerator has one name everywhere: its other names are aliases.
SELECT cloud, region, instance_type, accelerator || coalesce(' is called ' || a.name, ' is in no table') AS detail
FROM offers o LEFT JOIN aliases a ON a.alias = lower(o.accelerator)
WHERE accelerator IS NOT NULL AND accelerator NOT IN (SELECT name FROM accelerators)
