"""Printed documents, rendered from records and never from live rows."""
