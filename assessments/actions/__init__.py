"""The only writers. Each action checks, changes and records one audit event in one transaction."""
