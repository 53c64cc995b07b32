"""Where Flask enters: rooms, forms, the signed-in browser, errors, headers, rendering and static files."""
