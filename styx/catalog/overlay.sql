-- `offers` with the user's own terms over `offered`: hidden ones left out, discounts taken off (the first rule of the
-- file that matches), and prepaid machines at 0 beside the same type at its price, for there are only so many.
-- Prepaid machines are there even where others like them are hidden.
CREATE TABLE offers AS
WITH shown AS (
    SELECT row_number() OVER () AS id, * FROM offered o
    WHERE NOT EXISTS (
        FROM overlay_hidden h
        WHERE o.cloud GLOB h.cloud AND o.region GLOB h.region AND o.instance_type GLOB h.type
    )
), ruled AS (
    SELECT id, first(d ORDER BY place) FILTER (d.market IN ('*', 'on_demand')) AS on_demand,
        first(d ORDER BY place) FILTER (d.market IN ('*', 'spot')) AS spot
    FROM shown s JOIN overlay_discounts d
        ON s.cloud GLOB d.cloud AND s.region GLOB d.region AND s.instance_type GLOB d.type
    GROUP BY id
), priced AS (
    SELECT s.* EXCLUDE (id) REPLACE (
        coalesce(r.on_demand.hourly_usd, s.hourly_usd * (1 - coalesce(r.on_demand.percent, 0) / 100)) AS hourly_usd,
        coalesce(r.spot.hourly_usd, s.spot_hourly_usd * (1 - coalesce(r.spot.percent, 0) / 100)) AS spot_hourly_usd,
        CASE WHEN r.on_demand IS NULL THEN s.price_kind ELSE 'own' END AS price_kind,
        CASE WHEN r.spot IS NULL OR (r.spot.hourly_usd IS NULL AND s.spot_hourly_usd IS NULL)
            THEN s.spot_kind ELSE 'own' END AS spot_kind
    )
    FROM shown s LEFT JOIN ruled r USING (id)
)
FROM priced WHERE NOT EXISTS (
    -- Where all that can be had are paid for, there is none at a price.
    FROM overlay_prepaid p
    WHERE p.cloud = priced.cloud AND p.region = priced.region AND p.type = priced.instance_type
        AND priced.max_count <= p.max_count
)
UNION ALL
SELECT o.* REPLACE (
    0 AS hourly_usd, NULL::DOUBLE AS spot_hourly_usd, 'own' AS price_kind, 'unknown' AS spot_kind,
    least(p.max_count, o.max_count) AS max_count
)
FROM offered o JOIN overlay_prepaid p
    ON o.cloud = p.cloud AND o.region = p.region AND o.instance_type = p.type
