"""customer-segments: product usage, billing and NPS in; audited daily customer tables out."""
