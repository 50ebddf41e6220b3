-- name: clusters
SELECT * FROM clusters ORDER BY name

-- name: cluster
SELECT * FROM clusters WHERE name = :name

-- name: save_cluster
INSERT OR REPLACE INTO clusters (
    name, folder, cloud, region, status, num_nodes, spec_file, spec_digest, hourly_usd, hosts, slot, rendering, run_id,
    owner, created_at, updated_at
) VALUES (
    :name, :folder, :cloud, :region, :status, :num_nodes, :spec_file, :spec_digest, :hourly_usd, :hosts, :slot,
    :rendering, :run_id, :owner, :created_at, :updated_at
)

-- name: forget_cluster
DELETE FROM clusters WHERE name = :name

-- name: slot_of
SELECT slot FROM slots WHERE name = :name

-- name: slots_of_others
SELECT slots.slot, name
FROM slots LEFT JOIN clusters USING (name)
WHERE name <> :name
  AND (status IN ('applying', 'up', 'degraded', 'stopped', 'destroying') OR reserved_at > :since)

-- name: reserve_slot
INSERT OR REPLACE INTO slots (slot, name, reserved_at) VALUES (:slot, :name, :at)

-- name: free_slot
DELETE FROM slots WHERE name = :name
