-- The user's own terms as tables; `*` and `?` in a name match as in a shell.
CREATE TABLE overlay_discounts (
    place INTEGER, cloud VARCHAR, region VARCHAR, type VARCHAR, market VARCHAR, percent DOUBLE, hourly_usd DOUBLE,
    line INTEGER
);
CREATE TABLE overlay_prepaid (cloud VARCHAR, region VARCHAR, type VARCHAR, max_count INTEGER, line INTEGER);
CREATE TABLE overlay_hidden (cloud VARCHAR, region VARCHAR, type VARCHAR, line INTEGER)
