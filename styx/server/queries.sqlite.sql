
-- name: claim
UPDATE tasks SET state = {to_claim}, agent = :agent, lease = :lease, lease_until = :now + :lease_s,
       attempt = attempt + 1, claimed_at = :now, started_at = NULL, log_bytes = 0
WHERE seq IN (
    SELECT seq FROM tasks INDEXED BY tasks_waiting
    WHERE state = 'queued' AND waits_for = 0 AND not_before <= :now
      AND (labels = '[]' OR NOT EXISTS (
          SELECT 1 FROM json_each(tasks.labels) AS wanted
          WHERE wanted.value NOT IN (SELECT value FROM json_each(:labels))))
    ORDER BY priority DESC, seq LIMIT :max)
  AND {may_claim}
RETURNING id, name, work, lease, attempt, priority, seq

-- name: lock_state
SELECT id, state FROM tasks WHERE id = :id

-- name: overdue
SELECT id, lease, agent, losses, cancelling, schedule FROM tasks INDEXED BY tasks_held
WHERE {may_again} AND lease_until < :now
ORDER BY seq LIMIT 1000

-- name: to_be_cancelled
SELECT id FROM tasks INDEXED BY tasks_held WHERE agent = :agent AND cancelling = 1 AND {may_again}

-- name: tasks_held
SELECT * FROM tasks INDEXED BY tasks_held WHERE {may_again} ORDER BY seq DESC LIMIT :limit

-- name: ended_by_minute
SELECT CAST(finished_at / 60 AS INTEGER) AS minute, state, count(*) AS tasks FROM tasks
WHERE finished_at > :now - 3600 GROUP BY minute, state
