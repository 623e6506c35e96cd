"""Files made from a revision's plain data, one module a format. They read no database."""
