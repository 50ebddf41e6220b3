-- Offers that a rule of styx.catalog.lint withholds or marks.
CREATE TABLE doubted (
    rule          VARCHAR NOT NULL,
    cloud         VARCHAR NOT NULL,
    region        VARCHAR NOT NULL,
    instance_type VARCHAR NOT NULL,
    detail        VARCHAR NOT NULL
)
