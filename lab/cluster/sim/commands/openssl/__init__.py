"""openssl: keys, requests, certificates, chains, and the certificates of servers.

Begin with `main`; each subcommand has a module of its own. It imports the package `pki` for all that is no text.
"""
