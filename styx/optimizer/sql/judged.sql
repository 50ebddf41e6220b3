-- Beside `offered`, whose statement this goes on: all machines of every offer at their place, disks and addresses
-- included; styx.optimizer.parameters.total says the same. A line whose parameters are not given is left out.
, judged AS (
    SELECT
        kind, place, rank,
        CASE WHEN rank >= $unknown THEN $unknown
            ELSE least($num_nodes * (rank % $doubtful) + extra_micro, $doubtful - 1) + rank // $doubtful * $doubtful
        END AS micro_usd,
        offered.mask | places.mask
        | CASE WHEN price < $unknown AND $num_nodes * (price % $doubtful) + extra_micro <= $budget_micro AND extra_known THEN 0 ELSE 262144 END
        AS mask
    FROM offered
    JOIN judged_places AS places USING (place)
)
