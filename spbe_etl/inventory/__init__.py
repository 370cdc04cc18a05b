"""The second half of what OPD fill in: their architecture (six domains) and roadmap, as inventories of objects."""
