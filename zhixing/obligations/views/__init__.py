"""Pages of standings, the ledger, policies and exemptions."""
