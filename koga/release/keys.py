"""Signing keys: Ed25519, written as signed notes write them (C2SP signed-note).

The public key is one line, `name+id+key`; it belongs in the gazette, on paper and anywhere else
than beside the release. The private key is one line in a file that only its owner may read.
"""

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from koga.core.problems import Problem, Refusal

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The key releases are verified with.

    name: who signs, as every checkpoint names them; also the origin of the log.
    key: 32 bytes.
    """

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + _ED25519 + self.key
        return hashlib.sha256(named).digest()[:4]

    @property
    def text(self) -> str:
        """The key as one line."""
        return f"{self.name}+{self.id.hex()}+{encode(_ED25519 + self.key)}"

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Whether a signature over some bytes is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, content)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key a release is signed with; `seed` is the secret and is never printed."""

    public: PublicKey
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.public.name})"

    @property
    def text(self) -> str:
        """The secret as one line, for its file alone."""
        return f"{_PRIVATE}{self.public.name}+{self.public.id.hex()}+{encode(_ED25519 + self.seed)}"

    def sign(self, content: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(content)


def encode(content: bytes) -> str:
    """Bytes in base64."""
    return base64.b64encode(content).decode()


def decode(text: str) -> bytes:
    """Bytes from base64 in its one canonical spelling; ValueError for any other."""
    content = base64.b64decode(text, validate=True)
    if encode(content) != text:
        raise binascii.Error("not canonical base64")
    return content


def from_seed(name: str, seed: bytes) -> SigningKey:
    """The key pair of a 32-byte secret; a `Refusal` for a name that notes cannot carry."""
    if not _NAME.fullmatch(name):
        raise Refusal(Problem("release.key_name", "name", name))
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return SigningKey(PublicKey(name, private.public_key().public_bytes_raw()), seed)


def new_key(private_file: Path, *, name: str) -> SigningKey:
    """Make a key: the secret in `private_file` (owner only), the public line in `….pub` beside it.

    A file that exists is never written over.
    """
    key = from_seed(name, os.urandom(32))
    public_file = public_path(private_file)
    taken = [path for path in (private_file, public_file) if os.path.lexists(path)]
    if taken:
        raise Refusal([Problem("release.key_exists", "key", str(path)) for path in taken])
    private_file.parent.mkdir(parents=True, exist_ok=True)
    _write_new(private_file, key.text, 0o600)
    _write_new(public_file, key.public.text, 0o644)
    return key


def public_path(private_file: Path) -> Path:
    """Where the public line of a private key file lies."""
    return private_file.with_name(private_file.name + ".pub")


def load(private_file: Path) -> SigningKey:
    """The signing key of a file; a `Refusal` where there is none."""
    line = _line(private_file)
    name, _, rest = line.removeprefix(_PRIVATE).partition("+")
    stated, _, secret = rest.partition("+")
    try:
        content = decode(secret)
        key = from_seed(name, content[1:])
    except (ValueError, Refusal):
        raise Refusal(Problem("release.key_private", "key", str(private_file))) from None
    if not line.startswith(_PRIVATE) or content[:1] != _ED25519 or stated != key.public.id.hex():
        raise Refusal(Problem("release.key_private", "key", str(private_file)))
    return key


def load_public(given: str | Path) -> PublicKey:
    """The public key of a file, or of the line itself; a `Refusal` where it is neither."""
    if isinstance(given, str) and given.count("+") >= 2 and not Path(given).exists():
        return parse_public(given)
    return parse_public(_line(Path(given)), str(given))


def parse_public(text: str, where: str = "public key") -> PublicKey:
    """The public key written as one line; its id must be the one its bytes give."""
    line = text.strip()
    try:
        name, stated, encoded = line.split("+", 2)
        content = decode(encoded)
    except ValueError:
        raise Refusal(Problem("release.key_public", where, line)) from None
    key = PublicKey(name, content[1:])
    sound = _NAME.fullmatch(name) and len(content) == 33 and content[:1] == _ED25519
    if not sound or stated != key.id.hex():
        raise Refusal(Problem("release.key_public", where, line))
    return key


def _line(path: Path) -> str:
    try:
        with path.open("rb") as source:
            content = source.read(4096)
    except (OSError, ValueError):
        raise Refusal(Problem("release.key_missing", "key", str(path))) from None
    return content.decode("utf-8", "replace").strip()


def _write_new(path: Path, line: str, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(line + "\n")
        target.flush()
        os.fsync(handle)
