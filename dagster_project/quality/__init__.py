"""What must hold in a table, and whether it does; plain Python that never imports Dagster."""
