"""Flags that several of kubectl's subcommands share: as typed -> the flag's name."""

__all__ = [
    "CREATE",
    "CREATE_SWITCHES",
    "DRY",
    "EVERYWHERE",
    "GLOBAL",
    "GLOBAL_SWITCHES",
    "IN_POD",
    "IN_POD_SWITCHES",
    "SELECT",
    "WRITE",
    "WRITE_SWITCHES",
]

GLOBAL = {
    "-n": "namespace",
    "--namespace": "namespace",
    "--request-timeout": "request-timeout",
    "--kubeconfig": "kubeconfig",
    "--context": "context",
    "--as": "as",
    "--as-group": "as-group",
    "-v": "verbose",
    "--v": "verbose",
    "--cluster": "cluster",
    "--user": "user",
    "-s": "server",
    "--server": "server",
    "--cache-dir": "cache-dir",
}
GLOBAL_SWITCHES = {"--insecure-skip-tls-verify": "insecure", "--warnings-as-errors": "warnings-as-errors",
                    "-h": "help", "--help": "help"}  # fmt: skip
SELECT = {"-l": "selector", "--selector": "selector", "--field-selector": "field-selector", "-f": "filename",
           "--filename": "filename", "-o": "output", "--output": "output", "-k": "kustomize",
           "--kustomize": "kustomize"}  # fmt: skip
EVERYWHERE = {"-A": "all-namespaces", "--all-namespaces": "all-namespaces", "--all": "all", "-R": "recursive",
               "--recursive": "recursive", "--local": "local"}  # fmt: skip
DRY = {"--dry-run": "dry-run:unchanged"}
WRITE = {**SELECT, "--field-manager": "field-manager", "--template": "template"}
WRITE_SWITCHES = {
    **EVERYWHERE,
    "--validate": "validate",
    "--save-config": "save-config",
    "--overwrite": "overwrite",
    "--show-managed-fields": "show-managed-fields",
    "--force-conflicts": "force-conflicts",
}
CREATE = {
    "--image": "image",
    "--replicas": "replicas",
    "--port": "port",
    "--from-literal": "from-literal",
    "--from-file": "from-file",
    "--from-env-file": "from-env-file",
    "--node-port": "node-port",
    "--external-name": "external-name",
    "--raw": "raw",
    "--tcp": "tcp",
    "--type": "type",
    "--clusterip": "clusterip",
    "-r": "replicas",
    "--verb": "verb",
    "--resource": "resource",
    "--clusterrole": "clusterrole",
    "--role": "role",
    "--serviceaccount": "serviceaccount",
    "--user": "user",
    "--group": "group",
    "--duration": "duration",
    "--resource-name": "resource-name",
    "--schedule": "schedule",
    "--restart": "restart",
    "--rule": "rule",
    "--class": "class",
    "--hard": "hard",
    "--min-available": "min-available",
    "--max-unavailable": "max-unavailable",
    "--value": "value",
    "--description": "description",
    "--preemption-policy": "preemption-policy",
    "--cert": "cert",
    "--key": "key",
    "--docker-username": "docker-username",
    "--docker-password": "docker-password",
    "--docker-email": "docker-email",
    "--docker-server": "docker-server",
}
CREATE_SWITCHES = {"--global-default": "global-default"}
IN_POD = {"-c": "container", "--container": "container"}
IN_POD_SWITCHES = {
    "-i": "stdin",
    "--stdin": "stdin",
    "-t": "tty",
    "--tty": "tty",
    "-q": "quiet",
    "--quiet": "quiet",
}
