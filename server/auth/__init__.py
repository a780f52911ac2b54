"""Authentication: access tokens, signing keys, passwords, PINs, and private files."""
