"""Programs of a node's system, each in a module of its name: curl, ip, ps, systemctl, ..."""
