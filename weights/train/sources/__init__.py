"""One module a source of texts; catalogue.py says which Debian package and licence each comes from."""
