"""Example companies: code that makes inputs for the pipeline, never code that the pipeline imports."""
