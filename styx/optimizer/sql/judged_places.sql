-- Every place, as styx.optimizer.places judged it; `extra_micro` is what disks and addresses cost there in an hour, at
-- the dearest known where that is not known.
CREATE OR REPLACE TEMP TABLE judged_places AS
SELECT
    unnest($places) AS place, unnest($masks) AS mask, unnest($extras_micro) AS extra_micro,
    unnest($extras_known) AS extra_known
