
-- name: claim
WITH picked AS MATERIALIZED (
    SELECT seq FROM tasks
    WHERE state = 'queued' AND waits_for = 0 AND not_before <= :now
      AND (labels = '[]' OR labels::jsonb <@ CAST(:labels AS jsonb))
    ORDER BY priority DESC, seq LIMIT :max
    FOR UPDATE SKIP LOCKED)
UPDATE tasks SET state = {to_claim}, agent = :agent, lease = :lease, lease_until = :now + :lease_s,
       attempt = attempt + 1, claimed_at = :now, started_at = NULL, log_bytes = 0
FROM picked
WHERE tasks.seq = picked.seq AND {may_claim}
RETURNING id, name, work, lease, attempt, priority, tasks.seq

-- name: lock_state
SELECT id, state FROM tasks WHERE id = :id FOR SHARE

-- name: overdue
SELECT id, lease, agent, losses, cancelling, schedule FROM tasks
WHERE {may_again} AND lease_until < :now
ORDER BY seq LIMIT 1000

-- name: to_be_cancelled
SELECT id FROM tasks WHERE agent = :agent AND cancelling = 1 AND {may_again}

-- name: tasks_held
SELECT * FROM tasks WHERE {may_again} ORDER BY seq DESC LIMIT :limit

-- name: ended_by_minute
SELECT floor(finished_at / 60)::bigint AS minute, state, count(*) AS tasks FROM tasks
WHERE finished_at > :now - 3600 GROUP BY minute, state
