"""A simulated B2B software company: its exports as real vendors would deliver them, and the truth behind them.

Here lives everything that invents data. Nothing here may read the pipeline, its formulas, seeds or tables: the
latent variables are the simulator's own, so that the pipeline can be judged against them. How an export is read
belongs in `sources.yml`; what is computed from it belongs in `dbt/`.

    python -m examples.sample_company --accounts 200 --days 120 --seed 1 --out data/sample

writes `exports/` (one folder per vendor, below it one per day of arrival), `sources.yml` with its event catalogue, and
`truth/`, which no pipeline may read: `accounts.csv` (archetypes, latents, labels with and without noise, churn),
`mrr.csv` (month ends), `usage_monthly.csv` (use as it happened), `planted.csv` (every incident and bad row).
"""
