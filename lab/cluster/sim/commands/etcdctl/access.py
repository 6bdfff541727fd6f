"""etcdctl user, role, auth: rights that would apply if authentication were on."""

from typing import Any

from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.api.etcd_access import Permission
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import BAD_ARGS, Client
from lab.cluster.sim.commands.etcdctl.printing import coded, fields_header, header, show

__all__ = ["auth", "role", "user"]

_PRECONDITION = "FailedPrecondition"
_NO_USER = "etcdserver: user name not found"
_NO_ROLE = "etcdserver: role name not found"
_KINDS = {"read": 0, "write": 1, "readwrite": 2}
_METHODS = {
    "user add": "UserAdd", "user delete": "UserDelete", "user get": "UserGet", "user list": "UserList",
    "user passwd": "UserChangePassword", "user grant-role": "UserGrantRole", "user revoke-role": "UserRevokeRole",
    "role add": "RoleAdd", "role delete": "RoleDelete", "role get": "RoleGet", "role list": "RoleList",
    "role grant-permission": "RoleGrantPermission", "role revoke-permission": "RoleRevokePermission",
    "auth status": "AuthStatus", "auth enable": "AuthEnable", "auth disable": "AuthDisable",
}  # fmt: skip
#: Number of words that a command takes, and its message for any other number.
_WORDS = {
    "user add": (1, 1, "user add command requires user name as its argument"),
    "user delete": (1, 1, "user delete command requires user name as its argument"),
    "user get": (1, 1, "user get command requires user name as its argument"),
    "user list": (0, 0, "user list command requires no arguments"),
    "user passwd": (1, 1, "user passwd command requires user name as its argument"),
    "user grant-role": (2, 2, "user grant command requires user name and role name as its argument"),
    "user revoke-role": (2, 2, "user revoke-role requires user name and role name as its argument"),
    "role add": (1, 1, "role add command requires role name as its argument"),
    "role delete": (1, 1, "role delete command requires role name as its argument"),
    "role get": (1, 1, "role get command requires role name as its argument"),
    "role list": (0, 0, "role list command requires no arguments"),
    "role grant-permission": (
        3, 99, "role grant command requires role name, permission type, and key [endkey] as its argument"
    ),
    "role revoke-permission": (
        2, 99, "role revoke-permission command requires role name and key [endkey] as its argument"
    ),
    "auth status": (0, 0, "auth status command does not accept any arguments"),
    "auth enable": (0, 0, "auth enable command does not accept any arguments"),
    "auth disable": (0, 0, "auth disable command does not accept any arguments"),
}  # fmt: skip


def _counted(client: Client) -> None:
    least, most, told = _WORDS[client.command]
    if not least <= len(client.words) <= most:
        raise client.usage(told)


async def _ask(client: Client) -> Etcd:
    return await client.etcd(f"Auth/{_METHODS[client.command]}", patient=not client.command.startswith("auth"))


async def _refused(client: Client, told: str) -> Exit:
    return await client.refused(f"Auth/{_METHODS[client.command]}", _PRECONDITION, told)


async def _told(client: Client, etcd: Etcd, line: str, **more: object) -> int:
    """Print the answer to a change."""
    etcd.index += 1
    etcd.access.revision += 1
    await show(client, simple=[line], fields=fields_header(client, etcd), data={"header": header(etcd), **more})
    return 0


async def user(client: Client) -> int:  # noqa: C901, PLR0911 -- one case for each command
    """Print users, or change them."""
    _counted(client)
    what = client.command.split()[1]
    name = client.words[0] if client.words else ""
    if what == "add":
        name = await _named(client)
    elif what == "passwd" and client.flags.on("interactive", default=True):
        raise NotSimulated("etcdctl user passwd without --interactive=false")
    etcd = await _ask(client)
    users = etcd.access.users
    if what == "list":
        data: dict[str, Any] = {"header": header(etcd), **({"users": sorted(users)} if users else {})}
        await show(client, simple=sorted(users), data=data)
        return 0
    if what == "add":
        if name in users:
            raise await _refused(client, "etcdserver: user name already exists")
        users[name] = []
        return await _told(client, etcd, f"User {name} created")
    if name not in users:
        raise await _refused(client, _NO_USER)
    match what:
        case "get":
            return await _user(client, etcd, name)
        case "delete":
            del users[name]
            return await _told(client, etcd, f"User {name} deleted")
        case "passwd":
            return await _told(client, etcd, "Password updated")
    role_ = client.words[1]
    if what == "grant-role":
        if role_ not in etcd.access.roles and role_ != "root":
            raise await _refused(client, _NO_ROLE)
        users[name] = sorted({*users[name], role_})
        return await _told(client, etcd, f"Role {role_} is granted to user {name}")
    if role_ not in users[name]:
        raise await _refused(client, "etcdserver: role is not granted to the user")
    users[name].remove(role_)
    return await _told(client, etcd, f"Role {role_} is revoked from user {name}")


async def _named(client: Client) -> str:
    """Return the name of the new user; the password comes from the words or a flag."""
    word = client.words[0]
    if client.flags.on("no-password") or client.flags.get("new-user-password"):
        return word
    name, colon, _ = word.partition(":")
    if not colon and client.flags.on("interactive", default=True):
        raise NotSimulated("etcdctl user add that asks for a password")
    if not name:
        raise Exit(BAD_ARGS, "Error: empty user name is not allowed")
    return name


async def _user(client: Client, etcd: Etcd, name: str) -> int:
    roles = etcd.access.users[name]
    if client.flags.on("detail"):
        await client.call.line(f"User: {name}")
        for each in roles:
            await client.call.line()
            await _role(client, etcd, each)
        return 0
    data: dict[str, Any] = {"header": header(etcd), **({"roles": roles} if roles else {})}
    await show(client, simple=[f"User: {name}", "".join(["Roles:", *(f" {each}" for each in roles)])], data=data)
    return 0


async def role(client: Client) -> int:
    """Print roles, or change them."""
    _counted(client)
    what = client.command.split()[1]
    if what == "grant-permission" and client.words[1].lower() not in _KINDS:
        raise client.usage(f"invalid permission type: {client.words[1]}")
    keys = _keys(client) if what.endswith("permission") else ("", "")
    etcd = await _ask(client)
    access = etcd.access
    if what == "list":
        names = sorted(access.roles)
        fields = [*fields_header(client, etcd), " ".join(['"Roles" :', *(f'"{name}"' for name in names)])]
        data = {"header": header(etcd), **({"roles": names} if names else {})}
        await show(client, simple=names, fields=fields, data=data)
        return 0
    name = client.words[0]
    if what == "add":
        if name in access.roles:
            raise await _refused(client, "etcdserver: role name already exists")
        access.roles[name] = []
        return await _told(client, etcd, f"Role {name} created")
    if name not in access.roles:
        raise await _refused(client, _NO_ROLE)
    match what:
        case "get":
            return await _role(client, etcd, name)
        case "delete":
            access.forget(name)
            return await _told(client, etcd, f"Role {name} deleted")
        case "grant-permission":
            access.allow(name, Permission(*keys, client.words[1].lower()))
            return await _told(client, etcd, f"Role {name} updated")
    if not access.withdraw(name, *keys):
        raise await _refused(client, "etcdserver: permission is not granted to the role")
    key, end = client.words[1], keys[1]
    where = f"key {key}" if not end else f"range [{key}, {end})" if end != "\0" else f"range [{key}, <open ended>"
    return await _told(client, etcd, f"Permission of {where} is revoked from role {name}")


def _keys(client: Client) -> tuple[str, str]:
    """Return the key of a permission, and the end of its range if it has one."""
    words = client.words[2:] if client.command == "role grant-permission" else client.words[1:]
    prefix, onward = client.flags.on("prefix"), client.flags.on("from-key")
    if prefix and onward:
        raise client.usage("--from-key and --prefix flags are mutually exclusive")
    if not words[0]:
        return "\0", "\0" if prefix or onward else ""
    if len(words) > 1:
        if prefix or onward:
            raise client.usage(f"unexpected endkey argument with --{'prefix' if prefix else 'from-key'} flag")
        return words[0], words[1]
    if onward:
        return words[0], "\0"
    return words[0], _after(words[0]) if prefix else ""


def _after(prefix: str) -> str:
    """Return the first key after all keys that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


async def _role(client: Client, etcd: Etcd, name: str) -> int:
    permissions = etcd.access.roles.get(name, [])
    lines = [f"Role {name}"]
    for title, kind in (("KV Read:", "read"), ("KV Write:", "write")):
        lines.append(title)
        lines += [f"\t{_range(each)}" for each in permissions if each.kind in {kind, "readwrite"}]
    shown = [
        {
            **({"permType": _KINDS[each.kind]} if each.kind != "read" else {}),
            "key": coded(each.key),
            **({"range_end": coded(each.end)} if each.end else {}),
        }
        for each in permissions
    ]
    data = {"header": header(etcd), **({"perm": shown} if shown else {})}
    fields = list(fields_header(client, etcd))
    for each in permissions:
        fields += [f'"PermType" :  {each.kind.upper()}', f'"Key" : "{each.key}"', f'"RangeEnd" : "{each.end}"']
    await show(client, simple=lines, fields=fields, data=data)
    return 0


def _range(permission: Permission) -> str:
    key, end = permission.key, permission.end
    if not end:
        return key
    shown = f"[{key}, {end})" if end != "\0" else f"[{key}, <open ended>"
    return f"{shown} (prefix {key})" if key.strip("\0") and end == _after(key) else shown


async def auth(client: Client) -> int:
    """Report whether authentication is on; turning it on is not simulated."""
    _counted(client)
    etcd = await _ask(client)
    what = client.command.split()[1]
    if what == "enable":
        if "root" not in etcd.access.users:
            raise await _refused(client, "etcdserver: root user does not exist")
        raise NotSimulated("etcdctl auth enable")
    if what == "disable":
        await client.call.line("Authentication Disabled")
        return 0
    revision = etcd.access.revision
    lines = ["Authentication Status: false", f"AuthRevision: {revision}"]
    await show(client, simple=lines, data={"header": header(etcd), "authRevision": revision})
    return 0
