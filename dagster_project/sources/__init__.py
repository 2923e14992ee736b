"""How to speak to files: mapping, casting, the ledger. Nothing here imports Dagster."""
