"""The data flow, one module per layer: raw, warehouse, published."""
