-- Filled by the first query that needs them.
CREATE OR REPLACE TEMP TABLE risks (kind INTEGER, place INTEGER, interruptions_an_hour DOUBLE, lost_hours DOUBLE);
CREATE OR REPLACE TEMP TABLE blocked_offers (kind INTEGER, place INTEGER, mask INTEGER, zones VARCHAR[]);
CREATE OR REPLACE TEMP TABLE offers_elsewhere (detail INTEGER, place INTEGER)
