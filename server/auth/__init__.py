"""Sign-in and secrets: access tokens, signing keys, passwords, PINs, private files."""
