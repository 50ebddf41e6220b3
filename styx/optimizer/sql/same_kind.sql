-- The machines of one kind, which fits, in other places.
SELECT rank, kind, place FROM {offers} WHERE kind = $kind AND place <> $place AND mask = 0
