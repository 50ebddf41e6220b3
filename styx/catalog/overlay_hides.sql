-- The entries of the overlay that hide offers of a cloud, of one region or one machine type of it unless NULL.
SELECT DISTINCT line FROM overlay_hidden h JOIN offered o
    ON o.cloud GLOB h.cloud AND o.region GLOB h.region AND o.instance_type GLOB h.type
WHERE o.cloud = $cloud AND coalesce($region, o.region) = o.region AND coalesce($type, o.instance_type) = o.instance_type
ORDER BY line
