-- How often spot machines are taken back, as it is made beside the offers.
CREATE TABLE rates (
    cloud         VARCHAR NOT NULL,
    region        VARCHAR NOT NULL,
    instance_type VARCHAR NOT NULL,
    band          TINYINT NOT NULL,  -- machines taken back in a month: 0 under 5 %, 1 to 10, 2 to 15, 3 to 20, 4 over
    saving_pct    TINYINT NOT NULL   -- of the on-demand price
)
