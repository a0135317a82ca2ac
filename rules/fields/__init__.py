"""The fields that rules can look at, in one visible table: `rules.fields.table.FIELDS`."""
