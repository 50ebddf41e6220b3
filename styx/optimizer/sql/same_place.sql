-- The cheapest machines of other kinds in one place.
SELECT rank, kind, place FROM {offers} WHERE mask = 0 AND place = $place AND kind <> $kind ORDER BY rank, kind LIMIT $most
