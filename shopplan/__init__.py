"""shopplan turns a shop's sales and spend history and its goals into a live, defensible operating plan."""
