-- Beside `machines`, whose statement this goes on: what their kind decides is looked at too.
, offered AS (
    SELECT kind, place, rank, price, machines.mask | kinds.mask AS mask
    FROM machines
    JOIN judged_kinds AS kinds USING (kind)
)
