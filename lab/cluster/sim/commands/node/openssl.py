"""openssl: prints the owner of a certificate of the control plane. The simulator has no real certificates."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["openssl"]

_PKI = "/etc/kubernetes/pki"
#: Subjects as kubeadm makes them.
_SUBJECTS = {f"{_PKI}/ca.crt": "CN = kubernetes", f"{_PKI}/apiserver.crt": "CN = kube-apiserver"}


async def openssl(call: Call) -> int:
    """Print the subject or the issuer of a certificate; the cluster's CA has signed all of them."""
    words = list(call.argv)
    path = words[words.index("-in") + 1] if "-in" in words[:-1] else ""
    asked = {word for word in words[1:] if word not in {"-in", path}}
    if words[:1] != ["x509"] or asked not in ({"-noout", "-subject"}, {"-noout", "-issuer"}) or not path:
        return await call.fail(NotSimulated(f"openssl {' '.join(words)}").message)
    text = call.files.get(call.path(path))
    known = call.world.control_plane.files
    for name, subject in _SUBJECTS.items():
        if text and text == known.get(name):
            await call.line("issuer=CN = kubernetes" if "-issuer" in asked else f"subject={subject}")
            return 0
    return await call.fail(NotSimulated(f"openssl x509 -in {path}").message)
