"""How long the pipeline takes, as ratios within one run: `make bench`. Nothing here is asserted.

The work measured is the shipped work (`dagster_project/`, `dbt/`) on the exports of the simulated company.
"""
