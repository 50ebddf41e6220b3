-- A size whose name says how many of its vCPUs are left switched on, as Standard_E4-2s_v5 does, has just so many.
SELECT cloud, region, instance_type, format('{} vCPUs, {} of them switched on', vcpus, active) AS detail
FROM (SELECT *, regexp_extract(instance_type, '^Standard_[A-Z]+[0-9]+-([0-9]+)', 1) AS active FROM offers)
WHERE active <> '' AND vcpus <> active::DOUBLE
