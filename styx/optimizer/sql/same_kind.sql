-- The machines of one kind, which fits, in other places, numbered as in best.sql.
SELECT rank * 4194304 + kind, place FROM {offers} WHERE kind = $kind AND place <> $place AND mask = 0
