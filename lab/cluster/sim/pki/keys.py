"""RSA and EC keys from seeded random numbers: the same seed gives the same keys.

To search for primes takes up to a second for each key. So the primes of RSA keys come from a file of this package.
Such keys are real to every program, and secret from nobody: they guard nothing outside of the simulator.
"""

import functools
import math
import random
from importlib.resources import files as resources

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

__all__ = ["SIZES", "Keyring", "PrivateKey", "ec_key", "private_pem", "public_pem", "rsa_key"]

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

#: The sizes of RSA keys in bits.
SIZES = (2048, 4096)
_EXPONENT = 65537


@functools.cache
def _primes(bits: int) -> tuple[int, ...]:
    """Return the primes of `bits` bits."""
    text = (resources("lab.cluster.sim") / "data" / "primes.txt").read_text(encoding="ascii")
    found = (int(line, 16) for line in text.split())
    return tuple(prime for prime in found if prime.bit_length() == bits)


def _of(p: int, q: int) -> rsa.RSAPrivateKey:
    p, q = max(p, q), min(p, q)
    # Of the two usual exponents, Go chooses the smaller one.
    private = pow(_EXPONENT, -1, math.lcm(p - 1, q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, private, private % (p - 1), private % (q - 1), pow(q, -1, p), public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def rsa_key(source: random.Random, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key of one of `SIZES`."""
    return _of(*source.sample(_primes(bits // 2), 2))


def ec_key(source: random.Random, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Return a key on `curve`, or on P-256."""
    curve = curve or ec.SECP256R1()
    return ec.derive_private_key(source.getrandbits(curve.key_size - 1) + 1, curve)


class Keyring:
    """The keys of one new cluster: no two are equal."""

    def __init__(self, seed: str) -> None:
        self.source = random.Random(seed)  # noqa: S311 -- see above
        self._primes = list(_primes(1024))
        self.source.shuffle(self._primes)

    def rsa(self) -> rsa.RSAPrivateKey:
        """Return the next RSA key of 2048 bits."""
        if len(self._primes) < 2:
            return rsa_key(self.source)
        return _of(self._primes.pop(), self._primes.pop())

    def serial(self) -> int:
        """Return the serial number of a certificate, as Go programs choose it."""
        return self.source.randrange(1, 2**63 - 1)


def private_pem(key: PrivateKey, *, pkcs8: bool = False) -> str:
    """Return a private key in the form of Go programs, or as openssl writes it (`pkcs8`)."""
    form = PrivateFormat.PKCS8 if pkcs8 else PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    """Return a public key."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
