-- An accelerator under another of its names gets the one that users know.
UPDATE offers SET accelerator = a.name FROM aliases a
WHERE a.alias = lower(offers.accelerator) AND a.name <> offers.accelerator
