-- What both databases are asked. {may_EVENT} and {to_EVENT} come from the table of states; :now is the database's clock.

-- name: submit
INSERT INTO tasks (id, name, state, work, priority, labels, retries, waits_for, idempotency_key, schedule, series,
                   created_at, not_before)
VALUES (:id, :name, 'queued', :work, :priority, :labels, :retries, :waits_for, :idempotency_key, :schedule, :series,
        :now, :not_before)
ON CONFLICT (idempotency_key) DO NOTHING
RETURNING id

-- name: by_idempotency_key
SELECT id, state FROM tasks WHERE idempotency_key = :idempotency_key

-- name: clock
SELECT :now AS now

-- name: state
SELECT id, state, agent, lease, attempt, cancelling FROM tasks WHERE id = :id

-- name: add_need
INSERT INTO needs (task, needed) VALUES (:task, :needed)

-- name: needs
SELECT needed FROM needs WHERE task = :task ORDER BY needed

-- name: waiting_for
SELECT task FROM needs WHERE needed = :needed ORDER BY task

-- name: need_met
UPDATE tasks SET waits_for = waits_for - 1 WHERE id = :id AND {may_cancel} AND waits_for > 0

-- name: need_failed
UPDATE tasks SET state = {to_cancel}, finished_at = :now, reason = :reason WHERE id = :id AND {may_cancel}
RETURNING id

-- name: set_waits_for
UPDATE tasks SET waits_for = :waits_for WHERE id = :id

-- name: waiting_count
SELECT count(*) AS waiting FROM (SELECT 1 FROM tasks WHERE state = 'queued' LIMIT :enough) AS sample

-- name: claimed_before
SELECT id, name, work, lease, attempt, priority, seq FROM tasks
WHERE agent = :agent AND lease = :lease AND {may_again}

-- name: heartbeat
UPDATE tasks SET lease_until = :now + :lease_s,
       state = {to_start}, started_at = coalesce(started_at, :now)
WHERE id = :id AND agent = :agent AND lease = :lease AND ({may_start} OR state = {to_start})
RETURNING cancelling

-- name: succeed
UPDATE tasks SET state = {to_succeed}, exit_code = :exit_code, output = :output, reason = '', finished_at = :now,
       started_at = coalesce(started_at, claimed_at)
WHERE id = :id AND lease = :lease AND {may_succeed}
RETURNING id, state, schedule

-- name: fail
UPDATE tasks SET state = {to_fail}, exit_code = :exit_code, output = :output, reason = :reason, finished_at = :now,
       failures = failures + 1, started_at = coalesce(started_at, claimed_at)
WHERE id = :id AND lease = :lease AND {may_fail}
RETURNING id, state, schedule

-- name: stop
UPDATE tasks SET state = {to_stop}, exit_code = :exit_code, output = :output, reason = 'cancelled', finished_at = :now
WHERE id = :id AND lease = :lease AND {may_stop}
RETURNING id, state, schedule

-- name: again
UPDATE tasks SET state = {to_again}, exit_code = :exit_code, output = :output, reason = :reason,
       failures = failures + 1, not_before = :now + :delay_s, started_at = NULL
WHERE id = :id AND lease = :lease AND {may_again}
RETURNING id, state, schedule

-- name: release
UPDATE tasks SET state = {to_again}, reason = 'given back by its agent', not_before = :now, agent = NULL,
       lease = NULL, started_at = NULL
WHERE id = :id AND lease = :lease AND {may_again}
RETURNING id, state

-- name: held
SELECT failures, retries, cancelling, agent FROM tasks
WHERE id = :id AND lease = :lease AND attempt = :attempt AND {may_again}

-- name: lose
UPDATE tasks SET state = {to_again}, reason = :reason, losses = losses + 1, agent = NULL, lease = NULL,
       not_before = :now, started_at = NULL
WHERE id = :id AND lease = :lease AND {may_again} AND lease_until < :now
RETURNING id

-- name: bury
UPDATE tasks SET state = {to_give_up}, reason = :reason, losses = losses + 1, lease = NULL, finished_at = :now
WHERE id = :id AND lease = :lease AND {may_give_up} AND lease_until < :now
RETURNING id

-- name: stop_lost
UPDATE tasks SET state = {to_stop}, reason = :reason, lease = NULL, finished_at = :now
WHERE id = :id AND lease = :lease AND {may_stop} AND lease_until < :now
RETURNING id

-- name: extend_leases
UPDATE tasks SET lease_until = :now + :lease_s WHERE {may_again} AND lease_until < :now + :lease_s

-- name: cancel
UPDATE tasks SET state = {to_cancel}, finished_at = :now, reason = 'cancelled' WHERE id = :id AND {may_cancel}
RETURNING id, state

-- name: ask_to_cancel
UPDATE tasks SET cancelling = 1 WHERE id = :id AND {may_stop} RETURNING id, state

-- name: retry
UPDATE tasks SET state = {to_retry}, failures = 0, losses = 0, cancelling = 0, exit_code = NULL, output = '',
       reason = '', agent = NULL, lease = NULL, finished_at = NULL, started_at = NULL, claimed_at = NULL,
       not_before = :now, schedule = CASE WHEN state = {to_cancel} THEN schedule END
WHERE id = :id AND {may_retry}
RETURNING id, state

-- name: template
SELECT id, name, work, priority, labels, retries, schedule, series FROM tasks WHERE id = :id

-- name: task
SELECT * FROM tasks WHERE id = :id

-- name: tasks
SELECT * FROM tasks WHERE seq < :cursor ORDER BY seq DESC LIMIT :limit

-- name: tasks_in_state
SELECT * FROM tasks WHERE state = :state AND seq < :cursor ORDER BY seq DESC LIMIT :limit

-- name: tasks_named
SELECT * FROM tasks WHERE name = :name AND seq < :cursor ORDER BY seq DESC LIMIT :limit

-- name: pending
SELECT * FROM tasks WHERE state = 'queued' AND seq > :cursor ORDER BY seq LIMIT :limit

-- name: all_needs
SELECT task, needed FROM needs WHERE task IN (SELECT id FROM tasks WHERE seq BETWEEN :low AND :high) ORDER BY needed

-- name: counts
SELECT state, count(*) AS tasks FROM tasks GROUP BY state

-- name: see_agent
INSERT INTO agents (name, labels, capacity, seen_at) VALUES (:name, :labels, :capacity, :now)
ON CONFLICT (name) DO UPDATE SET labels = excluded.labels, capacity = excluded.capacity, seen_at = excluded.seen_at

-- name: agents
SELECT name, labels, capacity, seen_at, clusters, :now - seen_at AS silent_s,
       (SELECT count(*) FROM tasks WHERE tasks.agent = agents.name AND {may_again}) AS held
FROM agents WHERE seen_at > :now - 604800 ORDER BY name LIMIT 1000

-- name: log_owner
SELECT log_bytes FROM tasks
WHERE id = :id AND agent = :agent AND lease = :lease AND attempt = :attempt AND {may_again}

-- name: add_log
INSERT INTO log_chunks (task, attempt, position, data) VALUES (:task, :attempt, :position, :data)

-- name: set_log_bytes
UPDATE tasks SET log_bytes = :log_bytes WHERE id = :id

-- name: log
SELECT position, data FROM log_chunks
WHERE task = :task AND attempt = :attempt AND position >= :position ORDER BY position LIMIT 1

-- name: log_before
SELECT position, data FROM log_chunks
WHERE task = :task AND attempt = :attempt AND position < :position ORDER BY position DESC LIMIT 1

-- name: add_token
INSERT INTO tokens (id, name, role, hash, created_at) VALUES (:id, :name, :role, :hash, :now)

-- name: tokens
SELECT id, name, role, hash, created_at, revoked_at FROM tokens ORDER BY created_at

-- name: revoke_token
UPDATE tokens SET revoked_at = :now WHERE (id = :id OR name = :id) AND revoked_at IS NULL RETURNING id

-- name: prune_logs
DELETE FROM log_chunks WHERE task IN (
    SELECT DISTINCT log_chunks.task FROM log_chunks JOIN tasks ON tasks.id = log_chunks.task
    WHERE finished_at < :now - :age_s AND state IN ('succeeded', 'failed', 'cancelled', 'dead') LIMIT 500)

-- name: ended_beyond
SELECT finished_at FROM tasks WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1 OFFSET :kept

-- name: prune_tasks
DELETE FROM tasks WHERE finished_at <= :until AND seq IN (
    SELECT seq FROM tasks WHERE finished_at <= :until AND NOT EXISTS (SELECT 1 FROM needs WHERE needed = tasks.id)
    ORDER BY finished_at LIMIT :batch)
RETURNING id

-- name: forget_log
DELETE FROM log_chunks WHERE task = :task

-- name: forget_needs
DELETE FROM needs WHERE task = :task

-- name: last_ended
SELECT * FROM tasks WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT :limit

-- name: set_clusters
INSERT INTO agents (name, labels, capacity, seen_at, clusters) VALUES (:name, '[]', 1, :now, :clusters)
ON CONFLICT (name) DO UPDATE SET clusters = excluded.clusters, seen_at = excluded.seen_at
