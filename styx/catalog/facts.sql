-- What the offers are read with, kept by hand: one view a CSV file of the catalog's folder, put in for {folder} by
-- styx.catalog.tables. The columns are given here so that opening sniffs nothing.
CREATE VIEW accelerators AS FROM read_csv('{folder}/accelerators.csv', header = true, auto_detect = false, columns = {
    'name': 'VARCHAR',             -- the one spelling that offers use
    'memory_gib': 'DOUBLE',        -- of one, as its maker markets it
    'vendor': 'VARCHAR',           -- lower case
    'other_memory_gib': 'DOUBLE',  -- another size sold under the same name, NULL when there is none
    'bf16_tflops': 'DOUBLE',       -- of one, dense BF16 or FP16 (FP32 where it has neither), NULL when not known
    'tflops_source': 'VARCHAR'     -- where that number stands
});
CREATE VIEW aliases AS FROM read_csv('{folder}/aliases.csv', header = true, auto_detect = false, columns = {
    'alias': 'VARCHAR',            -- lower case
    'name': 'VARCHAR'              -- of accelerators
});
CREATE VIEW disk_prices AS FROM read_csv('{folder}/disk_prices.csv', header = true, auto_detect = false, columns = {
    'cloud': 'VARCHAR',
    'region': 'VARCHAR',           -- '*' where a region has no row of its own
    'tier': 'VARCHAR',             -- low, medium, high, ultra: best is the highest that a cloud has
    'kind': 'VARCHAR',             -- the cloud's own name of the disk
    'usd_per_gib_month': 'DOUBLE', -- a month is 730 hours
    'price_as_of': 'VARCHAR'
});
CREATE VIEW address_prices AS FROM read_csv('{folder}/address_prices.csv', header = true, auto_detect = false,
    columns = {
    'cloud': 'VARCHAR',
    'market': 'VARCHAR',           -- on_demand or spot
    'hourly_usd': 'DOUBLE',        -- of one public IPv4 address in use
    'price_as_of': 'VARCHAR'
});
CREATE VIEW egress_prices AS FROM read_csv('{folder}/egress_prices.csv', header = true, auto_detect = false, columns = {
    'cloud': 'VARCHAR',
    'kind': 'VARCHAR',             -- internet, or region: to another region of the same cloud
    'usd_per_gib': 'DOUBLE',
    'price_as_of': 'VARCHAR'
});
CREATE VIEW regions AS FROM read_csv('{folder}/regions.csv', header = true, auto_detect = false, columns = {
    'cloud': 'VARCHAR',
    'region': 'VARCHAR',
    'continent': 'VARCHAR',        -- africa, asia, europe, middle-east, north-america, oceania, south-america
    'place': 'VARCHAR',
    'restricted': 'VARCHAR',       -- what an account needs beside being one: NULL where any may rent machines
    'restricted_source': 'VARCHAR' -- where that stands
});
CREATE VIEW images AS FROM read_csv('{folder}/images.csv', header = true, auto_detect = false, columns = {
    'cloud': 'VARCHAR',
    'family': 'VARCHAR',           -- Styx's name: ubuntu-24.04
    'arch': 'VARCHAR',
    'gpu': 'BOOLEAN',              -- its driver is part of the image
    'owner': 'VARCHAR',            -- account, project or publisher
    'name': 'VARCHAR',             -- pattern, family or offer:sku in the cloud's own words
    'checked': 'BOOLEAN'           -- against the vendor's documentation
});
