"""Forms validate and clean what was typed. They never save."""
