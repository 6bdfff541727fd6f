"""etcd's users and roles, which authentication would use if it were on."""

from dataclasses import dataclass, field

__all__ = ["Access", "Permission"]


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """A role's permission for a key, or for the keys from `key` to `end`."""

    key: str
    end: str
    #: `read`, `write` or `readwrite`.
    kind: str


@dataclass(slots=True)
class Access:
    """Users with their roles, and roles with their permissions."""

    revision: int = 1
    users: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, list[Permission]] = field(default_factory=dict)

    def allow(self, role: str, permission: Permission) -> None:
        """Give `role` a permission, in place of its permission for the same keys."""
        self.withdraw(role, permission.key, permission.end)
        self.roles[role] = sorted([*self.roles[role], permission])

    def withdraw(self, role: str, key: str, end: str) -> bool:
        """Take the permission for these keys from `role`; return whether it had one."""
        left = [each for each in self.roles[role] if (each.key, each.end) != (key, end)]
        had = len(left) < len(self.roles[role])
        self.roles[role] = left
        return had

    def forget(self, role: str) -> None:
        """Remove a role, also from its users."""
        del self.roles[role]
        for roles in self.users.values():
            if role in roles:
                roles.remove(role)
